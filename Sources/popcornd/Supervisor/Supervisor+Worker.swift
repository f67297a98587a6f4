import Contract
import Files
import Ledger
import Processes
import SystemPackage

// Drafts and proximities: what is asked of the worker, and what becomes of its answers.
extension Supervisor {
  func orderDraft(_ id: String) throws {
    guard let generation = try ledger.currentGeneration() else { return }
    let known = try ledger.case(id)
    let order = DraftOrder(
      scan: try ledger.reference(to: known, in: store), model: store.path(generation.model, .weights).string,
      preparation: settings.preparation, patchSize: settings.popcorn.patchSize, threshold: settings.popcorn.threshold,
      maskPath: work(id, "mask.nii.gz").string,
      probabilityPath: settings.output.probability == .none ? nil : work(id, "probability.nii.gz").string,
      probability: settings.output.probability, latentPath: work(id, "latent.f32").string,
      description: "popcornd gen-\(number(generation.number)) \(id)")
    FaultPoint.draft.pass()
    metrics.began(at: Clock.seconds)
    send(
      .draft(order), as: .draft(id: id, generation: generation.number, brain: known.brainDigest),
      deadline: settings.resources.draftTimeout)
  }

  func orderProximities() throws {
    guard let generation = try ledger.currentGeneration() else { return tell(.orderEnded) }
    let membership = try ledger.membership(in: store)
    let latents = try latents(under: generation, of: membership)
    let members = { (cases: [CaseReference]) in
      cases.compactMap { known in latents[known.id].map { ProximityOrder.Member(id: known.id, latent: $0) } }
    }
    let order = ProximityOrder(
      pool: members(membership.pool), trusted: members(membership.trainingSet),
      neighbours: settings.neighbours)
    guard !order.pool.isEmpty, !order.trusted.isEmpty else { return tell(.orderEnded) }
    FaultPoint.order.pass()
    send(.order(order), as: .order(generation: generation.number), deadline: settings.resources.draftTimeout)
  }

  /// Files of the latents that are known under a generation's weights: those of drafts, and those that the cycle left
  /// which made it.
  func latents(under generation: Generation, of membership: Membership) throws(LedgerFault) -> [String: String] {
    let trained = cycleFolder(generation.cycle).appending("latents")
    var paths: [String: String] = [:]
    for known in membership.pool + membership.trainingSet {
      let path = trained.appending("\(known.id).f32")
      if isThere(path) { paths[known.id] = path.string }
    }
    for mask in try ledger.newestMasks() where mask.generation == generation.number {
      if let digest = mask.latentDigest { paths[mask.caseLabel] = store.path(digest, .vector).string }
    }
    return paths
  }

  /// What the link says.
  func take(_ event: WorkerEvent) async {
    switch event {
    case .up(let identity):
      status.worker = "ready"
      status.workerIdentity = identity
      troubles["worker"] = nil
      journal.say(
        .workerReady, "The worker is ready: popcorn \(identity.version), \(identity.isa), \(identity.threads) threads")
      tell(.workerUp)
    case .down(let ending, let newMemoryKill): lose(ending, newMemoryKill)
    case .reply(let id, let reply): await take(reply, to: id)
    }
    beat()
  }

