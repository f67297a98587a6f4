import Contract
import Files
import FoundationEssentials
import Glibc
import Processes
import SystemPackage
import Terminal

/// The running service, reached through its control socket.
struct Service {
  private let path: FilePath

  /// The service of a study.
  init(_ study: Study) throws { path = try study.controlSocket }

  /// Asks, and answers what the service says; nil where none is running. Throws where it refuses.
  func ask(_ request: ControlRequest) throws -> ControlReply? {
    guard let socket = LocalSocket.connect(to: path) else {
      guard errno != EACCES else { throw Failure("you may not come to the service's socket \(path)", .noPermission) }
      return nil
    }
    defer { try? socket.close() }
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(socket.rawValue, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let line = try JSONEncoder().encode(request) + [UInt8(ascii: "\n")]
    // A service that has no seat left closes: that shows when its answer does not come, and must not end this program.
    line.withUnsafeBytes { _ = send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard let answer = try? BoundedReader.read(socket, limit: 1 << 26, path: path),
      let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(answer))
    else { throw Failure("the service did not answer; it may be busy: ask again", .temporaryFailure) }
    if case .refused(let words, let exit) = reply {
      throw Failure(words, Contract.ExitCode(rawValue: exit) ?? .failure)
    }
    return reply
  }

  /// Asks for a change, and says what came of it.
  func tell(_ request: ControlRequest) throws -> Contract.ExitCode {
    guard let reply = try ask(request) else { throw Failure("popcornd is not running", .notRunning) }
    if case .done(let words) = reply { try standardOutput(words) }
    return .success
  }
}
