/// Rows of other recipes beside the same strategy under the main one, usually `paper`.
enum RecipeTable {
  /// Nil where the study has one recipe.
  static func table(_ study: StudyTables) -> Table? {
    let main = study.mainRecipe
    let rows = study.rows.filter { $0.key.recipe != main }
    // Recipe by recipe, each in the order of its first run.
    let recipes = rows.map(\.key.recipe).withoutRepeats
    let sorted = recipes.flatMap { recipe in rows.filter { $0.key.recipe == recipe } }
    guard !sorted.isEmpty else { return nil }
    let heads = ["Dice under \(main)", "Difference", "p against \(main) (Holm)"].map { Table.Column(head: $0) }
    var table = Table(
      title: "Other recipes beside \(main)",
      columns: ["Recipe", "Strategy"].map { Table.Column(head: $0, isNumber: false) } + heads + RowFigures.columns,
      rows: sorted.map { row in
        let beside = study.row(row.key.strategy, main)
        let comparison = [
          percent(beside?.dice), difference(row.dice, beside?.dice), study.againstMain[row.key].words(reference: main),
        ]
        return [row.key.recipe, StrategyWords(row.key.strategy).name] + comparison + RowFigures(row, of: study).cells
      })
    let first = 2 + heads.count
    // The best of each recipe: rows of different recipes are told apart by the difference and its p.
    for recipe in recipes {
      let inRecipe = { (row: StudyRow) in row.key.recipe == recipe }
      let marks = [\StudyRow.dice, \StudyRow.precision.mean, \StudyRow.sensitivity.mean]
      for (offset, path) in marks.enumerated() {
        table.rank(column: first + offset, by: sorted.map { inRecipe($0) ? $0[keyPath: path] : nil })
      }
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
