import CLinux
import Glibc
import Processes
import Synchronization
import SystemPackage

/// A program of ours that stays: popcorn-watch, the worker. Not by swift-subprocess, which wakes once a second for each
/// child that lives: nothing beside a reading of seconds, too much beside one that idles for days.
final class Child: Sendable {
  private enum Stage {
    case running(pid_t, [CheckedContinuation<Ending, Never>])
    case ended(Ending)
  }

  private let stage: Mutex<Stage>

  /// Starts `program`. Its input comes from `input` (nil: it has none), its output goes to `output`; both stay open here.
  /// `environment` holds what differs from ours, nil for what it must not see.
  init(
    _ program: FilePath, _ arguments: [String], environment: [String: String?] = [:], input: FileDescriptor? = nil,
    output: FileDescriptor
  ) throws(Errno) {
    let changes = environment.map { name, value in value.map { "\(name)=\($0)" } ?? name }
    let answer = Child.withPointers(to: [program.string] + arguments) { words in
      Child.withPointers(to: changes) { linux_spawn(words, $0, input?.rawValue ?? -1, output.rawValue) }
    }
    guard answer > 0 else { throw Errno(rawValue: -answer) }
    stage = Mutex(.running(answer, []))
    guard Thread.start({ self.reap(answer) }) else {
      signal(SIGKILL)
      waitpid(answer, nil, 0)
      throw .resourceTemporarilyUnavailable
    }
  }

  /// Sends it a signal, unless it has ended: its number may be another's then.
  func signal(_ number: Int32) {
    stage.withLock { if case .running(let process, _) = $0 { kill(process, number) } }
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
      let known = stage.withLock { stage -> Ending? in
        switch stage {
        case .running(let process, let waiting):
          stage = .running(process, waiting + [continuation])
          return nil
        case .ended(let ending): return ending
        }
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  /// Waits for the end, and only then gives the process's number back.
  private func reap(_ process: pid_t) {
    var info = siginfo_t()
    while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0, Glibc.errno == EINTR {}
    let (ending, waiting) = stage.withLock { stage -> (Ending, [CheckedContinuation<Ending, Never>]) in
      var status: Int32 = 0
      waitpid(process, &status, 0)
      let ending = status & 0x7f == 0 ? Ending.exited(status >> 8 & 0xff) : .signaled(status & 0x7f)
      guard case .running(_, let waiting) = stage else { return (ending, []) }
      stage = .ended(ending)
      return (ending, waiting)
    }
    for continuation in waiting { continuation.resume(returning: ending) }
  }

  private static func withPointers<Answer>(
    to texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Answer
  ) -> Answer {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
  }
}
