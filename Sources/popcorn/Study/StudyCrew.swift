import CLinux
import Contract
import Files
import FoundationEssentials
import Glibc
import Processes
import SystemPackage

/// Workers of a study: each run is a process of this program, as many at once as there are workers.
///
/// A worker tells how far it is on its standard output, and ends when nobody listens any more. What it notes goes into
/// `log.txt` of the run.
final class StudyCrew {
  private final class Member {
    let name: StudyRunName
    let process: ChildProcess
    let output: FileDescriptor
    /// Where its log ended before it began.
    let logStart: Int
    var unread: [UInt8] = []
    /// Optimizer steps that are done.
    var done = 0

    init(name: StudyRunName, process: ChildProcess, output: FileDescriptor, logStart: Int) {
      (self.name, self.process, self.output, self.logStart) = (name, process, output, logStart)
    }
  }

  private let out: FilePath
  private let words: [String]
  private let workers: Int
  private let threads: Int
  private var members: [Member] = []

  /// - Parameters:
  ///   - words: the arguments of a worker, but for which run it does.
  ///   - threads: of the engine, for each.
  init(out: FilePath, words: [String], workers: Int, threads: Int) {
    (self.out, self.words, self.workers, self.threads) = (out, words, workers, threads)
  }

  /// How one run ended.
  struct Ended {
    var name: StudyRunName
    /// The last thing it noted, where it did not end well.
    var trouble: String?
  }

  /// Does all runs, in order. `ended` is told of each that ends, `progress` of how far the others are, every second.
  /// Answers false where a stop was asked for; runs in work are then at a checkpoint. Where something is thrown they are, too.
  /// - Parameters:
  ///   - stop: how often a stop was asked for. At the first each run goes on to its next checkpoint; at the second it is
  ///     killed, for a share may hang, and is taken up later from its last one.
  ///   - note: told of what is waited for.
  func work(
    _ names: [StudyRunName], stop: () -> Int, note: (String) -> Void, ended: (Ended) -> Void,
    progress: ([(StudyRunName, Int)]) -> Void
  ) throws -> Bool {
    var waiting = names[...]
    var stops = 0
    defer { dismiss() }
    while !waiting.isEmpty || !members.isEmpty {
      let asked = min(stop(), 2)
      if asked > stops {
        stops = asked
        waiting = []
        for member in members { kill(-member.process.process, asked == 1 ? SIGTERM : SIGKILL) }
        if asked == 1, !members.isEmpty {
          note(
            "waiting for a checkpoint of \(members.map(\.name.text).joined(separator: ", ")); asked once more they are "
              + "killed, and go on later from the last one")
        }
      }
      while members.count < workers, let name = waiting.popFirst() { members.append(try start(name)) }
      for member in listen() {
        members.removeAll { $0 === member }
        let ending = member.process.wait {}
        try? member.output.close()
        let isStopped =
          stops > 0 && ending == .exited(Contract.ExitCode.temporaryFailure.rawValue)
          || stops > 1 && ending == .signaled(SIGKILL)
        if !isStopped {
          ended(Ended(name: member.name, trouble: ending == .exited(0) ? nil : lastNote(of: member, ending)))
        }
      }
      progress(members.map { ($0.name, $0.done) })
    }
    return stops == 0
  }

  /// Nobody waits for those any more that are left.
  private func dismiss() {
    for member in members { kill(-member.process.process, SIGTERM) }
    for member in members {
      _ = member.process.wait {}
      try? member.output.close()
    }
    members = []
  }

  private func start(_ name: StudyRunName) throws -> Member {
    let folder = out.pushing(name.folder)
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    var ends: [Int32] = [-1, -1]
    guard linux_pipe(&ends) == 0 else { throw Fault(.software, "no pipe can be made (errno \(errno))") }
    let (reading, writing) = (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    defer { try? writing.close() }
    let nothing = try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? nothing.close() }
    let log = try FileDescriptor.open(
      folder.appending("log.txt"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite, .groupRead])
    defer { try? log.close() }
    let logStart = Int(try log.seek(offset: 0, from: .end))
    do {
      let process = try ChildProcess(
        "/proc/self/exe", words + ["--only", name.text], environment: EngineEnvironment.variables(threads: threads),
        descriptors: [nothing, writing, log])
      return Member(name: name, process: process, output: reading, logStart: logStart)
    } catch {
      throw Fault(.software, "a worker cannot be started: \(error)")
    }
  }

  /// Takes in what workers say, for a second at most. Answers those who have ended.
  private func listen() -> [Member] {
    var polls = members.map { pollfd(fd: $0.output.rawValue, events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), 1000) > 0 else { return [] }
    return zip(members, polls).compactMap { member, poll in
      guard poll.revents != 0 else { return nil }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = (try? buffer.withUnsafeMutableBytes { try member.output.read(into: $0) }) ?? 0
      guard count > 0 else { return member }
      member.unread += buffer.prefix(count)
      while let end = member.unread.firstIndex(of: UInt8(ascii: "\n")) {
        if let done = Int(String(decoding: member.unread[..<end], as: UTF8.self)) { member.done = done }
        member.unread.removeSubrange(...end)
      }
      return nil
    }
  }

  /// What it noted last; not what another noted before it.
  private func lastNote(of member: Member, _ ending: Ending) -> String {
    let log = out.pushing(member.name.folder).appending("log.txt")
    let bytes = (try? BoundedReader.read(log)) ?? []
    let text = String(decoding: bytes.dropFirst(member.logStart), as: UTF8.self)
    let silence =
      switch ending {
      case .exited(Contract.ExitCode.cannotCreate.rawValue): "it could not write, not even that: is the disk full?"
      case .signaled(SIGKILL): "somebody killed it, or memory was short"
      default: "it noted nothing"
      }
    let last = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? silence
    return "\(ending.words): \(last) (\(log))"
  }
}
