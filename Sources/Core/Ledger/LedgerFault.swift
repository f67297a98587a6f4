import CSQLite
import Contract
import Files
import SystemPackage

/// What the ledger refuses, and what can go wrong under it. The words say what to do.
public enum LedgerFault: Error, Sendable, CustomStringConvertible {
  /// SQLite answered an error: what was asked, its extended result code, its words.
  case database(String, code: Int32, String)
  /// A file of the state directory or the outbox.
  case file(FileFault)
  /// A change of state that the table of states does not have.
  case notAllowed(case: String, from: CaseState, to: CaseState)
  /// The expert mask that is to be revised came from somebody else.
  case notOwner(case: String)
  /// No such case, cycle or generation.
  case notFound(String)
  /// What was asked contradicts what is recorded.
  case conflict(String)
  /// The ledger was written by a newer popcornd.
  case newer(found: Int, known: Int)
  /// Another service has the state directory; its process id where it could be read.
  case occupied(pid: Int32?)
  /// The state directory lies on a network file system.
  case networkState(FilePath)
  /// The install key is not there, or not the one that the ledger's cases were named with.
  case foreignKey(FilePath, isMissing: Bool)
  /// What is recorded cannot be what was written.
  case damaged(String)

  /// What went wrong and what to do.
  public var description: String {
    switch self {
    case .database(let act, let code, let words): "the ledger's database failed (\(code), \(words)) at: \(act)"
    case .file(let fault): fault.description
    case .notAllowed(let label, let from, let to):
      "case \(label) is \(from.rawValue): it cannot become \(to.rawValue)"
    case .notOwner(let label):
      "the expert mask of case \(label) came from another user: its owner or an admin may revise it"
    case .notFound(let words): "there is no \(words)"
    case .conflict(let words): words
    case .newer(let found, let known):
      "the ledger has version \(found) and this popcornd knows up to \(known): install the newer popcornd again, "
        + "or restore the copy that the upgrade made (ledger.sqlite.v\(known).copy in the state directory)"
    case .occupied(let pid):
      "another popcornd\(pid.map { " (process \($0))" } ?? "") has this state directory: stop it first"
    case .networkState(let path):
      "\(path) lies on a network file system, where two hosts could take it at once: put the state on a local disk"
    case .foreignKey(let path, let isMissing):
      "\(path) \(isMissing ? "is not there" : "is not the key that it was"), and the ledger has cases that are named with "
        + "that key: with another, a person who comes again would be somebody new, trained on and held out at once. Put it "
        + "back from the backup of the state directory; where there is none, begin anew with an empty state directory"
    case .damaged(let words): "the ledger is damaged: \(words)"
    }
  }

  /// What a program that stops because of this exits with.
  public var exitCode: ExitCode {
    switch self {
    case .newer, .networkState, .foreignKey: .configuration
    case .occupied: .temporaryFailure
    case .notFound: .notFound
    case .notOwner: .noPermission
    case .file(let fault): fault.errno == .permissionDenied ? .noPermission : .ioError
    case .notAllowed, .conflict: .failure
    case .damaged: .software
    case .database: isDiskFull ? .ioError : .software
    }
  }

  /// Whether another program had the database for longer than is waited: the same call may succeed later.
  public var isBusy: Bool {
    guard case .database(_, let code, _) = self else { return false }
    return [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xff)
  }

  /// Whether the disk is full: nothing was recorded, and the same call may succeed later.
  public var isDiskFull: Bool {
    switch self {
    case .database(_, let code, _): code & 0xff == SQLITE_FULL
    case .file(let fault): fault.errno == .noSpace
    default: false
    }
  }
}
