/// The rows of a study beside the same rows of another that judged the same test images: another budget, another pool, more
/// labels.
enum BesideTable {
  /// Nil where the two have no row in common.
  static func table(_ study: StudyTables, beside other: StudyRecord) -> Table? {
    let order = other.cohort.test.map(\.name)
    let others = StudyTables(other)
    var (rows, there): ([StudyRow], [StudyRow.Key: StudyRow]) = ([], [:])
    for row in study.rows {
      guard let beside = others.row(row.key.strategy, row.key.recipe) else { continue }
      let seeds = Set(row.seeds).intersection(beside.seeds)
      guard !seeds.isEmpty else { continue }
      func common(_ row: StudyRow, _ key: StudyRow.Key) -> StudyRow {
        StudyRow(key: key, runs: row.runs.filter { seeds.contains($0.seed) }, order: order)
      }
      rows.append(common(row, row.key))
      // Told apart from the same row here.
      there[row.key] = common(beside, StudyRow.Key(strategy: row.key.strategy, recipe: row.key.recipe + ", there"))
    }
    guard !rows.isEmpty else { return nil }
    let comparisons = StudyComparison.family(of: rows, expecting: .row) { there[$0.key] }
    let cohort = other.cohort
    return Table(
      title: "Beside the study of \(cohort.name): \(cohort.labeled.count) labeled, "
        + "\(cohort.unlabeled.count) unlabeled, \(other.budget.optimizerSteps) optimizer steps",
      columns: ["Strategy", "Recipe"].map { Table.Column(head: $0, isNumber: false) }
        + ["Seeds", "Dice there", "Dice", "Difference", "p (Holm)"].map { Table.Column(head: $0) },
      rows: rows.map { row in
        let beside = there[row.key]
        return [
          StrategyWords(row.key.strategy).name, row.key.recipe, "\(row.seeds.count)", percent(beside?.dice),
          percent(row.dice), percentagePoints(row.dice, minus: beside?.dice),
          comparisons[row.key].words(reference: noNumber),
        ]
      },
      notes: [
        "Of the seeds that both have. Difference: percentage points of Dice, here minus there; p is of that difference, over "
          + "the test images."
      ]
    )
  }
}

/// A difference of shares in percentage points, with its sign.
func percentagePoints(_ share: Double?, minus other: Double?) -> String {
  guard let share, let other else { return noNumber }
  let points = ((share - other) * 100).figure(2)
  return share > other && !points.hasPrefix("-") && points != "0.00" ? "+" + points : points
}
