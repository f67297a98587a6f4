import CLinux
import Contract
import Dispatch
import Files
import FoundationEssentials
import Glibc
import Processes
import Synchronization
import SystemPackage

/// Answers popcornctl. Each client has a thread, a second, and one short line; reading the status touches nothing but the
/// board, so an answer comes whatever else hangs. Everybody may ask; what is answered hangs on who asks.
final class ControlSocket: Sendable {
  /// Carries out what changes something; answers within the time a client waits.
  typealias Handler = @Sendable (ControlRequest, Peer) async -> ControlReply

  private struct Seats {
    var known = 0
    var strangers = 0
  }

  private let listener: FileDescriptor
  private let board: StatusBoard
  private let rights: Rights
  private let handler: Handler
  private let onRefusal: @Sendable (Refusal) async -> Void
  private let seats = Mutex(Seats())
  private let refusals = Mutex(Refusals())
  private let open = Mutex(true)

  private static let mostClients = 32
  /// Clients at once that may ask nothing: however many come, those who may are answered.
  private static let mostStrangers = 4
  private static let longestRequest = 4096
  private static let patience: Duration = .seconds(5)

  /// Listens at `path`. `onRefusal` records what was not allowed. Throws where the folder is not there or not ours.
  init(
    at path: FilePath, rights: Rights, board: StatusBoard, handler: @escaping Handler,
    onRefusal: @escaping @Sendable (Refusal) async -> Void
  ) throws(FileFault) {
    listener = try LocalSocket.listen(at: path, permissions: 0o666)
    self.rights = rights
    self.board = board
    self.handler = handler
    self.onRefusal = onRefusal
  }

  /// Begins to answer.
  func start() { Thread.start { self.accept() } }

  /// Answers nobody any more.
  func stop() {
    let first = open.withLock { open in
      defer { open = false }
      return open
    }
    if first { shutdown(listener.rawValue, Int32(SHUT_RDWR)) }
  }

  private var isOpen: Bool { open.withLock { open in open } }

  private func accept() {
    while true {
      let client = linux_accept(listener.rawValue)
      if client < 0 {
        if Glibc.errno == EINTR || Glibc.errno == ECONNABORTED { continue }
        guard isOpen else { break }
        // No descriptor, no memory: it passes.
        sleep(1)
        continue
      }
      guard let peer = Self.peer(of: client), takeSeat(peer) else {
        Glibc.close(client)
        continue
      }
      let served = Thread.start {
        self.serve(client, peer)
        Glibc.close(client)
        self.leaveSeat(peer)
      }
      if !served {
        Glibc.close(client)
        leaveSeat(peer)
      }
    }
    try? listener.close()
  }

  private func takeSeat(_ peer: Peer) -> Bool {
    let isKnown = rights.know(peer)
    return seats.withLock { seats in
      guard isKnown ? seats.known < Self.mostClients : seats.strangers < Self.mostStrangers else { return false }
      if isKnown { seats.known += 1 } else { seats.strangers += 1 }
      return true
    }
  }

  private func leaveSeat(_ peer: Peer) {
    let isKnown = rights.know(peer)
    seats.withLock { if isKnown { $0.known -= 1 } else { $0.strangers -= 1 } }
  }

  private func serve(_ client: Int32, _ peer: Peer) {
    guard let line = readLine(client) else { return }
    let answer: ControlReply
    if let request = Self.request(in: line) {
      answer = reply(to: request, from: peer)
    } else {
      answer = .refused("not a request of this version", exit: ExitCode.usage.rawValue)
    }
    guard var bytes = try? JSONEncoder().encode(answer) else { return }
    bytes.append(UInt8(ascii: "\n"))
    limitTime(client, SO_SNDTIMEO, .seconds(1))
    _ = try? FileDescriptor(rawValue: client).writeAll(bytes)
  }

  /// No request is nested deeply: a line that is would have the decoder overrun this thread's stack.
  private static func request(in line: [UInt8]) -> ControlRequest? {
    guard line.count(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }) <= 8 else { return nil }
    return try? JSONDecoder().decode(ControlRequest.self, from: Data(line))
  }

  private func reply(to request: ControlRequest, from peer: Peer) -> ControlReply {
    guard rights.allow(request, to: peer) else { return refuse(request, from: peer) }
    switch request {
    case .status: return .status(board.status)
    case .queue: return .queue(board.queue)
    default: break
    }
    let answer = Answer()
    Task { answer.give(await handler(request, peer)) }
    return answer.wait(Self.patience)
      ?? .refused("popcornd is busy with its disk; ask again", exit: ExitCode.temporaryFailure.rawValue)
  }

  /// Says no, once that is recorded.
  private func refuse(_ request: ControlRequest, from peer: Peer) -> ControlReply {
    let reply = ControlReply.refused(Rights.words(against: request), exit: ExitCode.noPermission.rawValue)
    let refusal = refusals.withLock { $0.take(request.verb, by: peer.user, at: Clock.seconds) }
    guard let refusal else { return reply }
    let answer = Answer()
    Task {
      await onRefusal(refusal)
      answer.give(reply)
    }
    return answer.wait(Self.patience) ?? reply
  }

  private func readLine(_ client: Int32) -> [UInt8]? {
    var line: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1024)
    let limit = ContinuousClock.now + .seconds(1)
    while line.count < Self.longestRequest, ContinuousClock.now < limit {
      limitTime(client, SO_RCVTIMEO, limit - .now)
      let count = read(client, &piece, piece.count)
      if count < 0, Glibc.errno == EINTR { continue }
      guard count > 0 else { return nil }
      if let end = piece[0..<count].firstIndex(of: UInt8(ascii: "\n")) { return line + piece[0..<end] }
      line += piece[0..<count]
    }
    return nil
  }

  private func limitTime(_ client: Int32, _ option: Int32, _ time: Duration) {
    let (seconds, fraction) = max(time, .milliseconds(1)).components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(fraction / 1_000_000_000_000))
    setsockopt(client, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  private static func peer(of client: Int32) -> Peer? {
    var credentials = linux_peer()
    guard linux_peer_of(client, &credentials) == 0 else { return nil }
    return Peer(user: credentials.user, groups: [credentials.group] + groups(of: client))
  }

  /// All further groups: some directories put a person into hundreds. Whose groups cannot be told is nobody's member.
  private static func groups(of client: Int32) -> [gid_t] {
    var capacity = 64
    while true {
      var groups = [gid_t](repeating: .max, count: capacity)
      let count = Int(linux_peer_groups(client, &groups, Int32(capacity)))
      if count <= capacity { return Array(groups.prefix(max(0, count))) }
      capacity = count
    }
  }
}

/// One answer, waited for by a thread.
private final class Answer: Sendable {
  private let value = Mutex<ControlReply?>(nil)
  private let arrived = DispatchSemaphore(value: 0)

  func give(_ reply: ControlReply) {
    value.withLock { $0 = reply }
    arrived.signal()
  }

  func wait(_ time: Duration) -> ControlReply? {
    let (seconds, fraction) = time.components
    _ = arrived.wait(timeout: .now() + .seconds(Int(seconds)) + .nanoseconds(Int(fraction / 1_000_000_000)))
    return value.withLock { $0 }
  }
}
