import Evaluation

/// How good pseudo-labels were, step by step, against the truth that no training saw.
enum PseudoLabelTable {
  /// Nil where no truth of the pool is known, or nothing was labelled.
  static func table(_ study: StudyTables) -> Table? {
    let rows = study.rows.filter { $0.labels.contains { $0.dice?.finite != nil } }
    guard !rows.isEmpty else { return nil }
    let steps = Set(rows.flatMap(\.labels).map(\.step)).sorted()
    return Table(
      title: "Pseudo-labels against the hidden truth",
      columns: [Table.Column(head: "Strategy", isNumber: false)] + ["Seeds", "Scans"].map { Table.Column(head: $0) }
        + steps.map { Table.Column(head: "Dice, step \($0)") }
        + ["Dice", "SD over seeds", "Precision", "Sensitivity"].map { Table.Column(head: $0) },
      rows: rows.map { row in
        let bySeed = row.runs.map { $0.selections.compactMap { $0.dice?.finite } }.filter { !$0.isEmpty }
        return [row.label(mainRecipe: study.mainRecipe), "\(bySeed.count)", span(bySeed.map(\.count))]
          + steps.map { step in percent(row.labels.filter { $0.step == step }.meanDice) }
          + [
            percent(row.labels.meanDice), percent(sampleDeviation(bySeed.compactMap(mean))),
            percent(mean(row.labels.compactMap { $0.precision?.finite })),
            percent(mean(row.labels.compactMap { $0.sensitivity?.finite })),
          ]
      },
      notes: [
        "Means over the scans that were labelled and seeds, percent; a label that is drawn anew counts as it was drawn last. "
          + "Networks of later steps differ between strategies: what nearness itself tells is in another table."
      ])
  }
}

extension StudyRow {
  /// Pseudo-labels of all seeds.
  fileprivate var labels: [StudyRun.Selection] { runs.flatMap(\.selections) }
}

extension [StudyRun.Selection] {
  /// Of those whose truth is known; nil where none is.
  var meanDice: Double? { mean(compactMap { $0.dice?.finite }) }
}
