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
    let mailboxes = intakes.map { Mailbox(to: $0) }
    defer { for mailbox in mailboxes { mailbox.close() } }
    var throttle = Throttle()
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let begun = ContinuousClock.now
      let ending = await listen(program, mailboxes)
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      journal.say(.eventsLost, "popcorn-watch \(ending.words): everything is listed until it is back")
      for mailbox in mailboxes { mailbox.put(WatchLink.deaf) }
      if ContinuousClock.now - begun > .seconds(60) { throttle.worked() }
      let wait = throttle.failed()
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: wait) }
    }
  }

  private func listen(_ program: String, _ mailboxes: [Mailbox]) async -> Ending {
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
      await pass(
        RecordStream.records(of: pipe.readEnd, separator: 0, limit: WatchRecordDecoder.longestRecord), to: mailboxes)
    } onGracefulShutdown: {
      child.signal(SIGTERM)
    }
    return await child.end(patience: .seconds(1))
  }

  private func pass(_ records: AsyncStream<[UInt8]>, to mailboxes: [Mailbox]) async {
    var decoder = WatchRecordDecoder()
    var polled: Set<Int> = []
    for await record in records {
      for record in decoder.decode(record + [0]) { pass(record, to: mailboxes, &polled) }
    }
  }

  /// `polled`: the inboxes of which this watcher has said that it does not see all of them. It says so as soon as it knows,
  /// which is before it is ready.
  private func pass(_ record: WatchRecord, to mailboxes: [Mailbox], _ polled: inout Set<Int>) {
    func send(_ root: Int, _ letter: @escaping Mailbox.Letter) {
      if mailboxes.indices.contains(root) { mailboxes[root].put(letter) }
    }
    switch record {
    case .ready:
      for (root, mailbox) in mailboxes.enumerated() {
        let listens = !polled.contains(root)
        mailbox.put {
          await $0.listens(listens)
          await $0.rescan()
        }
      }
    case .event(let root, let mask, let path):
      send(root) { await $0.hint(path, isDirectory: mask & WatchRecord.directoryBit != 0) }
    case .overflow:
      journal.say(
        .eventsLost, "The kernel dropped file events: everything is listed",
        [.reason: ReasonCode.inotifyOverflow.rawValue])
      for mailbox in mailboxes { mailbox.put { await $0.rescan() } }
    case .watchLimit(let root, _):
      journal.say(
        .watchLimit, "A folder of inbox \(root) is not watched (fs.inotify.max_user_watches): it is polled",
        [.inbox: String(root), .reason: ReasonCode.watchLimit.rawValue])
      polled.insert(root)
      send(root) { await $0.listens(false) }
    case .unwatched(let root, _, _):
      polled.insert(root)
      send(root) { await $0.listens(false) }
    case .rootGone(let root):
      polled.insert(root)
      send(root, WatchLink.deaf)
    }
  }

  /// No events come any more: everything is listed, and often from now on.
  private static let deaf: Mailbox.Letter = {
    await $0.listens(false)
    await $0.rescan()
  }
}
