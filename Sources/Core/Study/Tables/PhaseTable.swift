import Evaluation

/// What the second phase of a training brought: the same networks at the end of the training on experts' masks alone, and
/// at the end.
enum PhaseTable {
  /// Nil where nobody looked at the end of the first phase.
  static func table(_ study: StudyTables) -> Table? {
    let rows = study.rows.map { row in (row: row, phases: row.runs.compactMap(Phases.init)) }
      .filter { !$0.phases.isEmpty }
    guard !rows.isEmpty else { return nil }
    let heads = ["Seeds", "Optimizer steps until then", "Dice then", "Dice at the end", "Difference", "SD over seeds"]
    return Table(
      title: "What the second phase brought",
      columns: [Table.Column(head: "Strategy", isNumber: false)] + heads.map { Table.Column(head: $0) },
      rows: rows.map { row, phases in
        let (then, end) = (mean(phases.map(\.then)), mean(phases.map(\.end)))
        return [
          row.label(mainRecipe: study.mainRecipe), "\(phases.count)", span(phases.map(\.steps)), percent(then),
          percent(end), percentagePoints(end, minus: then), percent(sampleDeviation(phases.map { $0.end - $0.then })),
        ]
      },
      notes: unseen(study) + [
        "In the first phase a network learns from experts' masks alone; in the second POPCORN learns from pseudo-labels too and "
          + "a baseline goes on with experts' masks. (Attention and transformation strategies see the pool in both.) The paper "
          + "compares POPCORN with a network that has learned its experts' masks out; what such a second phase brings POPCORN is "
          + "its difference here, and what it brings beyond the same steps on experts' masks is that minus the baseline's."
      ])
  }

  /// What the table does not hold, and what a difference is not of the phase alone.
  private static func unseen(_ study: StudyTables) -> [String] {
    let missing = study.rows.compactMap { row -> String? in
      let count = row.runs.count { Phases($0) == nil }
      return count == 0 ? nil : "\(row.label(mainRecipe: study.mainRecipe)) \(count) of \(row.runs.count)"
    }
    let cut = study.rows.contains { RecipeWords($0.key.recipe).words.contains("calibrate") }
    return [
      missing.isEmpty
        ? "" : "Without trainings that nobody looked at between the phases: \(missing.joined(separator: "; ")).",
      cut ? "With calibrate the end alone is cut at the threshold that the held-out scans chose." : "",
    ].filter { !$0.isEmpty }
  }

  /// Mean test Dice of one run at two moments: the same where the second phase fell and training went back to its beginning.
  private struct Phases {
    let steps: Int
    let then, end: Double

    init?(_ run: StudyRun) {
      guard let first = run.progress.first(where: { $0.step == 0 }), let end = run.meanDice,
        first.optimizerSteps < run.optimizerSteps || run.outcome != .publish
      else { return nil }
      (steps, then, self.end) = (first.optimizerSteps, first.meanDice, end)
    }
  }
}
