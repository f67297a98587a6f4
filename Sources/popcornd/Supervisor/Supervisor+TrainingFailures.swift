import Contract
import Ledger
import Processes

// A cycle that cannot go on: it is tried again, begun anew without what was in its way, or given up.
extension Supervisor {
  /// What the worker could not do for a reason that has nothing to do with the cycle is tried until it can: the cycle
  /// waits for room on the disk, where its model is damaged another begins from the one before, and where nothing can go
  /// on from its checkpoint another begins in its place.
  func trainingFailed(_ cycle: Int, _ reason: ReasonCode?, _ words: String) async {
    switch reason {
    case .diskFull:
      journal.say(.trainingFailed, "Cycle \(cycle) waits for room: \(words)", [.cycle: String(cycle)])
      noteRoom()
      deferTraining(for: .seconds(60))
    case .modelDamaged:
      guard let base = try? ledger.runningCycle()?.base else { return trainingFailed(cycle, words) }
      await replaceDamaged(base)
      // A draft may have met it before.
      let isReplaced = (try? ledger.currentGeneration()?.number).map { $0 != base } ?? false
      if isReplaced { replace(cycle, .modelDamaged, words) } else { trainingFailed(cycle, words) }
    case .checkpointUnreadable: replace(cycle, .checkpointUnreadable, words)
    default: trainingFailed(cycle, words)
    }
  }

  /// Cases that no training can use wait for a person, and another cycle begins without them; where too few are left it
  /// waits for more experts' masks.
  func goOn(_ cycle: Int, without unusable: [UnusableCase]) {
    let words = "of its experts' cases \(unusable.map(\.id).joined(separator: ", ")) cannot be used"
    for found in unusable { hold(found.id, found.reason, "no training can use it: \(found.text)") }
    // One of them may be who was held out: somebody else is to judge then.
    do { try ledger.takeBackRoles(ofCycle: cycle) } catch { report(error, in: "the parts in cycle \(cycle)") }
    guard scheduler.expertsMissing == 0, scheduler.expertSubjects > 0, let reason = unusable.first?.reason else {
      return dismiss(cycle, words)
    }
    replace(cycle, reason, words)
  }

  /// Ends a cycle that nobody waits for any more.
  private func dismiss(_ cycle: Int, _ words: String) {
    do {
      try ledger.abandonCycle(cycle, words: words, by: own)
      journal.say(.trainingFailed, "Cycle \(cycle) cannot go on: \(words)", [.cycle: String(cycle)])
      upkeepDue = .now
    } catch {
      report(error, in: "the end of cycle \(cycle)")
    }
    tell(.cycleEnded)
  }

  /// Gives a cycle up and begins another for the same reason: after an upgrade an order or a checkpoint
  /// may be of another version, and what had called for the cycle calls no second time.
  private func replace(_ cycle: Int, _ reason: ReasonCode, _ words: String) {
    journal.say(
      .trainingFailed, "Cycle \(cycle) cannot go on: \(words)",
      [.cycle: String(cycle), .reason: reason.rawValue])
    do {
      // A disk that keeps no checkpoint whole makes no cycle after cycle for ever.
      let ended = try ledger.cycles().filter { $0.ended != nil }
      let inARow = ended.reversed().prefix { $0.state == .abandoned }.count
      guard inARow < 2 else { return giveUp(cycle, words) }
      let cause = try ledger.runningCycle()?.cause
      try beginCycle(cause.flatMap(Scheduler.Trigger.init(rawValue:)) ?? .command, inPlaceOf: (cycle, words))
      try noteTraining()
      upkeepDue = .now
      tell(.cycleReplaced)
    } catch {
      report(error, in: "the cycle in the place of cycle \(cycle)")
      trainingFailed(cycle, words)
    }
  }

  /// The worker could not go on: it is tried again a few times, later each time, then the cycle is given up.
  func trainingFailed(_ cycle: Int, _ words: String) {
    journal.say(.trainingFailed, "Cycle \(cycle) failed: \(words)", [.cycle: String(cycle)])
    countFailure(of: cycle, words)
  }

  private func countFailure(of cycle: Int, _ words: String) {
    trainFailures += 1
    guard trainFailures < Self.mostFailures else { return giveUp(cycle, words) }
    deferTraining()
  }

  func giveUp(_ cycle: Int, _ words: String) {
    do {
      try ledger.abandonCycle(cycle, words: words, by: own)
      isTrainingGivenUp = true
      troubles["training"] = "cycle \(cycle) was given up: \(words); popcornctl train now begins another"
      sayAuditHead()
      upkeepDue = .now
    } catch {
      report(error, in: "giving up cycle \(cycle)")
    }
    tell(.cycleEnded)
  }

  /// The worker died while it trained. A draft that it was asked for meanwhile, the suspect, is made alone then, which tells
  /// whose fault it is.
  func trainingDied(_ cycle: Int, _ ending: Ending) {
    countFailure(of: cycle, "the worker \(ending.words), \(Self.mostFailures) times without progress")
  }

  /// A last cycle that came to nothing is for a person to look at until another ends.
  func noteTraining() throws {
    let cycles = try ledger.cycles()
    let last = cycles.last { $0.ended != nil }
    troubles["training"] =
      switch last?.state {
      case .abandoned:
        "cycle \(last?.number ?? 0) was given up: "
          + (cycles.last?.ended == nil ? "another is in its place" : "popcornctl train now begins another")
      case .refused where try ledger.currentGeneration() == nil:
        "cycle \(last?.number ?? 0) made no model: \(last?.result?.words ?? "")"
      default: nil
      }
  }

  /// How often in a row a training may fail without progress before it is given up, some ten minutes after the first time.
  private static let mostFailures = waits.count + 1
  private static let waits: [Duration] = [.seconds(2), .seconds(10), .seconds(60), .seconds(600)]

  func deferTraining() { deferTraining(for: Self.waits[min(max(trainFailures, 1), Self.waits.count) - 1]) }

  private func deferTraining(for wait: Duration) {
    tell(.trainingFailed)
    Task { [weak self] in
      try? await Task.sleep(for: wait)
      await self?.resumeDeferred()
    }
  }

  private func resumeDeferred() {
    if let suspect, scheduler.awaitsDraft(of: suspect) { return deferTraining(for: .seconds(1)) }
    suspect = nil
    tell(.interruptedCycle)
    beat()
  }
}
