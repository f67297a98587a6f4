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

  /// How many files an inbox has that are not taken yet.
  func intake(_ inbox: FilePath, pending count: Int) {
    guard pending[inbox] != count else { return }
    pending[inbox] = count
    noteIntake()
    if count == 0 { beat() }
  }

  /// Whether an inbox is there.
  func inbox(_ path: FilePath, trouble: String?) {
    let number = settings.inbox.path.firstIndex(of: path.string) ?? 0
    if let trouble {
      journal.say(
        .inboxGone, "Inbox \(number) is not there", [.inbox: String(number), .reason: ReasonCode.inboxGone.rawValue])
      troubles["inbox \(number)"] = trouble
    } else {
      journal.say(.inboxBack, "Inbox \(number) is there again", [.inbox: String(number)])
      troubles["inbox \(number)"] = nil
    }
    isStatusStale = true
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
