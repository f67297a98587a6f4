import Contract
import Imaging

/// Decides whether a cycle's weights may become a generation, by what they do on held-out cases.
struct Gate {
  /// By how much the mean Dice may fall.
  var tolerance: Double
  /// From so many people on, their mean Dice is trusted; with fewer only a collapse is refused, and no threshold chosen.
  static let enoughSubjects = 3
  /// A fall of the mean Dice that is a collapse, where no more is tolerated.
  static let collapse = 0.1

  /// - Parameters:
  ///   - cases: Dice of each held-out case before and after.
  ///   - subjects: how many people they are of.
  ///   - allEmpty: whether every mask is empty although some truth is not.
  func decide(_ cases: [CycleResult.Gate], subjects: Int, allEmpty: Bool) -> (CycleResult.Outcome, String) {
    guard !cases.isEmpty else { return (.publish, "published without a gate: no case is held out") }
    if allEmpty { return (.refused, "refused: all masks of the \(cases.count) held-out cases are empty") }
    let after = mean(cases.map(\.after))
    let compared = cases.compactMap(\.before)
    guard compared.count == cases.count else {
      return (.publish, "published as the first: mean held-out Dice \(after.decimals(3)) over \(cases.count) cases")
    }
    let before = mean(compared)
    let change =
      "mean held-out Dice \(before.decimals(3)) before, \(after.decimals(3)) after, over \(cases.count) cases"
    if subjects < Self.enoughSubjects {
      let caution = "with fewer than \(Self.enoughSubjects) held-out subjects only a collapse is refused"
      return before - after > max(Self.collapse, tolerance)
        ? (.refused, "refused: \(change)") : (.publish, "published: \(change); \(caution)")
    }
    return before - after > tolerance
      ? (.refused, "refused: \(change); \(tolerance.decimals(3)) less is tolerated")
      : (.publish, "published: \(change)")
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

extension Cycle {
  /// The gate, the latents of T and U, and the files' bytes.
  func finish() throws -> CycleOutcome {
    let verdict: (outcome: CycleResult.Outcome, words: String)
    var gate: [CycleResult.Gate] = []
    if let gaveUp = position.gaveUp {
      verdict = (gaveUp, "given up: training \(gaveUp.rawValue) \(Self.mostIncidents) times in a row")
    } else {
      let after = try heldOut(at: candidates)
      let chosen = calibrate(on: after)
      let before = try order.model.map { _ in try withStartingWeights { try heldOut(at: [startingPoint]) } }
      gate = order.holdout.indices.map { index in
        CycleResult.Gate(
          id: order.holdout[index].id, before: before?[index].dice[0], after: after[index].dice[chosen])
      }
      verdict = Gate(tolerance: settings.regressTolerance).decide(
        gate, subjects: Set(order.holdout.map(\.subject)).count,
        allEmpty: after.allSatisfy { $0.isEmpty[chosen] } && after.contains { !$0.truthIsEmpty })
    }
    let latents =
      verdict.outcome == .publish
      ? try latents(of: trainingSet.cases, required: true) + latents(of: remainingPool, required: false) : []
    return CycleOutcome(
      outcome: verdict.outcome, words: verdict.words, gate: gate, threshold: point.threshold,
      selections: position.selections,
      incidents: position.incidents, leftOut: position.leftOut, optimizerSteps: position.place.optimizerSteps,
      finalLoss: position.curve.last?.total ?? 0, curve: position.curve, latents: latents,
      model: trainer.evaluating {
        trainer.network.parameters.safetensors(metadata: metadata, leavingOut: ReconstructionDecoder<D>.prefix)
      },
      optimizer: trainer.adam.safetensors())
  }

  /// What Python's `safe_open` reads beside the weights: how they are to be used, and what made them.
  private var metadata: [String: String] {
    [
      "format": "pt", "width": "\(settings.width)", "patch": "\(settings.patchSize)",
      "spacing": "\(settings.preparation.spacing)",
      "size": settings.preparation.size.map(String.init).joined(separator: ","), "recipe": settings.recipe,
      "strategy": settings.strategy, "seed": "\(settings.seed)", "window": recipe.window.text,
      "tool": "popcorn \(Version.text)",
    ].merging(point.metadata) { own, _ in own }.merging(provenance) { own, _ in own }
  }
}
