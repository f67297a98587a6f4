import Evaluation

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
          span(pools.map(\.count)),
          percent(mean(pools.compactMap { Array($0.scans.prefix(max(0, $0.count))).meanDice })),
          percent(mean(pools.compactMap(\.scans.meanDice))),
          percent(mean(pools.compactMap { Array($0.scans.suffix(max(0, $0.count))).meanDice })),
          mean(correlations)?.figure(2) ?? noNumber, sampleDeviation(correlations)?.figure(2) ?? noNumber,
        ]
      },
      notes: [
        "Dice, percent, of the labels that the network which has learned from experts alone would give the K nearest of the "
          + "pool (equation 7), all of it, which is what a random order may expect, and the K farthest, of the scans whose truth is "
          + "known; means over the seeds whose runs recorded it. "
          + "Correlation: Spearman's, of equation (7) with Dice: below 0 where nearer is better."
      ])
  }
}
