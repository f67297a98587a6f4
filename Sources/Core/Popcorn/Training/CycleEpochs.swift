import Contract
import Engine

extension Cycle {
  /// One pass over all patches, each with a partner. Returns early where training had to go back.
  func trainEpoch() throws {
    let place = position.place
    let pairs = PairSequence(
      trainingSet.places, partners: trainingSet.partners, companion: companion, unlabelled: trainingSet.unlabelled,
      sameRatio: recipe.sameRatio,
      pasteRatio: recipe.pasteRatio,
      variesContrast: recipe.variesContrast,
      random: Random(seed: settings.seed).derive(
        Stream.epochs, UInt64(order.cycle), UInt64(place.step), UInt64(place.epoch)))
    while position.place.pair < pairs.count, !budgetIsSpent {
      let pair = pairs[position.place.pair]
      let report = try trainer.step(pair, of: trainingSet, rate: position.rate.present)
      kept = nil
      position.place.pair += 1
      position.place.optimizerSteps += 1
      if let trouble = position.watch.observe(report, pairs: pairs.count) { return try goBack(trouble, pair) }
      position.epochSums.add(report)
      if position.place.optimizerSteps % settings.checkpointInterval == 0 {
        guard trainer.isFinite else { return try goBack(.trainDiverged, pair) }
        try checkpoint()
      }
      try breathe(place.phase)
    }
    guard trainer.isFinite else { return try goBack(.trainDiverged, nil) }
    try endEpoch()
  }

  func endEpoch() throws {
    let validationLoss = position.place.phase == .initial ? try validate() : nil
    guard validationLoss?.isFinite ?? true else { return try goBack(.trainDiverged, nil) }
    if let validationLoss { judge(validationLoss) }
    position.curve.append(
      position.epochSums.report(at: position.place, rate: position.rate.present, validation: validationLoss))
    position.rate.epochEnded(steps: position.epochSums.steps, isSound: position.watch.isSound)
    position.epochSums = EpochSums()
    position.place.epoch += 1
    position.place.pair = 0
    if position.watch.isSound {
      (earlier, position.earlierPlace) = (good, position.goodPlace)
      good = keepSnapshot()
      position.goodPlace = position.place
      position.incidentsInARow = 0
    }
    try host.epochEnded(position.curve)
  }

  /// The loss on held-out patches; without any, that of the epoch stands in.
  func validate() throws -> Double {
    validation.places.isEmpty
      ? position.epochSums.segmentation / Double(2 * max(1, position.epochSums.steps))
      : try trainer.evaluating { try trainer.validationLoss(on: validation) { try breathe(.initial) } }
  }

  /// Keeps the weights where their validation loss is the lowest so far.
  func judge(_ loss: Double) {
    if loss < position.bestLoss ?? .infinity {
      position.bestLoss = loss
      position.epochsWithoutBetter = 0
      best = keepSnapshot()
    } else {
      position.epochsWithoutBetter += 1
    }
  }

  /// Back to the last good state, for a while with half the rate, a second time to the one before it: what looked well may
  /// have been falling already. Given up after too many times in a row.
  func goBack(_ reason: ReasonCode, _ pair: Pair?) throws {
    let noticed = position.place.optimizerSteps
    position.rate.fell()
    if position.incidentsInARow > 0, let earlier, let place = position.earlierPlace {
      (good, position.goodPlace) = (earlier, place)
    }
    position.place = position.goodPlace
    let kept = position.goodPlace.optimizerSteps
    position.curve.removeAll { $0.optimizerSteps > kept }
    position.incidentsInARow += 1
    position.epochSums = EpochSums()
    position.watch = TrainingWatch()
    trainer.restore(good)
    self.kept = good
    let incident = CycleResult.Incident(
      reason: reason, at: noticed, backTo: position.place.optimizerSteps, learningRate: position.rate.present,
      cases: Array(Set(pair?.places.map(\.caseID) ?? [])).sorted())
    position.incidents.append(incident)
    host.incident(incident)
    if position.incidentsInARow >= Self.mostIncidents {
      position.gaveUp = reason == .trainCollapsed ? .collapsed : .diverged
      throw TrainingGivenUp()
    }
    try checkpoint()
  }
}

/// Training could not be brought back.
struct TrainingGivenUp: Error {}
