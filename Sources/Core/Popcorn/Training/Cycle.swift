import Contract
import Engine
import Imaging

/// One cycle of the paper's section 2.3, from an order to weights that may become a generation.
///
/// All that is random derives from (seed, cycle, step, epoch, pair), so a cycle that was stopped or killed and is run
/// again with the same store ends with the same bytes as one that was not.
public final class Cycle<D: Device> {
  let order: CycleOrder
  let settings: TrainingSettings
  let recipe: Recipe
  let strategy: any Strategy
  let cases: any CaseSource
  let host: any CycleHost
  let trainer: Trainer<D>
  let checkpoints: Checkpoints
  let start: Snapshot
  /// Where the model that the cycle starts with cuts its masks.
  let startingPoint: OperatingPoint
  let provenance: [String: String]

  var position: CyclePosition
  var trainingSet: TrainingSet
  let validation: TrainingSet
  let softLabels: SoftLabels
  var good: Snapshot
  /// The good state before the last one, of the same phase.
  var earlier: Snapshot?
  var best: Snapshot?
  /// The present weights as a snapshot; nil once a step has changed them.
  var kept: Snapshot?

  /// The most incidents in a row, without a healthy epoch between them, before training is given up.
  static var mostIncidents: Int { 4 }

  /// Prepares a cycle, at its beginning or where the store's checkpoint left it.
  /// - Parameters:
  ///   - model: the weights that `order.model` names; nil for the first training.
  ///   - optimizer: Adam's state that `order.optimizer` names; nil starts it at zero.
  ///   - provenance: what the model file is to say of how it was computed, beside what the order says.
  /// Throws `MethodError` for settings that no training can have, a checkpoint that nothing can go on from and masks without a lesion,
  /// `SafetensorsError` for files of another network, `EngineError` where memory is short, and what `cases` and `store` throw.
  public init(
    _ order: CycleOrder, on device: D, model: Safetensors?, optimizer: Safetensors?, cases: any CaseSource,
    store: any CheckpointStore, host: any CycleHost, provenance: [String: String] = [:]
  ) throws {
    try Self.check(order.settings)
    self.order = order
    recipe = try Recipe(named: order.settings.recipe)
    settings = recipe.applied(to: order.settings)
    strategy = try Strategies.named(settings.strategy)
    self.cases = cases
    self.host = host
    checkpoints = Checkpoints(in: store, selectionsChange: recipe.refreshes)
    softLabels = SoftLabels(in: store, voxels: PatchSize(edge: settings.patchSize).count)
    self.provenance = provenance

    var shape = UNetShape(width: settings.width)
    shape.reconstructs = strategy.reconstructs
    let network = try UNet(on: device, shape: shape, seed: settings.seed)
    trainer = Trainer(
      network, strategy: strategy,
      scale: LossScale(
        alpha: settings.consistencyWeight,
        tau: recipe.tau(edge: settings.patchSize, spacing: settings.preparation.spacing), top: recipe.diceTop,
        crossEntropy: recipe.crossEntropy),
      edge: settings.patchSize, averageDecay: recipe.averageDecay)
    let count = network.parameters.count
    if let model {
      try network.parameters.load(model, leavingOut: ReconstructionDecoder<D>.prefix)
      trainer.restore(
        Snapshot(
          values: network.parameters.values,
          adam: try Self.optimizerState(optimizer, of: network.parameters), average: nil))
    }

    start = trainer.snapshot
    startingPoint = OperatingPoint(
      threshold: model?.metadata[OperatingPoint.thresholdKey].flatMap(OperatingPoint.threshold) ?? settings.threshold,
      floor: model?.metadata[OperatingPoint.floorKey].flatMap(OperatingPoint.floor) ?? 0)
    let orderHash = try Self.hash(of: order)
    if let resumed = try checkpoints.resume(count: count) {
      guard resumed.position.order == orderHash else {
        throw MethodError.checkpoint("the checkpoint belongs to another order")
      }
      (position, kept, good, earlier, best) = resumed
      trainer.restore(resumed.current)
    } else {
      position = CyclePosition(
        startingWith: model == nil ? .initial : .choosing, rate: settings.learningRate, order: orderHash)
      (kept, good, earlier, best) = (start, start, nil, nil)
    }
    trainingSet = try TrainingSet([], from: cases, settings: settings, recipe: recipe)
    validation = try TrainingSet(order.holdout, from: cases, settings: settings, recipe: recipe)
    try gatherTrainingSet()
    guard !trainingSet.places.isEmpty else {
      throw MethodError.nothingToLearn(
        "no patch of the \(order.trainingSet.count) labelled scans holds a lesion: are their masks empty?")
    }
  }

  /// Adam's state from its file; at zero without one, or where it is of a network with another second decoder. Of a second
  /// decoder, which is in no model's file and begins anew, it is at zero.
  private static func optimizerState(_ file: Safetensors?, of parameters: ParameterBlock) throws -> Adam {
    let count = parameters.count
    guard let file, file["first"]?.shape == [count] || file["first"] == nil else { return Adam(count: count) }
    var adam = try Adam(file, count: count)
    for entry in parameters.entries where entry.name.hasPrefix(ReconstructionDecoder<D>.prefix) {
      adam.forget(entry.range)
    }
    return adam
  }

