import Glibc
import Processes
import Synchronization
import SystemPackage

/// A program of ours that stays: popcorn-watch, the worker.
final class Child: Sendable {
  private struct State {
    /// Nil once it has ended: its number may be another's then.
    var process: pid_t?
    var ending: Ending?
    var waiting: [CheckedContinuation<Ending, Never>] = []
  }

  private let state: Mutex<State>

  /// Starts `program`. Its input comes from `input` (nil: it has none), its output goes to `output`; both stay open here.
  /// `environment` holds what differs from ours, nil for what it must not see.
  init(
    _ program: FilePath, _ arguments: [String], environment: [String: String?] = [:], input: FileDescriptor? = nil,
    output: FileDescriptor
  ) throws(Errno) {
    let nothing = FileDescriptor(rawValue: Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC))
    defer { try? nothing.close() }
    let child = try ChildProcess(
      program, arguments, environment: environment, descriptors: [input ?? nothing, output, .standardError])
    state = Mutex(State(process: child.process))
    guard Thread.start({ self.reap(child) }) else {
      child.kill()
      _ = child.wait {}
      throw .resourceTemporarilyUnavailable
    }
  }

  /// Sends a signal to it and to whatever it has started, unless it has ended: a launcher's program is meant as well.
  func signal(_ number: Int32) {
    state.withLock { state in if let process = state.process { kill(-process, number) } }
  }

  /// Asks it to leave, and kills it when `patience` is over. Answers how it ended.
  func end(patience: Duration) async -> Ending {
    signal(SIGTERM)
    let killing = Task {
      try? await Task.sleep(for: patience)
      if !Task.isCancelled { signal(SIGKILL) }
    }
    defer { killing.cancel() }
    return await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.ending == nil { state.waiting.append(continuation) }
        return state.ending
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  private func reap(_ child: ChildProcess) {
    let ending = child.wait {
      state.withLock { $0.process = nil }
      // What it leaves behind would hold its pipes, and could not be reached any more.
      child.kill()
    }
    let waiting = state.withLock { state in
      state.ending = ending
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: ending) }
  }
}
