import Contract
import Dispatch
import FoundationEssentials
import Glibc
import Processes
import SystemPackage

/// What the link to the worker tells the supervisor.
enum WorkerEvent: Sendable {
  /// It is there and has said who it is.
  case up(WorkerIdentity)
  /// It answers request `id`.
  case reply(id: Int, WorkerReply)
  /// It is gone; whatever was asked is lost. `newMemoryKill`: the kernel has killed for memory meanwhile.
  case down(Ending, newMemoryKill: Bool)
}

/// The line to the one worker: started when it is first needed, started again when it dies, ended when it is overdue.
actor WorkerLink {
  /// Where the worker is.
  enum Place: Sendable {
    /// A command of ours.
    case command([String], environment: [String: String])
    /// A service of its own on a socket, which is told how many threads to compute with; nil leaves that to it.
    case socket(FilePath, threads: Int?)
  }

  private enum Line {
    case none
    case open(FileDescriptor, end: @Sendable () -> Void)
  }

  private let place: Place
  private let events: AsyncStream<WorkerEvent>.Continuation
  private let longestStart: Duration
  private var line = Line.none
  private var deadlines: [Int: (due: ContinuousClock.Instant, length: Duration)] = [:]
  private var ending: Ending?
  private var wasToldThreads = false
  private var wanted = false
  private var stopping = false
  private var wake: CheckedContinuation<Void, Never>?
  private var guarding: (due: ContinuousClock.Instant, task: Task<Void, Never>)?
  /// Writes wait here for a worker that does not read, so that deadlines go on meanwhile.
  private let writing = DispatchQueue(label: "worker requests")

  /// Longest line a worker may write, as long as the `result.json` that it reads again itself. A cycle may take its whole pool
  /// in: of 100,000 scans, with the paper's p, its result has 140 MB and their proximities 30; with p = 100 some 700 MB. A
  /// result that is too long would be lost with the cycle, for the next attempt says the same.
  static let longestLine = 1 << 30

  /// How long a worker that was ended is listened to.
  private static let farewell = Duration.seconds(5)

  /// How long a worker may take to say that it is there. It loads its libraries by then and opens its cache, no more; but
  /// from a cold disk, at the start of a machine or behind a launcher that takes its time.
  static let longestStart = Duration.seconds(300)

  /// The number under which that is awaited; no request has it.
  private static let greeting = 0

  init(
    _ place: Place, events: AsyncStream<WorkerEvent>.Continuation, longestStart: Duration = WorkerLink.longestStart
  ) {
    self.place = place
    self.events = events
    self.longestStart = longestStart
  }

  /// Keeps a worker as long as one is wanted. Returns after `stop`.
  func run() async {
    var throttle = Throttle()
    while !stopping {
      if !wanted { await withCheckedContinuation { wake = $0 } }
      if stopping { break }
      let kills = MemoryGroup.kills()
      let begun = ContinuousClock.now
      wasToldThreads = false
      let end = await live()
      line = .none
      deadlines = [:]
      let verdict = ending ?? end
      ending = nil
      let newKill = kills.flatMap { before in MemoryGroup.kills().map { $0 > before } } ?? false
      events.yield(.down(verdict, newMemoryKill: newKill))
      if stopping { break }
      if ContinuousClock.now - begun > .seconds(60) { throttle.worked() }
      try? await Task.sleep(for: throttle.failed())
    }
    events.finish()
  }

  /// Asks for a worker; nothing happens where one is there.
  func want() {
    wanted = true
    wake?.resume()
    wake = nil
  }

  /// Sends a request; false where there is no worker to take it. An answer must come within `deadline`, and every
  /// progress, of whatever the worker does, begins it anew.
  func send(_ request: WorkerRequest, id: Int, deadline: Duration?) -> Bool {
    guard case .open(let file, _) = line else { return false }
    guard var bytes = try? JSONEncoder().encode(WorkerEnvelope(id: id, content: request)) else { return false }
    bytes.append(UInt8(ascii: "\n"))
    let line = bytes
    // A write that fails means that the worker is gone, and that the reader learns by itself.
    writing.async { _ = try? file.writeAll(line) }
    if let deadline { expect(id, within: deadline) }
    return true
  }

  /// Ends the worker: asks it to checkpoint and leave, and kills it when `patience` is over.
  func stop(patience: Duration) async {
    stopping = true
    wake?.resume()
    wake = nil
    guard case .open(_, let end) = line else { return }
    ending = .dismissed
    _ = send(.stop, id: 0, deadline: nil)
    let limit = ContinuousClock.now + patience
    while case .open = line, ContinuousClock.now < limit { try? await Task.sleep(for: .milliseconds(50)) }
    if case .open = line { end() }
  }

  private func live() async -> Ending {
    switch place {
    case .command(let words, let environment): await spawn(words, environment)
    case .socket(let path, _): await connect(path)
    }
  }

  private func spawn(_ words: [String], _ environment: [String: String]) async -> Ending {
    guard let program = words.first else { return .unstartable("[run] worker is empty") }
    guard let requests = try? privatePipe(), let replies = try? privatePipe() else {
      return .unstartable("no pipe")
    }
    // What was meant for this process must not reach its child: a worker that answers systemd in our name.
    let hidden = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "POPCORND_FAULT"].map { ($0, String?.none) }
    let changes = Dictionary(hidden + environment.map { ($0.key, $0.value) }) { $1 }
    let child: Child
    do {
      defer {
        try? requests.readEnd.close()
        try? replies.writeEnd.close()
      }
      child = try Child(
        Programs().find(program), Array(words.dropFirst()), environment: changes, input: requests.readEnd,
        output: replies.writeEnd)
    } catch {
      try? requests.writeEnd.close()
      try? replies.readEnd.close()
      return .unstartable("\(error)")
    }
    await listen(replies.readEnd, writingTo: requests.writeEnd) { child.signal(SIGKILL) }
    close(requests.writeEnd)
    return await child.end(patience: .seconds(2))
  }

  private func connect(_ path: FilePath) async -> Ending {
    guard let file = LocalSocket.connect(to: path), let copy = try? file.duplicate() else {
      return .unstartable("no worker listens on \(path)")
    }
    closeOnExec(copy)
    await listen(file, writingTo: copy) { shutdown(copy.rawValue, Int32(SHUT_RDWR)) }
    close(copy)
    return .lost
  }

  /// Closes after the writes that still wait, so that none of them meets another file under the same number.
  private func close(_ file: FileDescriptor) { writing.async { try? file.close() } }

  private func listen(
    _ reading: FileDescriptor, writingTo outlet: FileDescriptor, end: @escaping @Sendable () -> Void
  ) async {
    let (records, interrupt) = RecordStream.interruptible(
      reading, separator: UInt8(ascii: "\n"), limit: Self.longestLine)
    line = .open(
      outlet,
      end: {
        end()
        // Something that got away from it may hold its pipe all the same.
        Task {
          try? await Task.sleep(for: Self.farewell)
          interrupt()
        }
      })
    expect(Self.greeting, within: longestStart)
    let decoder = JSONDecoder()
    for await record in records {
      guard let envelope = try? decoder.decode(WorkerEnvelope<WorkerReply>.self, from: Data(record)) else {
        // Whatever this is, it is not our worker speaking: nothing after it can be trusted.
        end()
        break
      }
      take(envelope)
    }
    line = .none
  }

  private func take(_ envelope: WorkerEnvelope<WorkerReply>) {
    switch envelope.content {
    case .ready(let identity): greet(identity, number: envelope.id)
    case .progress:
      // Whoever waits for a turn waits longer than a draft takes, and not because the worker hangs.
      let now = ContinuousClock.now
      deadlines = deadlines.mapValues { (due: now + $0.length, length: $0.length) }
      events.yield(.reply(id: envelope.id, envelope.content))
    case .drafted, .ordered, .trained, .unusable, .paused, .failed:
      deadlines[envelope.id] = nil
      events.yield(.reply(id: envelope.id, envelope.content))
    }
  }

  /// A worker that somebody else has started is first told how many threads to use, and says again who it is.
  private func greet(_ identity: WorkerIdentity, number: Int) {
    deadlines[number] = nil
    guard case .socket(_, let threads?) = place, identity.threads != threads, !wasToldThreads else {
      events.yield(.up(identity))
      return
    }
    wasToldThreads = true
    _ = send(.useThreads(threads), id: number, deadline: .seconds(60))
  }

  /// From now on an answer of this number is awaited.
  private func expect(_ number: Int, within length: Duration) {
    deadlines[number] = (.now + length, length)
    guardDeadlines()
  }

  private func guardDeadlines() {
    guard let next = deadlines.values.map(\.due).min() else { return }
    // As in the supervisor: a sleep that ends early is kept.
    if let guarding, guarding.due <= next { return }
    guarding?.task.cancel()
    let task = Task { [weak self] in
      try? await Task.sleep(until: next, clock: .continuous)
      if !Task.isCancelled { await self?.endIfOverdue() }
    }
    guarding = (next, task)
  }

  private func endIfOverdue() {
    guarding = nil
    let overdue = deadlines.filter { $0.value.due <= .now }
    guard !overdue.isEmpty else { return guardDeadlines() }
    guard case .open(_, let end) = line else { return }
    ending = overdue[Self.greeting] == nil ? .overdue : .unstartable("it did not say in time that it is ready")
    end()
  }
}
