import CLinux
import Contract
import Dispatch
import Files
import FoundationEssentials
import Glibc
import Processes
import Synchronization
import SystemPackage

/// Who is at the other end, as the kernel tells it.
struct Peer: Sendable, Equatable {
  let user: uid_t
  let groups: [gid_t]

  /// The one who runs the service, root, and members of `administrators` may change how it goes.
  func mayChangeState(administrators: gid_t?) -> Bool {
    user == 0 || user == geteuid() || administrators.map { groups.contains($0) } == true
  }
}

/// Answers popcornctl. Each client has a thread, a second, and one short line; reading the status touches nothing but the
/// board, so an answer comes whatever else hangs.
final class ControlSocket: Sendable {
  /// Carries out what changes something; answers within the time a client waits.
  typealias Handler = @Sendable (ControlRequest, Peer) async -> ControlReply

  private let listener: FileDescriptor
  private let board: StatusBoard
  private let administrators: gid_t?
  private let handler: Handler
  private let clients = Mutex(0)
  private let open = Mutex(true)

  private static let mostClients = 32
  private static let longestRequest = 4096
  private static let patience: Duration = .seconds(5)

  /// Listens at `path`. Throws where the folder is not there or not ours.
  init(
    at path: FilePath, permissions: mode_t, administrators: gid_t?, board: StatusBoard, handler: @escaping Handler
  ) throws(FileFault) {
    listener = try LocalSocket.listen(at: path, permissions: permissions)
    self.administrators = administrators
    self.board = board
    self.handler = handler
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

  private func accept() {
    while true {
      let client = linux_accept(listener.rawValue)
      if client < 0 {
        if Glibc.errno == EINTR || Glibc.errno == ECONNABORTED { continue }
        if Glibc.errno == EMFILE || Glibc.errno == ENFILE {
          sleep(1)
          continue
        }
        break
      }
      let isRoom = clients.withLock { count in
        guard count < Self.mostClients else { return false }
        count += 1
        return true
      }
      let served =
        isRoom
        && Thread.start {
          self.serve(client)
          Glibc.close(client)
          self.clients.withLock { $0 -= 1 }
        }
      if !served {
        Glibc.close(client)
        if isRoom { clients.withLock { $0 -= 1 } }
      }
    }
    try? listener.close()
  }

  private func serve(_ client: Int32) {
    guard let peer = Self.peer(of: client), let line = readLine(client) else { return }
    let answer: ControlReply
    if let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line)) {
      answer = reply(to: request, from: peer)
    } else {
      answer = .refused("not a request of this version", exit: ExitCode.usage.rawValue)
    }
    guard var bytes = try? JSONEncoder().encode(answer) else { return }
    bytes.append(UInt8(ascii: "\n"))
    limitTime(client, SO_SNDTIMEO, .seconds(1))
    _ = try? FileDescriptor(rawValue: client).writeAll(bytes)
  }

  private func reply(to request: ControlRequest, from peer: Peer) -> ControlReply {
    switch request {
    case .status: return .status(board.status)
    case .queue: return .queue(board.queue)
    default: break
    }
    guard peer.mayChangeState(administrators: administrators) else {
      return .refused("only members of popcornd-admin may do this", exit: ExitCode.noPermission.rawValue)
    }
    let answer = Answer()
    Task { answer.give(await handler(request, peer)) }
    return answer.wait(Self.patience)
      ?? .refused("popcornd is busy with its disk; ask again", exit: ExitCode.temporaryFailure.rawValue)
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
    let count = Int(credentials.group_count)
    let groups = withUnsafeBytes(of: &credentials.groups) { Array($0.bindMemory(to: gid_t.self).prefix(count)) }
    return Peer(user: credentials.user, groups: [credentials.group] + groups)
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
