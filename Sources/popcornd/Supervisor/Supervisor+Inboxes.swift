import Contract
import Files
import Ledger
import SystemPackage

// What hinders the intakes: a share that hangs, what may not be read, receipts that cannot be left.
extension Supervisor {
  /// Asks the intakes that have something to do whether they are there, and says which are not.
  func callRoll(_ now: Double) {
    let (ask, missing) = rollCall.call(at: now)
    for inbox in ask {
      guard let intake = intakes[inbox] else { continue }
      Task {
        await intake.answer()
        guard rollCall.answered(inbox, at: Clock.seconds) else { return }
        noteBack(inbox)
        noteIntake()
      }
    }
    for inbox in missing {
      let number = place(of: inbox)
      journal.say(
        .inboxGone, "Inbox \(number) does not answer", [.inbox: number, .reason: ReasonCode.inboxGone.rawValue])
      troubles["inbox \(number) silent"] = "inbox \(number) does not answer: what lies in it waits, nothing else does"
    }
    if !missing.isEmpty { noteIntake() }
  }

  /// An inbox that did not answer does.
  func noteBack(_ inbox: FilePath) {
    let number = place(of: inbox)
    journal.say(.inboxBack, "Inbox \(number) answers again", [.inbox: number])
    troubles["inbox \(number) silent"] = nil
    isStatusStale = true
  }

  /// So many files and folders of an inbox may not be read.
  func unreadable(_ inbox: FilePath, count: Int, isNew: Bool) {
    let (number, reason) = (place(of: inbox), ReasonCode.noPermission.rawValue)
    if isNew {
      journal.say(.fileWaiting, "Something in inbox \(number) may not be read", [.inbox: number, .reason: reason])
    }
    let words = count == 1 ? "1 file or folder" : "\(count) files and folders"
    troubles["inbox \(number) unreadable"] =
      count == 0 ? nil : "\(words) in inbox \(number) may not be read (\(reason)): the receipts say what to do"
    isStatusStale = true
  }

  /// Receipts cannot be left in an inbox or on its shelves; nil: they can again.
  func receipts(in inbox: FilePath, fault: FileFault?) {
    let number = place(of: inbox)
    if let fault {
      let isFull = [.noSpace, .diskQuotaExceeded].contains(fault.errno)
      journal.say(
        isFull ? .diskFull : .note,
        "Receipts cannot be left in inbox \(number): cannot \(fault.act): \(fault.errno)",
        [.inbox: number, .errno: String(fault.errno.rawValue)])
    }
    troubles["inbox \(number) receipts"] = fault.map { "receipts cannot be left in inbox \(number): \($0.errno)" }
    isStatusStale = true
  }
}
