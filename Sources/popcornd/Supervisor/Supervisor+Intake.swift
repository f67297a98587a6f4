import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What becomes of a dropped file: state, file record and audit in one transaction, before anything is done to the file.
extension Supervisor {
  /// Decides about a file that popcorn-admit has read.
  func decide(_ arrival: Arrival) -> Ruling {
    effects = Effects()
    // What an earlier decision did not want may have been cleared away since the file was read.
    if let canonical = arrival.canonical, !store.holds(canonical, .image) { return .again }
    do {
      let ruling = try ledger.transaction { () throws(LedgerFault) in
        let ruling = try rule(arrival)
        if ruling.isOfNoCase, let canonical = arrival.canonical { try ledger.discard(canonical, .image) }
        return ruling
      }
      if ruling.isOfNoCase, arrival.canonical != nil { clearWhenQuiet() }
      FaultPoint.commit.pass()
      apply(effects)
      return ruling
    } catch {
      report(error, in: "taking a file")
      return .again
    }
  }

  /// What a decision changes outside of the ledger, once it is written.
  struct Effects {
    var events: [Scheduler.Event] = []
    var publish: [String] = []
    /// Cases that wait for no person any more.
    var goesOn: [String] = []
    /// The inbox and the place of a scan that has come: masks that wait for it are looked at again.
    var scan: (inbox: FilePath, place: FilePath)?
    /// Held masks of that inbox that are looked at again with them.
    var held: Set<FilePath> = []
    var index: [(inout PairIndex) -> Void] = []
    var say: [(Journal) -> Void] = []
  }

  private func apply(_ effects: Effects) {
    for change in effects.index { change(&index) }
    for say in effects.say { say(journal) }
    for event in effects.events { tell(event) }
    for id in effects.publish { publish(id) }
    for id in effects.goesOn { takeBackReceipt(besideScanOf: id) }
    if let scan = effects.scan, let intake = intakes[scan.inbox] {
      let masks = index.waiting(in: scan.inbox).union(effects.held)
      if !masks.isEmpty { send(intake) { await $0.reconsider(masks, for: scan.place) } }
    }
    isStatusStale = true
    noteIntake()
    beat()
  }

  /// Has an intake do something; until it is done the service does not count as idle.
  func send(_ intake: Intake, on errand: @escaping @Sendable (Intake) async -> Void) {
    errands += 1
    rollCall.sent(intake.path)
    Task {
      await errand(intake)
      errands -= 1
      if rollCall.returned(intake.path, at: Clock.seconds) { noteBack(intake.path) }
      noteIntake()
      if errands == 0 { beat() }
    }
  }

  /// Tells the scheduler whether files are being taken: a cycle must not begin between a scan and its mask. Only a run
  /// with `--once` waits for what is not whole, and for an inbox that does not answer.
  func noteIntake() {
    let isAwaited = errands > 0 || pending.count < intakes.count || pending.values.contains { $0 > 0 }
    tell(.intake(isBusy: isOnce ? isAwaited : rollCall.isBusy))
  }

  private func rule(_ arrival: Arrival) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    let isReleased = arrival.file.tree == .release
    if let ruling = try ruleSentAgain(arrival) { return ruling }
    switch verdict.outcome {
    case .wait: return try wait(arrival, verdict.reason ?? .pairHalf, verdict.numbers)
    case .reject: return try refuse(arrival, verdict.reason ?? .notNifti, verdict.numbers)
    case .hold where !isReleased || arrival.canonical == nil:
      return try hold(arrival, verdict.reason ?? .ioError, verdict.numbers)
    case .hold, .accept: break
    }
    switch arrival.name.role {
    case .scan: return try ruleScan(arrival, isReleased)
    case .label: return try ruleLabel(arrival, isReleased)
    case .brain: return try ruleBrain(arrival, isReleased)
    }
  }
}
