import Contract
import Engine
import Imaging

extension Cycle {
  /// What is left of the pool.
  var remainingPool: [CaseReference] {
    let taken = Set(position.selections.map(\.proximity.id) + position.leftOut.map(\.id))
    return order.pool.filter { !taken.contains($0.id) }
  }

  /// A cycle that goes on from a model trains N epochs on what is labelled, also where nothing is selected: an expert's
  /// mask has come. And what a teacher has said of the pool is to be learned.
  var isOwedTraining: Bool { (order.model != nil || hasTaught) && position.place.step == 0 && !budgetIsSpent }

  /// Whether the strategy's teacher had patches of the pool to speak of.
  private var hasTaught: Bool { strategy.teacher != nil && !trainingSet.unlabelled.isEmpty }

  /// Epochs of the present step: the paper's N; of a first student, which no budget ends, as many as its teacher's.
  var epochsOfStep: Int {
    order.model == nil && hasTaught && settings.stepBudget == 0 ? settings.initialEpochs : settings.epochsPerStep
  }

  /// Whether an epoch was begun and has not ended: it ends also where its last step was that of the budget, or a cycle that
  /// is stopped there would go on differently.
  var isInEpoch: Bool { position.place.pair > 0 }

  var budgetIsSpent: Bool { settings.stepBudget > 0 && position.place.optimizerSteps >= settings.stepBudget }

  /// A budget is spent whole, on the training set as it is when nothing is left to select: strategies are compared at
  /// the same number of optimizer steps.
  var hasBudgetLeft: Bool { settings.stepBudget > 0 && !budgetIsSpent }

  func enter(_ phase: CyclePosition.Phase) {
    position.place.phase = phase
    position.place.epoch = 1
    position.place.pair = 0
    good = keepSnapshot()
    position.goodPlace = position.place
    // A state of another phase had another training set.
    (earlier, position.earlierPlace) = (nil, nil)
  }

  func begin(labeling chosen: [ProximityFigures]) {
    position.place.step += 1
    // The older labels first: those of the nearest, by which the new ones are to be judged.
    position.pending = recipe.refreshes ? position.selections.map(\.proximity) + chosen : chosen
    // Pseudo-labels may raise the loss: it is compared with what it was on the same training set.
    position.watch = TrainingWatch()
    enter(.labeling)
  }

  /// Lets the host look at what training has come to.
  func tellStepEnded() throws {
    let place = position.place
    let end = StepEnd(step: place.step, optimizerSteps: place.optimizerSteps, trainingScans: trainingSet.cases.count)
    let view = StepView(
      segment: {
        self.point.mask(
          try self.segmentation(of: $0, during: place.phase).probability,
          voxel: self.settings.preparation.voxelVolume)
      },
      nearestFirst: { try self.choice.nearest(count: .max) })
    try host.stepEnded(end, view: view)
  }

  /// What the weights that would be published now make of a case.
  func segmentation(of scan: CaseReference, during phase: CyclePosition.Phase) throws -> Segmentation {
    try segmentation(of: try cases.volume(of: scan), during: phase)
  }

  /// The same of a case that was read.
  func segmentation(of volume: CaseVolume, during phase: CyclePosition.Phase) throws -> Segmentation {
    try trainer.evaluating { try window(phase).segment(volume) }
  }

  /// Goes on without a case of the pool that cannot be read.
  func leaveOut(_ scan: CaseReference, because error: any Error) {
    position.leftOut.append(CycleResult.LeftOut(id: scan.id, words: host.leftOut(scan, because: error)))
  }

  /// Does something under the weights that the cycle started with.
  func withStartingWeights<Result>(_ body: () throws -> Result) throws -> Result {
    let present = keepSnapshot()
    trainer.restore(start)
    defer { trainer.restore(present) }
    return try body()
  }

  func keepSnapshot() -> Snapshot {
    let snapshot = kept ?? trainer.snapshot
    kept = snapshot
    return snapshot
  }

  func checkpoint() throws {
    try checkpoints.write(&position, current: keepSnapshot(), good: good, earlier: earlier, best: best)
  }

  func window(_ phase: CyclePosition.Phase) -> SlidingWindow<D> {
    SlidingWindow(trainer.network, edge: settings.patchSize, manner: recipe.window) { try self.breathe(phase) }
  }

