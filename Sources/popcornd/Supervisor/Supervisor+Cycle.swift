import Contract
import Files
import FoundationEssentials
import Ledger
import Processes
import SystemPackage

// A cycle from its order to its generation.
extension Supervisor {
  /// Writes the order, then records that the cycle runs: a crash in between leaves an order that is written again.
  /// - Parameter givenUp: a cycle that is given up for this one, both or neither.
  func beginCycle(_ trigger: Scheduler.Trigger, inPlaceOf givenUp: (cycle: Int, words: String)? = nil) throws {
    let cycle = try ledger.nextCycleNumber()
    let base = try ledger.currentGeneration()
    let folder = try state.directory.directory(
      making: FilePath("train/cycle-\(number(cycle))"), permissions: 0o770)
    try ledger.transaction { () throws(LedgerFault) in
      if let givenUp { try ledger.abandonCycle(givenUp.cycle, words: givenUp.words, by: own) }
      try ledger.assignHoldout(share: settings.popcorn.holdoutSubjects, cycle: cycle, by: own)
      let membership = try ledger.membership(in: store)
      var known: [String: String]?
      if let base { known = try latents(under: base, of: membership) }
      let order = CycleOrder(
        cycle: cycle, model: base.map { store.path($0.model, .weights).string },
        optimizer: base.map { store.path($0.optimizer, .weights).string }, trainingSet: membership.trainingSet,
        // Before there is a model there is nothing to order a pool by; who only shows it needs no order.
        pool: base == nil && !settings.popcorn.strategy.showsPool ? [] : membership.pool, holdout: membership.holdout,
        settings: settings.training,
        latents: known)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do {
        let bytes = Array(try encoder.encode(order))
        try DurableFile.write(bytes, as: "cycle.json", in: folder)
        try ledger.beginCycle(cycle, cause: trigger.rawValue, order: Digest(of: bytes), by: own)
      } catch let fault as FileFault {
        throw LedgerFault.file(fault)
      } catch {
        throw error as? LedgerFault ?? .damaged("the order of cycle \(cycle) cannot be written: \(error)")
      }
    }
    trainFailures = 0
    stepsReached = 0
    journal.say(
      .cycleStarted, "Cycle \(cycle) began (\(trigger.rawValue))",
      [.cycle: String(cycle), .generation: String(base?.number ?? 0)])
  }

  /// Gives the running cycle to the worker, which goes on from its last checkpoint.
  func train() throws {
    guard let running = try ledger.runningCycle() else { return tell(.cycleEnded) }
    FaultPoint.train.pass()
    send(
      .train(directory: cycleFolder(running.number).string), as: .train(cycle: running.number),
      deadline: settings.resources.trainTimeout)
  }

  /// What came of a cycle: files first, then everything in one transaction, then the outbox.
  func endCycle(_ cycle: Int, _ result: CycleResult) async {
    adopting += 1
    defer { adopting -= 1 }
    do {
      let folder = cycleFolder(cycle)
      var model: Digest?
      var optimizer: Digest?
      var files: [String: SelectionFiles] = [:]
      if isThere(folder.pushing(FilePath(result.model))) {
        model = try await keeper.adopt(folder.pushing(FilePath(result.model)), digest: result.modelDigest, as: .weights)
      }
      if result.outcome == .publish {
        optimizer = try await keeper.adopt(folder.pushing(FilePath(result.optimizer)), digest: nil, as: .weights)
        files = try await keeper.adopt(result.selections, in: folder)
      }
      FaultPoint.publish.pass()
      let end = try ledger.endCycle(
        cycle, with: result, model: model, optimizer: optimizer, files: files, by: own)
      FaultPoint.publish.pass()
      trainFailures = 0
      isTrainingGivenUp = false
      try noteTraining()
      progress = nil
      sayEnd(cycle, result, end)
      sayAuditHead()
      for id in end.selected { publish(id) }
      try welcomeGeneration()
      upkeepDue = .now
      tell(.cycleEnded)
    } catch {
      report(error, in: "the end of cycle \(cycle)")
      trainingFailed(cycle, "\(error)")
    }
  }

  /// What is current is published, and what it has not segmented yet is queued.
  func welcomeGeneration() throws {
    publishModels()
    guard let generation = try ledger.currentGeneration() else { return }
    for known in try ledger.casesWithoutMask(by: generation.number) {
      switch known.state {
      case .accepted: tell(.undrafted(id: known.label))
      case .drafted: tell(.outdated(id: known.label, isInPool: true))
      default: tell(.outdated(id: known.label, isInPool: false))
      }
    }
    tell(.generation(generation.number))
  }

  private func sayEnd(_ cycle: Int, _ result: CycleResult, _ end: CycleEnd) {
    for incident in result.incidents {
      journal.say(
        .trainingRolledBack, incident.words, [.cycle: String(cycle), .reason: incident.reason.rawValue])
    }
    for missed in result.leftOut ?? [] {
      journal.say(
        .caseLeftOut, "Cycle \(cycle) went on without case \(missed.id): \(missed.words)",
        [.caseLabel: missed.id, .cycle: String(cycle)])
    }
    noteLeftOut(cycle, result)
    for selection in result.selections where end.selected.contains(selection.proximity.id) {
      journal.say(
        .caseSelected, "Case \(selection.proximity.id) is in the training set",
        [
          .caseLabel: selection.proximity.id, .cycle: String(cycle), .step: String(selection.step),
          .rank: String(selection.rank), .proximity: String(selection.proximity.sum), .state: "pseudo",
        ])
    }
    var facts: [JournalField: String] = [.cycle: String(cycle)]
    facts[.dice] = result.meanDice.map { String($0) }
    if let generation = end.generation {
      journal.say(
        .generationPublished, "Generation \(generation) is published: \(result.words)\(result.heldOutWords)",
        facts.merging([.generation: String(generation), .modelDigest: result.modelDigest]) { $1 })
    } else {
      let reason: ReasonCode =
        switch result.outcome {
        case .diverged: .trainDiverged
        case .collapsed: .trainCollapsed
        case .publish, .refused: .gateRefused
        }
      journal.say(
        .generationRefused, "Cycle \(cycle) made no generation: \(result.words)\(result.heldOutWords)",
        facts.merging([.reason: reason.rawValue, .modelDigest: result.modelDigest]) { $1 })
    }
    if let done = try? ledger.cycles().last(where: { $0.number == cycle }), let ended = done.ended {
      facts[.duration] = String((ended.milliseconds - done.began.milliseconds) * 1000)
    }
    journal.say(.cycleFinished, "Cycle \(cycle) is done: \(result.words)", facts)
  }

  /// What the last cycle could not read is for a person to look at until a cycle reads everything.
  func noteLeftOut(_ cycle: Int, _ result: CycleResult) {
    let missed = result.leftOut ?? []
    let shown = missed.prefix(3).map(\.id).joined(separator: ", ") + (missed.count > 3 ? ", ..." : "")
    troubles["left out"] =
      missed.isEmpty
      ? nil
      : "cycle \(cycle) could not read \(missed.count) \(missed.count == 1 ? "scan" : "scans") of the pool "
        + "(\(shown)): popcornctl case show says why"
  }
}
