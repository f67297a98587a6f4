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
  /// It could not be started.
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

/// How often the kernel has killed a process of this control group for memory.
public enum MemoryKills {
  /// The count; nil where no control group tells (then no kill is ever held against a case).
  public static func count() -> Int? {
    for path in counters() {
      guard let content = try? BoundedReader.read(path, limit: 1 << 16) else { continue }
      if let count = parse(String(decoding: content, as: UTF8.self)) { return count }
    }
    return nil
  }

  /// The figure after `oom_kill` in `memory.events` (version 2) or `memory.oom_control` (version 1).
  static func parse(_ text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) }
    }
    return nil
  }

  private static func counters() -> [FilePath] {
    guard let content = try? BoundedReader.read("/proc/self/cgroup", limit: 1 << 16) else { return [] }
    var paths: [FilePath] = []
    for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let group = String(parts[2].drop { $0 == "/" })
      if parts[0] == "0" {
        paths.append(FilePath("/sys/fs/cgroup").appending(group).appending("memory.events"))
      } else if parts[1].split(separator: ",").contains("memory") {
        paths.append(FilePath("/sys/fs/cgroup/memory").appending(group).appending("memory.oom_control"))
      }
    }
    return paths
  }
}
