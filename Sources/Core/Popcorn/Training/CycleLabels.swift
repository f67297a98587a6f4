import Contract
import Engine

extension Cycle {
  /// T as it is now: the experts' masks, and what was selected with its pseudo-labels.
  func gatherTrainingSet() throws {
    let labelled = position.selections.compactMap { selection in
      order.pool.first { $0.id == selection.proximity.id }?
        .labelled(KeptLabel(referenceMask: selection.referenceMask, mask: selection.mask, figures: selection.figures))
    }
    trainingSet = try TrainingSet(order.trainingSet + labelled, from: cases, settings: settings, recipe: recipe)
  }

  /// Patches of the pool, for the strategies that show them without a label. A scan that cannot be read is left out.
  func takeUnlabelled() throws {
    guard strategy.companion.isOfPool else { return }
    for scan in remainingPool {
      do {
        try trainingSet.addUnlabelled(scan)
      } catch {
        leaveOut(scan, because: error)
      }
      try breathe(position.place.phase)
    }
    if strategy.teacher != nil { trainingSet.softLabels = softLabels }
  }

  /// Asks the network, once it has converged on the labelled, what the patches of the pool hold.
  func ask(_ teacher: Teacher) throws {
    guard let softLabels = trainingSet.softLabels else { return }
    let known = try softLabels.known()
    let random = Random(seed: settings.seed).derive(Stream.teacher, UInt64(order.cycle))
    try trainer.evaluating {
      for place in trainingSet.unlabelled where !softLabels.isKnown(place, among: known) {
        let label = try trainer.softLabel(
          of: try trainingSet.image(place), passes: teacher.passes,
          random: random.derive(stableHash(place.caseID), UInt64(place.tile.index)))
        try softLabels.write(label, of: place)
        try breathe(.labeling)
      }
    }
  }

  /// What stands beside a labelled patch now: patches of the pool only once a teacher has spoken, where there is one.
  var companion: Companion {
    strategy.teacher != nil && position.place.phase == .initial ? .another : strategy.companion
  }
}

extension CycleResult.Selection {
  /// The pseudo-label's place among masks.
  var reference: MaskReference { MaskReference(kind: .pseudo, path: referenceMask, onReferenceGrid: true) }

  /// Takes a pseudo-label that was drawn anew.
  mutating func take(_ label: KeptLabel) {
    referenceMask = label.referenceMask
    mask = label.mask
    figures = label.figures
  }
}
