import Contract
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// What was asked of the worker and is not answered yet. Lines are taken from standard input by a thread of their own,
/// so that a hang-up is noticed while the engine computes.
final class WorkerInbox: Sendable {
  /// What is to be answered.
  enum Item: Sendable {
    case request(WorkerEnvelope<WorkerRequest>)
    /// A line that is no request.
    case unreadable(String)
    /// Pauses, by number, while nothing is trained.
    case pauses([Int])
  }

  private struct State {
    var waiting: [Item] = []
    var pauses: [Int] = []
    var mustLeave = false
  }
  private let state = Mutex(State())
  private let arrival = DispatchSemaphore(value: 0)
  /// Seconds after which an engine that does not answer a hang-up is left by force.
  private static let patience = 20.0

  /// Begins to take lines and signals: SIGTERM is a request to stop; SIGINT is the terminal's, meant for the supervisor.
  func open() -> any DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler { self.leave() }
    source.resume()
    DispatchQueue(label: "standard input").async { self.takeLines() }
    return source
  }

  /// Whether the worker is to leave at the next checkpoint.
  var mustLeave: Bool { state.withLock { $0.mustLeave } }
  /// Whether training is to stop at the next checkpoint.
  var mustPause: Bool { state.withLock { $0.mustLeave || !$0.pauses.isEmpty } }

  /// The next item, waited for; nil when the worker is to leave.
  func next() -> Item? {
    while true {
      if mustLeave { return nil }
      let pauses = takePauses()
      if !pauses.isEmpty { return .pauses(pauses) }
      if let item = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) { return item }
      arrival.wait()
    }
  }

  /// The next draft or order, where one waits.
  func nextBesideTraining() -> Item? {
    state.withLock { state in
      let place = state.waiting.firstIndex { item in
        switch item {
        case .request(let envelope):
          switch envelope.content {
          case .draft, .order: true
          case .train, .pause, .useThreads, .stop: false
          }
        case .unreadable, .pauses: true
        }
      }
      return place.map { state.waiting.remove(at: $0) }
    }
  }

  /// The numbers of the pauses asked for so far, which are answered by whoever takes them.
  func takePauses() -> [Int] {
    state.withLock { state in
      defer { state.pauses = [] }
      return state.pauses
    }
  }

  private func takeLines() {
    var buffer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(0, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      buffer += piece[..<count]
      while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        take(line: Array(buffer[..<end]))
        buffer.removeSubrange(...end)
      }
    }
    leave()
  }

  private func take(line: [UInt8]) {
    guard !line.isEmpty else { return }
    do {
      let envelope = try JSONDecoder().decode(WorkerEnvelope<WorkerRequest>.self, from: Data(line))
      switch envelope.content {
      case .stop: return leave()
      case .pause: state.withLock { $0.pauses.append(envelope.id) }
      case .draft, .order, .train, .useThreads: state.withLock { $0.waiting.append(.request(envelope)) }
      }
    } catch {
      state.withLock { $0.waiting.append(.unreadable("a line that is no request: \(error)")) }
    }
    arrival.signal()
  }

  private func leave() {
    state.withLock { $0.mustLeave = true }
    arrival.signal()
    // The engine may be stuck in a call that never returns; the checkpoint that is there is whole.
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { _exit(ExitCode.temporaryFailure.rawValue) }
  }
}
