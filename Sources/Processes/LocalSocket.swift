import Files
import Glibc
import SystemPackage

/// Stream sockets in the file system.
public enum LocalSocket {
  /// Connects to the socket at `path`; nil where nobody listens or the path is too long for one.
  public static func connect(to path: FilePath) -> FileDescriptor? {
    let file = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { return nil }
    guard withAddress(path, { Glibc.connect(file, $0, $1) == 0 }) == true else {
      Glibc.close(file)
      return nil
    }
    return FileDescriptor(rawValue: file)
  }

  /// Listens at `path`, which is replaced where a dead service left it. Throws `addressInUse` where somebody listens there:
  /// another service, whose clients would come to this one.
  public static func listen(at path: FilePath, permissions: mode_t) throws(FileFault) -> FileDescriptor {
    guard !isListenedTo(path) else { throw FileFault("listen on", path, .addressInUse) }
    let file = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { throw FileFault("make a socket", path, Errno(rawValue: Glibc.errno)) }
    unlink(path.string)
    let bound = withAddress(path) { Glibc.bind(file, $0, $1) == 0 }
    // Not by a umask, which is the whole process's: other threads make files meanwhile. Nobody can connect before it listens.
    guard bound == true, chmod(path.string, permissions) == 0, Glibc.listen(file, 16) == 0 else {
      let reason = Glibc.errno
      Glibc.close(file)
      throw FileFault("listen on", path, bound == nil ? .fileNameTooLong : Errno(rawValue: reason))
    }
    return FileDescriptor(rawValue: file)
  }

  /// Whether a living process listens at `path`, also one that is too busy to answer.
  private static func isListenedTo(_ path: FilePath) -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let file = Glibc.socket(AF_UNIX, kind, 0)
    guard file >= 0 else { return false }
    defer { Glibc.close(file) }
    return withAddress(path) { Glibc.connect(file, $0, $1) == 0 || Glibc.errno == EAGAIN } == true
  }

  private static func withAddress<Answer>(
    _ path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer
  ) -> Answer? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = path.rawBytes
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
