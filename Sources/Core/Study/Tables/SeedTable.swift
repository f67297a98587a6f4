import Evaluation

/// How far each strategy lies from its baseline, seed by seed. The p of other tables is over test images, for the very
/// networks that were trained; how much another training would change a difference is seen here.
enum SeedTable {
  /// Nil where no row has a seed in common with its baseline, or none has two.
  static func table(_ study: StudyTables) -> Table? {
    // A row of both of the paper's tables has one baseline.
    let baselines = study.families.reduce(into: [:]) { $0.merge($1.againstBaseline) { first, _ in first } }
    let keys = study.families.flatMap(\.rows).map(\.key).withoutRepeats
    let differences = keys.compactMap { key -> Difference? in
      guard let reference = baselines[key]?.reference, reference != key, let row = study.row(key.strategy, key.recipe),
        let other = study.row(reference.strategy, reference.recipe)
      else { return nil }
      return Difference(row, minus: other)
    }.filter { !$0.points.isEmpty }
    guard differences.contains(where: { $0.points.count > 1 }) else { return nil }
    let seeds = differences.flatMap { $0.points.map(\.seed) }.withoutRepeats.sorted()
    let heads = seeds.map { "Seed \($0)" } + ["Mean", "95 % interval"]
    return Table(
      title: "Against the baseline, seed by seed",
      columns: [Table.Column(head: "Strategy", isNumber: false)] + heads.map { Table.Column(head: $0) },
      rows: differences.map { difference in
        [difference.row.label(mainRecipe: study.mainRecipe)]
          + seeds.map { seed in
            percentagePoints(difference.points.first { $0.seed == seed }?.dice, minus: 0)
          } + [percentagePoints(difference.mean, minus: 0), difference.interval]
      },
      notes: [
        "Percentage points of mean test Dice, strategy minus baseline of the same seed. The p of the tables above is over test "
          + "images, for the very networks that were trained; Student's interval over seeds says where the mean would lie if "
          + "one trained again and again, and is wide with so few: where it holds 0, other trainings may turn the order round."
      ])
  }

  /// A row minus its baseline.
  private struct Difference {
    let row: StudyRow
    /// For each seed that both have, shares.
    let points: [(seed: UInt64, dice: Double)]

    init(_ row: StudyRow, minus reference: StudyRow) {
      self.row = row
      points = row.runs.compactMap { run in
        guard let other = reference.runs.first(where: { $0.seed == run.seed }), let dice = run.meanDice,
          let others = other.meanDice
        else { return nil }
        return (run.seed, dice - others)
      }
    }

    var mean: Double? { Evaluation.mean(points.map(\.dice)) }

    var interval: String {
      guard let interval = MeanInterval(points.map(\.dice)) else { return noNumber }
      let ends = [-interval.reach, interval.reach].map { percentagePoints(interval.mean + $0, minus: 0) }
      return ends.joined(separator: " to ")
    }
  }
}