  /// Lets the host do what it has to; stops at a checkpoint where it says so.
  func breathe(_ phase: CyclePosition.Phase) throws {
    if try !host.mayContinue(progress(phase.word)) {
      try checkpoint()
      throw CyclePaused()
    }
  }

  func progress(_ word: String) -> TrainingProgress {
    let place = position.place
    // What an epoch has come to so far, else what the last one did.
    let report =
      position.epochSums.steps > 0
      ? position.epochSums.report(at: place, rate: position.rate.present, validation: nil) : position.curve.last
    return TrainingProgress(
      phase: word, step: place.step, epoch: place.epoch, done: place.optimizerSteps, total: expectedSteps,
      loss: report?.total, segmentation: report?.segmentation, consistency: report?.consistency)
  }

  /// Optimizer steps of the cycle as far as can be told: pseudo-labels are taken to give all patches that they may.
  var expectedSteps: Int {
    let place = position.place
    var total = place.optimizerSteps
    var patches = trainingSet.places.count
    switch place.phase {
    case .initial: total += (settings.initialEpochs - place.epoch + 1) * patches - place.pair
    case .training: total += (epochsOfStep - place.epoch + 1) * patches - place.pair
    case .labeling:
      total += epochsOfStep * (patches + position.pending.count * recipe.mostPatches(of: .pseudo))
    case .choosing, .gating: break
    }
    if place.phase != .gating, strategy.labelsPool {
      var left = order.pool.count - position.selections.count - position.leftOut.count - position.pending.count
      var steps = settings.maxStepsPerCycle > 0 ? settings.maxStepsPerCycle - place.step : Int.max
      while left > 0, steps > 0 {
        let taken = min(left, max(1, settings.selectPerStep))
        patches += taken * recipe.mostPatches(of: .pseudo)
        total += settings.epochsPerStep * patches
        left -= taken
        steps -= 1
      }
    }
    return settings.stepBudget > 0 ? settings.stepBudget : total
  }

  /// Latents of cases under the present weights. A case that cannot be read is left out of the pool; in the training set
  /// it is an error.
  func latents(of scans: [CaseReference], required: Bool) throws -> [LatentCase] {
    if kept?.name == nil { try checkpoint() }
    let known = try checkpoints.readLatents(of: position.current)
    var unsaved: [String: [Float]] = [:]
    var latents: [LatentCase] = []
    func save() throws {
      if !unsaved.isEmpty { try checkpoints.add(unsaved, of: position.current) }
      unsaved = [:]
    }
    for scan in scans {
      if let latent = known[scan.id] ?? latentBefore(of: scan) {
        latents.append(LatentCase(id: scan.id, latent: latent))
        continue
      }
      let volume: CaseVolume
      do {
        volume = try cases.volume(of: scan)
      } catch  where !required {
        leaveOut(scan, because: error)
        continue
      }
      do {
        let latent = try trainer.evaluating { try window(position.place.phase).embed(volume) }
        unsaved[scan.id] = latent
        latents.append(LatentCase(id: scan.id, latent: latent))
      } catch let pause as CyclePaused {
        try save()
        throw pause
      }
      if unsaved.count == Self.latentsOfAPart { try save() }
    }
    try save()
    return latents
  }

  /// After so many scans what was embedded is kept.
  private static var latentsOfAPart: Int { 50 }

  /// What the host knows of a scan under the weights that the cycle starts with, while they are the present ones.
  private func latentBefore(of scan: CaseReference) -> [Float]? {
    guard order.model != nil, position.place.optimizerSteps == 0 else { return nil }
    return host.latentAtStart(of: scan).flatMap {
      $0.count == trainer.network.shape.latent && $0.allSatisfy(\.isFinite) ? $0 : nil
    }
  }
}

extension CyclePosition.Phase {
  /// As the wire has it.
  var word: String {
    switch self {
    case .initial: "initial"
    case .choosing: "embedding"
    case .labeling: "labeling"
    case .training: "training"
    case .gating: "gating"
    }
  }
}

extension CaseReference {
  /// The case with a pseudo-label.
  func labelled(_ label: KeptLabel) -> CaseReference {
    var scan = self
    scan.masks = [MaskReference(kind: .pseudo, path: label.referenceMask, onReferenceGrid: true)]
    return scan
  }
}
