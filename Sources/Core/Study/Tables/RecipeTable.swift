/// Rows of other recipes beside the same strategy under the main one, usually `paper`.
enum RecipeTable {
  /// Nil where the study has one recipe.
  static func table(_ study: StudyTables) -> Table? {
    let main = study.mainRecipe
    let families = study.families.filter { $0.place == .recipe }
    guard !families.isEmpty else { return nil }
    let heads = ["Dice under \(main)", "Difference", "p against \(main) (Holm)"].map { Table.Column(head: $0) }
    var table = Table(
      title: "Other recipes beside \(main)",
      columns: ["Recipe", "Strategy"].map { Table.Column(head: $0, isNumber: false) } + heads + RowFigures.columns,
      rows: families.flatMap { family in
        family.rows.map { row in
          let beside = study.row(row.key.strategy, main)
          let comparison = [
            percent(beside?.dice), difference(row.dice, beside?.dice),
            study.againstMain[row.key].words(reference: main),
          ]
          return [row.key.recipe, StrategyWords(row.key.strategy).name] + comparison
            + RowFigures(row, in: family).cells
        }
      })
    // The best of each recipe: rows of different recipes are told apart by the difference and its p.
    var firstRow = 0
    for family in families {
      RowFigures.rank(&table, family, from: 2 + heads.count, firstRow: firstRow)
      firstRow += family.rows.count
    }
    table.notes.append("Difference: percentage points of Dice, this recipe minus \(main).")
    return table
  }

  private static func difference(_ dice: Double?, _ other: Double?) -> String {
    guard let dice, let other else { return noNumber }
    let points = ((dice - other) * 100).figure(2)
    return dice > other && !points.hasPrefix("-") && points != "0.00" ? "+" + points : points
  }
}
