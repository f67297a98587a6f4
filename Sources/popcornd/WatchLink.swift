import Contract
import Files
import Glibc
import Processes
import ServiceLifecycle
import SystemPackage
import Watch

/// Listens to popcorn-watch and passes its hints on. Where it dies it is started again, later each time, and everything
/// is listed, because what happened meanwhile nobody has seen.
struct WatchLink: Service {
  let command: [String]
  let intakes: [Intake]
  let journal: Journal

  func run() async throws {
    guard let program = command.first, !intakes.isEmpty else { return }
    var throttle = Throttle()
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let begun = ContinuousClock.now
      let ending = await listen(program)
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      journal.say(.eventsLost, "popcorn-watch \(ending.words): everything is listed until it is back")
      for intake in intakes {
        await intake.listens(false)
        await intake.rescan()
      }
      if ContinuousClock.now - begun > .seconds(60) { throttle.worked() }
      let wait = throttle.failed()
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: wait) }
    }
  }

  private func listen(_ program: String) async -> Ending {
    guard let pipe = try? privatePipe() else { return .unstartable("no pipe") }
    let child: Child
    do {
      defer { try? pipe.writeEnd.close() }
      child = try Child(
        Programs().find(program), Array(command.dropFirst()) + intakes.map(\.path.string), output: pipe.writeEnd)
    } catch {
      try? pipe.readEnd.close()
      return .unstartable("\(error)")
    }
    await withGracefulShutdownHandler {
      await take(RecordStream.records(of: pipe.readEnd, separator: 0, limit: WatchRecordDecoder.longestRecord))
    } onGracefulShutdown: {
      child.signal(SIGTERM)
    }
    return await child.end(patience: .seconds(1))
  }

  private func take(_ records: AsyncStream<[UInt8]>) async {
    var decoder = WatchRecordDecoder()
    for await record in records {
      for record in decoder.decode(record + [0]) { await take(record) }
    }
  }

  private func take(_ record: WatchRecord) async {
    switch record {
    case .ready:
      for intake in intakes {
        await intake.listens(true)
        await intake.rescan()
      }
    case .event(let root, let mask, let path):
      guard intakes.indices.contains(root) else { return }
      await intakes[root].hint(path, isDirectory: mask & WatchRecord.directoryBit != 0)
    case .overflow:
      journal.say(
        .eventsLost, "The kernel dropped file events: everything is listed",
        [.reason: ReasonCode.inotifyOverflow.rawValue])
      for intake in intakes { await intake.rescan() }
    case .watchLimit(let root, _):
      journal.say(
        .watchLimit, "A folder of inbox \(root) is not watched (fs.inotify.max_user_watches): it is polled",
        [.inbox: String(root), .reason: ReasonCode.watchLimit.rawValue])
      if intakes.indices.contains(root) { await intakes[root].listens(false) }
    case .unwatched(let root, _, _):
      if intakes.indices.contains(root) { await intakes[root].listens(false) }
    case .rootGone(let root):
      if intakes.indices.contains(root) {
        await intakes[root].listens(false)
        await intakes[root].rescan()
      }
    }
  }
}
