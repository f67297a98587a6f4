/// Rows of other recipes than the main one, usually `paper`, each beside the same strategy under a simpler recipe.
enum RecipeTable {
  /// Nil where the study has one recipe.
  static func table(_ study: StudyTables) -> Table? {
    let families = study.families.filter { $0.place == .recipe }
    guard !families.isEmpty else { return nil }
    let heads = ["Held-out Dice", "Dice there", "Difference", "p (Holm)"].map { Table.Column(head: $0) }
    let words = ["Recipe", "Strategy", "Beside"].map { Table.Column(head: $0, isNumber: false) }
    var table = Table(
      title: "Other recipes beside \(study.mainRecipe)", columns: words + heads + RowFigures.columns,
      rows: families.flatMap { family in
        family.rows.map { row in
          let comparison = study.againstSimpler[row.key]
          let beside = comparison?.reference.flatMap { study.row($0.strategy, $0.recipe) }
          return [
            row.key.recipe, StrategyWords(row.key.strategy).name, beside?.key.recipe ?? noNumber,
            percent(row.heldOutDice), percent(beside?.dice), percentagePoints(row.dice, minus: beside?.dice),
            comparison.words(reference: study.mainRecipe),
          ] + RowFigures(row, in: family).cells
        }
      })
    // The best of each recipe: rows of different recipes are told apart by the difference and its p.
    var firstRow = 0
    for family in families {
      RowFigures.rank(&table, family, from: words.count + heads.count, firstRow: firstRow)
      firstRow += family.rows.count
    }
    table.notes.append(
      "Each recipe stands beside one that lacks its last word where the study has that, else beside \(study.mainRecipe). "
        + "Difference: percentage points of Dice, the recipe minus the one beside it; p is of that difference.")
    table.notes += families.flatMap(\.rows).map(\.key.strategy).withoutRepeats.compactMap { choice(of: $0, study) }
    return table
  }

  /// What the held-out scans would choose: test images may not choose what they judge.
  private static func choice(of strategy: String, _ study: StudyTables) -> String? {
    let rows = study.rows.filter { $0.key.strategy == strategy }
    let judged = rows.compactMap { row in row.heldOutDice.map { (row: row, dice: $0) } }
    guard judged.count > 2, judged.count == rows.count, Set(rows.map { Set($0.seeds) }).count == 1,
      let best = judged.max(by: { $0.dice < $1.dice })
    else { return nil }
    return
      "By held-out Dice, which may choose as test images may not, \(StrategyWords(strategy).name) is best under "
      + "\(best.row.key.recipe): \(percent(best.dice)); on test images \(percent(best.row.dice))."
  }
}
