import CLinux
import Configuration
import Contract
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// Shows one foreign file to popcorn-admit, which reads it so that nobody else has to.
public struct AdmitRunner: Sendable {
  /// How the reading ended.
  public enum Outcome: Sendable {
    /// It was judged.
    case judged(Verdict)
    /// The reader died of it; `heldAgainstFile` as for a worker.
    case died(Ending, heldAgainstFile: Bool)
  }

  /// The program and what stands before its flags.
  public let command: [String]
  /// What of the configuration it must know, as flags.
  public let flags: [String]
  /// How long one file may take.
  public let deadline: Duration

  /// A runner of `command` with the flags that follow from `settings`.
  public init(_ settings: Settings) {
    command = settings.run.admit
    flags = AdmitRunner.flags(settings)
    deadline = settings.resources.admitTimeout
  }

  /// Reads `file` from its beginning as a `role`; the canonical copy goes to `copy`.
  public func judge(_ file: FileDescriptor, as role: FileRole, into copy: FileDescriptor) async -> Outcome {
    guard let program = command.first else {
      return .died(.unstartable("no popcorn-admit configured"), heldAgainstFile: false)
    }
    let before = MemoryKills.count()
    do {
      let deadlineGuard = DeadlineGuard()
      let result = try await Subprocess.run(
        .path(Programs().find(program)),
        arguments: Arguments(Array(command.dropFirst()) + ["--role", role.rawValue] + flags),
        input: .fileDescriptor(file, closeAfterSpawningProcess: false),
        output: .fileDescriptor(copy, closeAfterSpawningProcess: false),
        error: .bytes(limit: 1 << 20)
      ) { execution in
        let process = execution.processIdentifier.value
        limit(process)
        deadlineGuard.start(deadline) { kill(process, SIGKILL) }
      }
      let wasOverdue = deadlineGuard.stop()
      switch result.terminationStatus {
      case .exited:
        return judged(result.standardError) ?? .died(ending(result.terminationStatus), heldAgainstFile: true)
      case .signaled where wasOverdue: return .died(.overdue, heldAgainstFile: true)
      case .signaled:
        let newKill = before.flatMap { before in MemoryKills.count().map { $0 > before } } ?? false
        let end = ending(result.terminationStatus)
        return .died(end, heldAgainstFile: end.isHeldAgainstCase(newMemoryKill: newKill))
      }
    } catch {
      return .died(.unstartable("\(error)"), heldAgainstFile: false)
    }
  }

  private func ending(_ status: TerminationStatus) -> Ending {
    switch status {
    case .exited(let code): .exited(code)
    case .signaled(let signal): .signaled(signal)
    }
  }

  private func judged(_ output: [UInt8]) -> Outcome? {
    guard let line = output.split(separator: UInt8(ascii: "\n")).last else { return nil }
    return (try? JSONDecoder().decode(Verdict.self, from: Data(line))).map { .judged($0) }
  }

  /// A second fence around what popcorn-admit limits by itself: time on the processor.
  private func limit(_ process: pid_t) {
    _ = linux_limit_time(process, UInt64(max(1, deadline.components.seconds)))
  }
}
