import CLinux
import Configuration
import Contract
import Dispatch
import Files
import FoundationEssentials
import Glibc
import SystemPackage

/// Shows one foreign file to popcorn-admit, which reads it so that nobody else has to.
public struct AdmitRunner: Sendable {
  /// How the reading ended.
  public enum Outcome: Sendable {
    /// It was judged.
    case judged(Verdict)
    /// The reader died of it; `heldAgainstFile` as for a worker. `unstartable` too where it left without having read, which
    /// says nothing about the file.
    case died(Ending, heldAgainstFile: Bool)
  }

  /// The program and what stands before its flags.
  public let command: [String]
  /// What of the configuration it must know, as flags.
  public let flags: [String]
  /// How long one file may take.
  public let deadline: Duration

  /// Bytes of the longest answer.
  private static let longestAnswer = 1 << 20

  /// A runner of `command` with the flags that follow from `settings`.
  public init(_ settings: Settings) {
    command = settings.run.admit
    flags = AdmitRunner.flags(settings)
    deadline = settings.resources.admitTimeout
  }

  private init(command: [String], flags: [String], deadline: Duration) {
    self.command = command
    self.flags = flags
    self.deadline = deadline
  }

  /// How two masks of ours overlap; nil where they could not be compared.
  public func compare(_ mask: FileDescriptor, with other: FileDescriptor) async -> Verdict.Overlap? {
    guard let nowhere = try? FileDescriptor.open("/dev/null", .writeOnly, options: [.closeOnExec]) else { return nil }
    defer { try? nowhere.close() }
    let comparing = AdmitRunner(command: command, flags: flags + ["--compare"], deadline: deadline)
    guard case .judged(let verdict) = await comparing.judge(mask, voxels: other, as: .label, into: nowhere) else {
      return nil
    }
    return verdict.overlap
  }

  /// Reads `file` from its beginning as a `role`, `voxels` where it is the header of a pair; the canonical copy goes to
  /// `copy`. `isReleased`: a person wants it taken as it is.
  public func judge(
    _ file: FileDescriptor, voxels: FileDescriptor? = nil, as role: FileRole, isReleased: Bool = false,
    into copy: FileDescriptor
  ) async -> Outcome {
    guard let program = command.first else {
      return .died(.unstartable("no popcorn-admit configured"), heldAgainstFile: false)
    }
    let words = ["--role", role.rawValue] + (isReleased ? ["--released"] : [])
    let before = MemoryGroup.kills()
    do throws(Errno) {
      let (answer, errors) = try privatePipe()
      defer { try? answer.close() }
      let child: ChildProcess
      do {
        // Closed here whatever comes of it: the answer ends when the child has ended.
        defer { try? errors.close() }
        child = try ChildProcess(
          Programs().find(program), Array(command.dropFirst()) + words + flags,
          descriptors: [file, copy, errors] + (voxels.map { [$0] } ?? []))
      }
      // A second fence around what popcorn-admit limits by itself: time on the processor.
      _ = linux_limit_time(child.process, UInt64(max(1, deadline.components.seconds)))
      let (reply, ending) = await follow(child, answer)
      return judgement(reply, ending, before)
    } catch {
      return .died(.unstartable("\(error)"), heldAgainstFile: false)
    }
  }

  /// Its answer and its end, waited for on a thread that may block.
  private func follow(_ child: ChildProcess, _ answer: FileDescriptor) async -> (words: [UInt8], ending: Ending) {
    let deadlineGuard = DeadlineGuard()
    deadlineGuard.start(deadline) { child.kill() }
    return await withCheckedContinuation { continuation in
      DispatchQueue(label: "popcorn-admit").async {
        let words = try? BoundedReader.read(answer, limit: AdmitRunner.longestAnswer, path: "verdict")
        if words == nil { child.kill() }
        var wasOverdue = false
        let ending = child.wait { wasOverdue = deadlineGuard.stop() }
        let isTimeSpent = ending == .signaled(SIGXCPU)
        continuation.resume(returning: (words ?? [], wasOverdue || isTimeSpent ? .overdue : ending))
      }
    }
  }

  private func judgement(_ words: [UInt8], _ ending: Ending, _ before: Int?) -> Outcome {
    switch ending {
    case .exited(let status):
      if let verdict = verdict(words) { return .judged(verdict) }
      if let why = AdmitRunner.ownFault(status) { return .died(.unstartable(why), heldAgainstFile: false) }
      return .died(ending, heldAgainstFile: true)
    case .overdue: return .died(.overdue, heldAgainstFile: true)
    case .signaled, .dismissed, .lost, .unstartable:
      let newKill = before.flatMap { before in MemoryGroup.kills().map { $0 > before } } ?? false
      return .died(ending, heldAgainstFile: ending.isHeldAgainstCase(newMemoryKill: newKill))
    }
  }

  /// Why a reader that left with this status, and with no verdict, could have read no file; nil where it may be the file's
  /// fault.
  private static func ownFault(_ status: Int32) -> String? {
    let why: String? =
      switch status {
      // Between an upgrade and the restart there is another one than the service knows. 64 was its code for wrong usage.
      case ExitCode.usage.rawValue, 64: "it does not know its flags, so it is of another version: restart popcornd"
      case ExitCode.software.rawValue: "it could not confine itself"
      case ExitCode.ioError.rawValue: "its copy could not be written: look at the disk of the state directory"
      // What a shell, or env, says of a program that it cannot run.
      case 126, 127: "[run] admit names a program that cannot be run"
      default: nil
      }
    return why.map { "it left with status \(status), \($0)" }
  }

  private func verdict(_ words: [UInt8]) -> Verdict? {
    guard let line = words.split(separator: UInt8(ascii: "\n")).last else { return nil }
    return try? JSONDecoder().decode(Verdict.self, from: Data(line))
  }
}
