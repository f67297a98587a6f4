import Configuration
import Contract
import Ledger

// What an operator may ask for.
extension Supervisor {
  func carryOut(_ request: ControlRequest, by peer: Peer) -> ControlReply {
    defer {
      writeStatus()
      beat()
    }
    do {
      let reply = try answer(request, from: peer)
      if case .done = reply { try note(request, by: peer) }
      return reply
    } catch LedgerFault.notFound(let words) {
      return .refused("there is no \(words)", exit: ExitCode.notFound.rawValue)
    } catch {
      return .refused("\(error)", exit: ExitCode.failure.rawValue)
    }
  }

  private func answer(_ request: ControlRequest, from peer: Peer) throws -> ControlReply {
    switch request {
    case .status, .queue: return .status(board.status)
    case .trainNow: return try trainNow()
    case .trainPause:
      try ledger.setMeta("training_paused", to: "yes")
      tell(.pause)
      return .done("training stops at its next checkpoint and stays paused")
    case .trainResume:
      try ledger.setMeta("training_paused", to: "no")
      tell(.resume)
      return .done("training goes on when there is something to train")
    case .reload:
      if let mistakes = reload() { return .refused(mistakes, exit: ExitCode.configuration.rawValue) }
      return .done("the configuration was read again" + (troubles["configuration"].map { "; \($0)" } ?? ""))
    case .hold(let id):
      try ledger.change(id, to: .held, by: peer.user)
      try setAside(id)
      return .done("case \(id) is held")
    case .release(let id): return try release(id, isOverruled: true, by: peer)
    case .retry(let id): return try release(id, isOverruled: false, by: peer)
    }
  }

  /// Records who had what done. What becomes of a case the ledger has recorded with the case.
  private func note(_ request: ControlRequest, by peer: Peer) throws(LedgerFault) {
    var fields: [JournalField: String] = [.actor: String(peer.user)]
    switch request {
    case .status, .queue, .release, .retry: return
    case .hold(let id): fields[.caseLabel] = id
    case .trainNow, .trainPause, .trainResume, .reload:
      try ledger.record(.commandGiven, facts: ["command": request.verb], by: peer.user)
    }
    journal.say(.commandGiven, "User \(peer.user) had popcornctl \(request.verb) done", fields)
  }

  /// Records that somebody asked for what they may not have.
  func note(_ refusal: Refusal) {
    var facts = ["command": refusal.verb]
    if refusal.times > 1 { facts["times"] = String(refusal.times) }
    do {
      try ledger.record(.commandRefused, facts: facts, by: refusal.user)
    } catch {
      report(error, in: "a refused command")
    }
    let often = refusal.times > 1 ? ", \(refusal.times) times" : ""
    journal.say(
      .commandRefused, "User \(refusal.user) was refused: popcornctl \(refusal.verb)\(often)",
      [.actor: String(refusal.user)])
  }

  private func trainNow() throws(LedgerFault) -> ControlReply {
    if let hindrance = scheduler.hindrance {
      return .refused(hindrance, exit: ExitCode.temporaryFailure.rawValue)
    }
    if scheduler.isTraining { return .done("a cycle is running already") }
    let hasBegun = scheduler.isInCycle
    guard hasBegun || scheduler.expertsMissing == 0 && scheduler.expertSubjects > 0 else {
      let missing = max(1, scheduler.expertsMissing)
      return .refused(
        "expert masks of \(missing) more subjects are needed: drop scans with masks into labeled/",
        exit: ExitCode.failure.rawValue)
    }
    try ledger.setMeta("training_paused", to: "no")
    tell(.trainNow)
    return .done(hasBegun ? "the cycle that has begun goes on" : "a cycle begins")
  }

  private func release(_ id: String, isOverruled: Bool, by peer: Peer) throws -> ControlReply {
    let known = try ledger.case(id)
    guard known.state == .held || known.state == .rejected else {
      return .refused(
        "case \(id) is \(known.state.rawValue), neither held nor rejected", exit: ExitCode.failure.rawValue)
    }
    if known.reason == .pairTimeout, !isOverruled {
      return .refused(
        "the expert mask of case \(id) has not come: drop it, or release the case to have its scan taken without",
        exit: ExitCode.failure.rawValue)
    }
    effects = Effects()
    let state = try ledger.transaction { () throws(LedgerFault) in
      try release(known, isOverruled: isOverruled, by: peer.user)
    }
    for event in effects.events { tell(event) }
    publish(id)
    takeBackReceipt(besideScanOf: id)
    journal.say(
      .caseReleased, "Case \(id) goes on",
      [
        .caseLabel: id, .actor: String(peer.user), .stateBefore: known.state.rawValue,
        .state: state.rawValue,
      ])
    return .done("case \(id) goes on")
  }

  /// Puts a held or rejected case back where it was, and answers where that is. `isOverruled`: the doubt that held it does not
  /// count any more.
  @discardableResult
  func release(_ known: Case, isOverruled: Bool, by actor: UInt32) throws(LedgerFault) -> CaseState {
    try ledger.forgive(known.label)
    if isOverruled { try ledger.overrule(known.label) }
    draftFailures[known.label] = nil
    let state = try home(of: known)
    try ledger.change(known.label, to: state, by: actor)
    switch state {
    case .expert: effects.events += [.expertLabel, .expertSubjects(try ledger.expertSubjectCount())]
    case .accepted: effects.events += [.undrafted(id: known.label), try recount()]
    default: break
    }
    return state
  }

  /// Where a case goes that is held no longer. An operator who held a scan that waited for its mask did not say that it is
  /// one without.
  private func home(of known: Case) throws(LedgerFault) -> CaseState {
    guard try ledger.labels(of: known.label).isEmpty else { return .expert }
    guard known.state == .held, known.reason == nil else { return .accepted }
    let held = try ledger.auditRecords(of: known.label).last { $0.after == CaseState.held.rawValue }
    return held?.before == CaseState.waiting.rawValue ? .waiting : .accepted
  }

  /// Reads the configuration again; answers what is wrong with it, and then the old one stays.
  func reload() -> String? {
    Notify.reloading()
    defer { Notify.ready(status.headline) }
    guard let file = configurationFile else { return nil }
    do {
      let (new, pending) = settings.reloaded(with: try Settings.load(file, resolvesLinks: false))
      let changes = settings.differences(to: new).map(\.description)
      // Before anything is taken: where it cannot be told, the old one stays.
      let waiting = try words(ofPending: pending)
      settings = new
      Task { await courier.keep(new.output.keepGenerations) }
      upkeepDue = .now
      troubles["configuration"] = waiting
      tell(.settings(Scheduler.Settings(new, isOnce: isOnce)))
      for intake in intakes.values { Task { await intake.reload(new) } }
      try ledger.record(.configurationChanged, facts: ["changes": changes.joined(separator: "; ")], by: own)
      journal.say(
        .configurationReloaded,
        "The configuration was read again; \(changes.count) values changed" + (waiting.map { "; \($0)" } ?? ""))
      isStatusStale = true
      return nil
    } catch {
      troubles["configuration"] = "reload failed: \(error)"
      journal.say(.configurationRefused, "The configuration was not taken: \(error)")
      isStatusStale = true
      return "\(error)"
    }
  }
}
