import Contract
import Files
import Ledger
import Processes
import SystemPackage
import Watch

// What the intakes tell the supervisor: what came of a rename, how much waits, what is wrong.
extension Supervisor {
  /// What came of a planned move.
  func settle(_ record: Int, as move: FileMove) {
    do { try ledger.settle(record, as: move) } catch { report(error, in: "noting a move") }
  }

  /// How many files an inbox has that are not taken yet, and how many of them are being taken.
  func intake(_ inbox: FilePath, pending count: Int, busy: Int) {
    metrics.lastLook = Timestamp.now
    let wasBusy = rollCall.isBusy
    if rollCall.taking(inbox, busy, at: Clock.seconds) { noteBack(inbox) }
    guard pending[inbox] != count || rollCall.isBusy != wasBusy else { return }
    pending[inbox] = count
    noteIntake()
    if count == 0 || !rollCall.isBusy { beat() }
  }

  /// Whether an inbox is there.
  func inbox(_ path: FilePath, trouble: String?) {
    let number = place(of: path)
    if let trouble {
      journal.say(.inboxGone, "Inbox \(number) is not there", [.inbox: number, .reason: ReasonCode.inboxGone.rawValue])
      troubles["inbox \(number)"] = trouble
    } else {
      journal.say(.inboxBack, "Inbox \(number) is there again", [.inbox: number])
      troubles["inbox \(number)"] = nil
    }
    isStatusStale = true
  }

  /// How an inbox is called where its path is not told: its place in the configuration, from 0.
  func place(of inbox: FilePath) -> String { String(settings.inbox.path.firstIndex(of: inbox.string) ?? 0) }

  /// A file is not whole yet, or cannot be read now; said once a file.
  func fileWaits(in inbox: FilePath, _ reason: ReasonCode) {
    journal.say(
      .fileWaiting, "A file waits: \(reason.rawValue)", [.reason: reason.rawValue, .inbox: place(of: inbox)])
  }

  /// A file that was to be taken is gone.
  func fileVanished(from inbox: FilePath) {
    journal.say(
      .fileVanished, "A file was taken away before it was read",
      [.reason: ReasonCode.vanished.rawValue, .inbox: place(of: inbox)])
  }

  /// Taking a file failed on our side or the share's; it is tried again.
  func intakeFailed(_ inbox: FilePath, _ error: any Error) { report(error, in: "taking a file") }

  /// popcorn-admit died of a file.
  func readerDied(_ ending: Ending) { journal.say(.note, "popcorn-admit \(ending.words)") }

  /// Why popcorn-admit cannot be started; nil where it can again.
  func reader(trouble: String?) {
    troubles["admit"] = trouble.map { "popcorn-admit could not be started: \($0)" }
    isStatusStale = true
  }
}
