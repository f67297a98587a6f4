import CLinux
import Glibc
import SystemPackage

/// A program of ours that has just the descriptors that it is given. Not by swift-subprocess: it passes three and a pair of
/// files takes a fourth, and it wakes once a second for each child that lives.
public struct ChildProcess: Sendable {
  /// Its number. It stays its own until `wait` has returned.
  public let process: pid_t

  /// Starts `program` with `descriptors` as its 0, 1, 2 and so on, in a session of its own. `environment` holds what
  /// differs from ours, nil for what it must not see. Throws what the system says against it.
  public init(
    _ program: FilePath, _ arguments: [String], environment: [String: String?] = [:], descriptors: [FileDescriptor]
  ) throws(Errno) {
    var words = ([program.string] + arguments).map { strdup($0) } + [nil]
    var changes = environment.map { name, value in strdup(value.map { "\(name)=\($0)" } ?? name) } + [nil]
    defer { for word in words + changes { free(word) } }
    let process = program.withPlatformString { path in
      linux_spawn(path, &words, &changes, descriptors.map(\.rawValue), Int32(descriptors.count))
    }
    guard process > 0 else { throw Errno(rawValue: Glibc.errno) }
    self.process = process
  }

  /// Ends it, and whatever it has started.
  public func kill() { _ = Glibc.kill(-process, SIGKILL) }

  /// Returns when it has ended: how. Blocks; `ended` is called while its number is still its own.
  public func wait(_ ended: () -> Void) -> Ending {
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, Glibc.errno == EINTR {}
    ended()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard Glibc.errno == EINTR else { return .lost }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
  }
}
