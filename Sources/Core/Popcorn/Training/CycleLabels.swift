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
  func takeUnlabelled(softLabels: SoftLabels) throws {
    guard strategy.companion != .sameRegion else { return }
    for scan in remainingPool {
      do {
        try trainingSet.addUnlabelled(scan)
      } catch {
        position.leftOut.append(CycleResult.LeftOut(id: scan.id, words: host.leftOut(scan, because: error)))
      }
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
    strategy.teacher != nil && position.place.phase == .initial ? .sameRegion : strategy.companion
  }

  /// Chooses the threshold of the best mean Dice over the held-out scans, where the recipe does.
  func calibrate() throws {
    guard recipe.calibrates, !order.holdout.isEmpty else { return }
    let segmentations = try trainer.evaluating {
      try order.holdout.map { try window(position.place.phase).segment(try cases.volume(of: $0)) }
    }
    let truths = try order.holdout.map { scan in try scan.masks.map { try cases.mask($0, of: scan) } }
    func dice(_ threshold: Double) -> Double {
      zip(segmentations, truths).reduce(0) { sum, held in
        let mask = held.0.mask(threshold: threshold)
        return sum + held.1.reduce(0) { $0 + (Verdict.Overlap(of: mask, and: $1)?.dice ?? 0) }
          / Double(max(1, held.1.count))
      }
    }
    // Of equals the one nearest to what was asked for.
    let asked = settings.threshold
    position.threshold =
      stride(from: 0.05, to: 0.96, by: 0.05)
      .map { (threshold: $0, dice: dice($0)) }
      .max { ($0.dice, -abs($0.threshold - asked)) < ($1.dice, -abs($1.threshold - asked)) }?.threshold
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
