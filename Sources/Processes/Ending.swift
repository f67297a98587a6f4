import Files
import Glibc
import SystemPackage

/// How a process of ours ended.
public enum Ending: Sendable, Equatable {
  /// By itself, with this exit status.
  case exited(Int32)
  /// By a signal that we did not send.
  case signaled(Int32)
  /// By us: a request took longer than its deadline.
  case overdue
  /// By us: the service stops, or begins anew with another configuration.
  case dismissed
  /// It was at the other end of a socket, so nobody can say how.
  case lost
  /// It could not be started, or left before it could do anything.
  case unstartable(String)

  /// Whether the end is held against the case in work: only what a process does to itself, or a kill for memory.
  /// A person's or the system's kill says nothing about the case. SIGSYS: it called what it had given up.
  public func isHeldAgainstCase(newMemoryKill: Bool) -> Bool {
    switch self {
    case .signaled(SIGSEGV), .signaled(SIGBUS), .signaled(SIGILL), .signaled(SIGABRT), .signaled(SIGFPE),
      .signaled(SIGSYS), .signaled(SIGXFSZ):
      true
    case .signaled(SIGKILL): newMemoryKill
    case .signaled, .exited, .overdue, .dismissed, .lost, .unstartable: false
    }
  }

  /// For the journal and the receipt.
  public var words: String {
    switch self {
    case .exited(let status): "left with status \(status)"
    case .signaled(let signal): "was ended by signal \(signal)"
    case .overdue: "took longer than its deadline and was ended"
    case .dismissed: "was ended by the service"
    case .lost: "closed its connection"
    case .unstartable(let why): "could not be started: \(why)"
    }
  }
}