  /// Runs the cycle to its end. Throws `CyclePaused` where the host says stop; run a new `Cycle` on the same store later.
  /// - Parameter recorder: sees every optimizer step; meant for a cycle that starts at its beginning.
  public func run(recordedBy recorder: (any StepRecorder)? = nil) throws -> CycleOutcome {
    trainer.recorder = recorder
    try recorder?.begins(trainer.network.parameters)
    do {
      try learn()
    } catch is TrainingGivenUp {
      enter(.gating)
      try checkpoint()
    }
    try recorder?.ended(with: trainer.present)
    return try finish()
  }

  /// The algorithm of the paper's section 2.3.
  func learn() throws {
    try takeUnlabelled()
    // Step 1: the training set is limited to labelled data, until convergence.
    if position.place.phase == .initial { try trainUntilConvergence() }

    if let teacher = strategy.teacher, position.place.step == 0 { try ask(teacher) }
    while position.place.phase != .gating {
      // Step 2: K of the pool are selected in proximity order, and the network as it now is labels them.
      if position.place.phase == .choosing {
        let chosen = try select()
        guard !chosen.isEmpty || isOwedTraining || hasBudgetLeft else {
          enter(.gating)
          break
        }
        begin(labeling: chosen)
        try checkpoint()
      }
      if position.place.phase == .labeling {
        while let next = position.pending.first { try label(next) }
        if recipe.refreshes, strategy.labelsPool { try gatherTrainingSet() }
        enter(.training)
      }
      // Step 3: N epochs on the new training set, labelled and pseudo-labelled.
      while position.place.epoch <= epochsOfStep, isInEpoch || !budgetIsSpent { try trainEpoch() }
      try tellStepEnded()
      enter(.choosing)
      try checkpoint()
      // Until all unlabelled data are in the training set.
    }
    try checkpoint()
  }

  /// At most `initialEpochs`, until the loss on held-out patches has not fallen for the recipe's patience; the weights of
  /// its lowest value are kept. Where strategies are compared on a budget all epochs are trained and the last weights kept:
  /// of few held-out patches the lowest value comes by chance, and would give one its pseudo-labels early, another late.
  func trainUntilConvergence() throws {
    let isPatient = settings.stepBudget > 0
    while position.place.epoch <= settings.initialEpochs, isPatient || position.epochsWithoutBetter < recipe.patience,
      isInEpoch || !budgetIsSpent
    {
      try trainEpoch()
    }
    if let best, !isPatient {
      trainer.restore(best)
      kept = best
    }
    best = nil
    try tellStepEnded()
    enter(.choosing)
    try checkpoint()
  }

  /// Equations (6) and (7) on what is left of the pool.
  func select() throws -> [ProximityFigures] {
    let isLast = settings.maxStepsPerCycle > 0 && position.place.step >= settings.maxStepsPerCycle
    guard !isLast, !budgetIsSpent, !remainingPool.isEmpty else { return [] }
    return try strategy.choose(choice)
  }

  /// What is left of the pool now, and how the present weights see it.
  var choice: Choice {
    Choice(
      count: settings.selectPerStep, neighbours: settings.neighbours, taken: position.selections.count,
      pool: order.pool.count, remaining: remainingPool.map(\.id),
      random: Random(seed: settings.seed).derive(Stream.order, UInt64(order.cycle), UInt64(position.place.step)),
      latents: {
        let trusted = try self.latents(of: self.trainingSet.cases, required: true)
        return Latents(pool: try self.latents(of: self.remainingPool, required: false), trusted: trusted)
      })
  }

  /// A hard label where the lesion probability reaches the threshold. In the paper it is written once and never refreshed.
  /// A scan that cannot be read is gone on without.
  func label(_ figures: ProximityFigures) throws {
    guard let scan = order.pool.first(where: { $0.id == figures.id }) else {
      throw MethodError.checkpoint("the checkpoint names case \(figures.id), which is not in the pool")
    }
    let known = position.selections.firstIndex { $0.proximity.id == figures.id }
    do {
      let kept = try draw(scan)
      position.pending.removeFirst()
      if let known {
        position.selections[known].take(kept)
        cases.forget(position.selections[known].reference)
      } else {
        try add(scan, kept, chosenBy: figures)
      }
    } catch let unreadable as UnreadableCase {
      position.pending.removeFirst()
      // Who has a label keeps it.
      if known == nil { leaveOut(scan, because: unreadable.reason) }
    }
    try checkpoint()
    try breathe(.labeling)
  }

  /// A pseudo-label, kept. Throws `UnreadableCase` where the scan cannot be read.
  private func draw(_ scan: CaseReference) throws -> KeptLabel {
    let volume: CaseVolume
    do { volume = try cases.volume(of: scan) } catch { throw UnreadableCase(error) }
    let segmentation = try segmentation(of: volume, during: .labeling)
    let mask = point.mask(
      segmentation.probability, voxel: settings.preparation.voxelVolume, band: recipe.unknownBand)
    return try host.keep(mask, of: segmentation, for: scan, at: point)
  }

  private func add(_ scan: CaseReference, _ label: KeptLabel, chosenBy figures: ProximityFigures) throws {
    let rank = position.selections.count { $0.step == position.place.step } + 1
    position.selections.append(
      CycleResult.Selection(
        proximity: figures, step: position.place.step, rank: rank, referenceMask: label.referenceMask,
        mask: label.mask, figures: label.figures))
    try trainingSet.add(scan.labelled(label))
  }
}