  private func take(_ reply: WorkerReply, to number: Int) async {
    guard let request = requests[number] else { return }
    if case .progress(let figures) = reply {
      progress = figures
      if case .train(let cycle) = request { sayProgress(figures, of: cycle) }
      if figures.done > stepsReached {
        stepsReached = figures.done
        trainFailures = 0
        workerFailures = 0
      }
      isStatusStale = true
      return
    }
    requests[number] = nil
    workerFailures = 0
    switch (request, reply) {
    case (.draft(let id, let generation, let brain), .drafted(let figures)):
      await keepDraft(id, generation, brain, figures)
    case (.draft(let id, let generation, _), .failed(let reason, let text)):
      await draftFailed(id, generation, reason, text)
    case (.order(let generation), .ordered(let figures)): keepOrder(figures, generation)
    case (.order, .failed(_, let text)):
      journal.say(.note, "The proximities could not be computed: \(text)")
      tell(.orderEnded)
    case (.train(let cycle), .trained(let result)): await endCycle(cycle, result)
    case (.train, .paused), (.pause, .paused):
      requests = requests.filter { if case .train = $0.value { false } else { true } }
      let cycle = (try? ledger.runningCycle())?.number ?? 0
      journal.say(.cyclePaused, "Cycle \(cycle) is paused at a checkpoint", [.cycle: String(cycle)])
      tell(.trainingPaused)
    case (.train(let cycle), .failed(let reason, let text)): await trainingFailed(cycle, reason, text)
    case (.train(let cycle), .unusable(let cases)): goOn(cycle, without: cases)
    case (.pause, _): break
    default: journal.say(.note, "The worker's answer does not belong to what it was asked")
    }
  }

  private func keepDraft(_ id: String, _ generation: Int, _ brain: Digest?, _ figures: MaskFigures) async {
    adopting += 1
    defer { adopting -= 1 }
    do {
      _ = try await keeper.adopt(work(id, "mask.nii.gz"), digest: figures.maskDigest, as: .image)
      if let probability = figures.probabilityDigest {
        _ = try await keeper.adopt(work(id, "probability.nii.gz"), digest: probability, as: .image)
      }
      let latent = try await keeper.adopt(work(id, "latent.f32"), digest: nil, as: .vector)
      let isWanted = try ledger.recordMask(
        of: id, generation: generation, threshold: figures.threshold ?? settings.popcorn.threshold,
        latent: latent, figures: figures, brain: brain, by: own)
      for name in ["mask.nii.gz", "probability.nii.gz", "latent.f32"] { removeOwn(work(id, name)) }
      draftFailures[id] = nil
      if isWanted {
        journal.say(
          .caseDrafted, "Case \(id) has a draft by generation \(generation): \(figures.lesionCount) lesions",
          [
            .caseLabel: id, .generation: String(generation), .lesions: String(figures.lesionCount),
            .volume: String(figures.volumeMl),
          ])
        metrics.drafted(figures, at: Clock.seconds)
        publish(id)
        clearWhenQuiet()
      }
      tell(.drafted(id: id))
    } catch {
      report(error, in: "draft of case \(id)")
      tell(.notDrafted(id: id))
      retryDraft(id)
    }
  }

  private func keepOrder(_ figures: [ProximityFigures], _ generation: Int) {
    do {
      if try ledger.currentGeneration()?.number == generation {
        try ledger.setProximities(figures, generation: generation)
        tell(.ordered(figures.map(\.id)))
      }
    } catch {
      report(error, in: "proximities")
    }
    tell(.orderEnded)
  }

  /// Holds the case where its scan is the reason. Where the service's own disk or model is, no scan can help that: it
  /// stays in the queue.
  private func draftFailed(_ id: String, _ generation: Int, _ reason: ReasonCode?, _ text: String) async {
    if let reason, reason.outcome != .survive {
      tell(.notDrafted(id: id))
      return hold(id, reason, "the worker cannot use it: \(text)")
    }
    journal.say(.note, "The draft of case \(id) failed and is tried again: \(text)", [.caseLabel: id])
    if reason == .diskFull { noteRoom() }
    if reason == .modelDamaged { await replaceDamaged(generation) }
    tell(.notDrafted(id: id))
    retryDraft(id)
  }

  /// Sets a case aside for a person, who finds word of it beside the scan.
  func hold(
    _ id: String, _ reason: ReasonCode, _ words: String, numbers: [Verdict.Number] = [], lines: [String] = []
  ) {
    do {
      try ledger.change(id, to: .held, reason: reason, by: own)
      journal.say(
        .caseHeld, "Case \(id) is held, \(reason.rawValue): \(words)",
        [.caseLabel: id, .reason: reason.rawValue, .state: "held"])
      try setAside(id)
      try leave(receipt(heldCase: id, reason, numbers: numbers, lines: lines), besideScanOf: id)
    } catch {
      report(error, in: "holding case \(id)")
      retryDraft(id)
    }
  }

