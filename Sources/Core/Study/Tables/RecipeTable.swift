/// Rows of other recipes than the main one, usually `paper`, each beside the same strategy under it.
enum RecipeTable {
  /// Nil where the study has one recipe.
  static func table(_ study: StudyTables, _ cohort: StudyCohort) -> Table? {
    let main = study.mainRecipe
    let families = study.families.filter { $0.place == .recipe }
    guard !families.isEmpty else { return nil }
    let heads = ["Held-out Dice", "Dice under \(main)", "Difference", "p against \(main) (Holm)"]
    let words = ["Recipe", "Strategy"].map { Table.Column(head: $0, isNumber: false) }
    var table = Table(
      title: "Other recipes beside \(main)", columns: words + heads.map { Table.Column(head: $0) } + RowFigures.columns,
      rows: families.flatMap { family in
        family.rows.map { row in
          let shared = study.row(row.key.strategy, main).map { row.shared(with: $0) }
          return [
            row.key.recipe, StrategyWords(row.key.strategy).name, percent(row.heldOutDice),
            percent(shared?.reference.dice), percentagePoints(shared?.row.dice, minus: shared?.reference.dice),
            study.againstMain[row.key].words(reference: main),
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
      "Difference: percentage points of Dice, this recipe minus \(main), of the seeds that both have, as is the Dice under "
        + "\(main).")
    table.notes += families.flatMap(\.rows).map(\.key.strategy).withoutRepeats.compactMap {
      choice(of: $0, study, cohort)
    }
    return table
  }

  /// Held-out people below whom nothing is chosen by them: what is best for one or two is chance.
  private static let enoughPeople = 3

  /// What the held-out scans would choose: test images may not choose what they judge. A recipe that chose its threshold
  /// by them is none to choose, for it cannot be worse there than without.
  private static func choice(of strategy: String, _ study: StudyTables, _ cohort: StudyCohort) -> String? {
    let people = Set(cohort.holdout.map(\.subject)).count
    let rows = study.rows.filter {
      $0.key.strategy == strategy && !RecipeWords($0.key.recipe).words.contains("calibrate")
    }
    let judged = rows.compactMap { row in row.heldOutDice.map { (row: row, dice: $0) } }
    guard people >= enoughPeople, judged.count > 2, Set(rows.map { Set($0.seeds) }).count == 1,
      let highest = judged.map(\.dice).max()
    else { return nil }
    let best = judged.filter { percent($0.dice) == percent(highest) }.map(\.row)
    let fallen = rows.filter { $0.heldOutDice == nil }.map(\.key.recipe)
    return
      "By the Dice of \(people) held-out people, who may choose as test images may not, \(StrategyWords(strategy).name) is "
      + "best under \(best.map(\.key.recipe).joined(separator: " and ")): \(percent(highest))\(best.count > 1 ? " alike" : ""); on "
      + "test images \(best.map { percent($0.dice) }.joined(separator: " and "))."
      + (fallen.isEmpty ? "" : " Trainings came to nothing under \(fallen.joined(separator: ", ")): none to choose.")
  }
}
