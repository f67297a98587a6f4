import Evaluation

/// How good pseudo-labels were, step by step, against the truth that no training saw.
enum PseudoLabelTable {
  /// Nil where no truth of the pool is known, or nothing was labelled.
  static func table(_ study: StudyTables) -> Table? {
    let rows = study.rows.filter { $0.labels.contains { $0.dice?.finite != nil } }
    guard let last = rows.flatMap(\.labels).map(\.step).max() else { return nil }
    let steps = Array(1...max(1, last))
    return Table(
      title: "Pseudo-labels against the hidden truth",
      columns: [Table.Column(head: "Strategy", isNumber: false), Table.Column(head: "Seeds")]
        + steps.map { Table.Column(head: "Dice, step \($0)") }
        + ["Dice", "SD over seeds", "Precision", "Sensitivity"].map { Table.Column(head: $0) },
      rows: rows.map { row in
        let bySeed = row.runs.compactMap { mean($0.selections.compactMap { $0.dice?.finite }) }
        return [row.label(mainRecipe: study.mainRecipe), "\(row.seeds.count)"]
          + steps.map { step in percent(row.labels.filter { $0.step == step }.meanDice) }
          + [
            percent(row.labels.meanDice), percent(sampleDeviation(bySeed)),
            percent(mean(row.labels.compactMap { $0.precision?.finite })),
            percent(mean(row.labels.compactMap { $0.sensitivity?.finite })),
          ]
      },
      notes: [
        "Means over scans and seeds, percent; a label that is drawn anew counts as it was drawn last. Networks of later steps "
          + "differ between strategies: what nearness itself tells is in the next table."
      ])
  }
}

/// What nearness tells of a pseudo-label: the whole pool under the network of step 0, before any of it is taken.
enum NearnessTable {
  /// Nil where nobody looked.
  static func table(_ study: StudyTables) -> Table? {
    let rows = study.rows.filter { $0.runs.contains { $0.poolAtStart?.isEmpty == false } }
    guard !rows.isEmpty else { return nil }
    let heads = ["Seeds", "Scans", "K", "K nearest", "All", "K farthest", "Correlation", "SD over seeds"]
    return Table(
      title: "What nearness tells of a pseudo-label",
      columns: [Table.Column(head: "Strategy", isNumber: false)] + heads.map { Table.Column(head: $0) },
      rows: rows.map { row in
        let pools = row.runs.compactMap { run in run.poolAtStart.map { (scans: $0, count: run.schedule.selectPerStep) }
        }
        let correlations = pools.compactMap { pool in
          let known = pool.scans.compactMap { scan in
            scan.dice?.finite.flatMap { dice in scan.proximity.map { (sum: $0, dice: dice) } }
          }
          return rankCorrelation(known.map(\.sum), known.map(\.dice))
        }
        return [
          row.label(mainRecipe: study.mainRecipe), "\(pools.count)", span(pools.map(\.scans.count)),
          span(pools.map(\.count)), percent(mean(pools.compactMap { Array($0.scans.prefix($0.count)).meanDice })),
          percent(mean(pools.compactMap(\.scans.meanDice))),
          percent(mean(pools.compactMap { Array($0.scans.suffix($0.count)).meanDice })),
          mean(correlations)?.figure(2) ?? noNumber, sampleDeviation(correlations)?.figure(2) ?? noNumber,
        ]
      },
      notes: [
        "Dice, percent, of the labels that the network which has learned from experts alone would give the K nearest of the "
          + "pool (equation 7), all of it, which is what a random order may expect, and the K farthest; means over seeds. "
          + "Correlation: Spearman's, of equation (7) with Dice: below 0 where nearer is better."
      ])
  }
}

extension StudyRow {
  /// Pseudo-labels of all seeds.
  fileprivate var labels: [StudyRun.Selection] { runs.flatMap(\.selections) }
}

extension [StudyRun.Selection] {
  /// Of those whose truth is known; nil where none is.
  fileprivate var meanDice: Double? { mean(compactMap { $0.dice?.finite }) }
}