  /// A case waits for a person: it is neither worked on nor counted.
  func setAside(_ id: String) throws(LedgerFault) {
    tell(.left(id: id))
    tell(.expertSubjects(try ledger.expertSubjectCount()))
    tell(try recount())
  }

  /// Word that a case waits for a person.
  func receipt(
    heldCase id: String, _ reason: ReasonCode, numbers: [Verdict.Number] = [], lines: [String] = []
  ) -> Receipt {
    Receipt(
      .held, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy, numbers: numbers,
      caseLabel: id,
      lines: lines + [
        "To \(reason.isReleasable ? "release it as it is" : "have it tried again"), move the scan into inbox/release/."
      ])
  }

  /// Puts a draft that failed without its own fault back into the queue, later each time.
  func retryDraft(_ id: String) {
    draftFailures[id, default: 0] += 1
    let wait = Duration.seconds(min(3600, 5 << min(draftFailures[id] ?? 1, 12)))
    Task { [weak self] in
      try? await Task.sleep(for: wait)
      await self?.queueDraft(id)
    }
  }

  private func queueDraft(_ id: String) {
    guard let known = try? ledger.case(id), known.state.isInPool || known.state == .pseudo else { return }
    tell(known.state == .accepted ? .undrafted(id: id) : .outdated(id: id, isInPool: known.state.isInPool))
    beat()
  }

  private func lose(_ ending: Ending, _ newMemoryKill: Bool) {
    status.worker = "waiting"
    status.workerIdentity = nil
    workerFailures += 1
    let drafting = requests.values.compactMap { if case .draft(let id, _, _) = $0 { id } else { nil } }.first
    let training = requests.values.compactMap { if case .train(let cycle) = $0 { cycle } else { nil } }.first
    requests = [:]
    progress = nil
    if ending != .dismissed {
      troubles["worker"] = "the worker \(ending.words)"
      journal.say(.workerFailed, "The worker \(ending.words)", drafting.map { [.caseLabel: $0] } ?? [:])
    }
    // Before anything else: whoever is told to draft must know that nobody is there to do it.
    tell(.workerDown)
    // Of what a worker has died of alone it has died again.
    let hasKilled = drafting.flatMap { try? ledger.case($0).strikes > 0 } ?? false
    if let training, ending != .dismissed, !hasKilled {
      suspect = drafting ?? suspect
      trainingDied(training, ending)
    } else if let drafting {
      blame(drafting, ending, newMemoryKill)
    }
  }

  private func blame(_ id: String, _ ending: Ending, _ newMemoryKill: Bool) {
    do {
      // Of the death before training was suspected too: now it is known.
      let wasSuspect = suspect == id
      if wasSuspect { suspect = nil }
      if ending.isHeldAgainstCase(newMemoryKill: newMemoryKill) {
        if wasSuspect { _ = try ledger.strike(id) }
        if try ledger.strike(id) >= 2 {
          hold(id, newMemoryKill ? .memory : .workerCrashed, "the worker died of it twice")
        }
      } else if ending == .overdue || ending == .lost {
        draftFailures[id, default: 0] += 1
        if draftFailures[id] ?? 0 >= 3 {
          hold(id, ending == .lost ? .workerCrashed : .workerDeadline, "the worker did not finish it")
        }
      }
    } catch {
      report(error, in: "a strike against case \(id)")
    }
  }

  // MARK: places

  /// A file of a case's work in hand.
  private func work(_ id: String, _ name: String) -> FilePath {
    state.path.appending(StateLayout.work).appending("\(id)-\(name)")
  }

  /// The folder of a cycle.
  func cycleFolder(_ cycle: Int) -> FilePath {
    state.path.appending(StateLayout.train).appending("cycle-\(number(cycle))")
  }

  /// Four digits.
  func number(_ value: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
