import Contract
import Evaluation

/// Each training: how it ended, what it took, and what it left.
enum RunTable {
  /// Nil without runs.
  static func table(_ record: StudyRecord) -> Table? {
    guard !record.runs.isEmpty else { return nil }
    let words = ["Strategy", "Recipe", "Seed", "Outcome"].map { Table.Column(head: $0, isNumber: false) }
    let numbers = [
      "Dice", "Held-out Dice", "Latents", "Threshold", "Optimizer steps", "Patches", "Experts", "Pseudo-labels",
      "Went back", "Seconds",
    ].map { Table.Column(head: $0) }
    return Table(
      title: "Runs",
      columns: words + numbers + [Table.Column(head: "Model (SHA-256)", isNumber: false)],
      rows: record.runs.map { run in
        [run.strategy, run.recipe, "\(run.seed)", run.outcome.rawValue]
          + [
            percent(run.meanDice), percent(run.heldOutDice),
            run.tellingAgreement?.correlation.figure(2) ?? noNumber, run.threshold.figure(3),
            "\(run.optimizerSteps)",
            "\(run.patches)", "\(run.experts)", "\(run.pseudoLabels)", fallen(run), run.seconds.figure(0),
            String(run.modelDigest.prefix(16)),
          ]
      },
      notes: [
        "Latents: Spearman's correlation between latent distance (equation 4) and differing voxels, over pairs of patches of one "
          + "region of two test images. Held-out Dice: of scans that only validation saw. Went back: how often training fell and "
          + "went on from an earlier state, at half the rate for a while, and at which optimizer steps."
      ]
        + record.runs.filter { $0.outcome != .publish }.map {
          "\($0.strategy) (\($0.recipe)), seed \($0.seed): \($0.words)."
        })
  }

  private static func fallen(_ run: StudyRun) -> String {
    guard let steps = run.fallenAt, !steps.isEmpty else { return "\(run.incidents)" }
    return "\(run.incidents) (at \(steps.map(String.init).joined(separator: ", ")))"
  }
}
