import Contract
import Files
import Glibc
import SystemPackage

/// Why an inbox is not there now (`INBOX_GONE`). It never means that files were deleted.
public enum InboxGone: Error, Sendable, CustomStringConvertible {
  /// The folder cannot be opened.
  case unreachable(FileFault)
  /// Another file system is mounted there, or the one that belongs there is not.
  case otherDevice(expected: UInt64, found: UInt64)
  /// The marker file is not there: most likely an empty mount point.
  case noMarker

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .unreachable(let fault): "the inbox is not there (\(fault)): mount it or make it again"
    case .otherDevice:
      "another file system lies at the inbox than at the start: mount the right one, or restart the service"
    case .noMarker: "the inbox has no \(Inbox.marker): mount the share, or make the marker in the right folder"
    }
  }
}

/// An open inbox. Calls may block as long as a network mount hangs: make them from a thread of their own.
public struct Inbox: Sendable {
  /// Proves that a folder is the inbox and not the bare mount point under it.
  public static let marker = ".popcornd-inbox"

  /// The inbox.
  public let directory: Directory
  /// The file system it lies on, to be expected the next time.
  public let device: UInt64
  /// The inode of the inbox itself: another number means that it was made anew and must be watched anew.
  public let inode: UInt64

  /// Opens the inbox at `path`. `expectedDevice` is the one it had before, nil at the first time; with a marker
  /// required,
  /// the marker decides instead, because a network mount has another number each time.
  public init(_ path: FilePath, expectedDevice: UInt64?, requiresMarker: Bool) throws(InboxGone) {
    do throws(FileFault) {
      directory = try Directory(path)
      let status = try directory.status()
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    } catch {
      throw .unreachable(error)
    }
    if requiresMarker {
      guard let status = try? directory.status(of: FileName(Inbox.marker.utf8)), status.isRegular else {
        throw .noMarker
      }
    } else if let expectedDevice, expectedDevice != device {
      throw .otherDevice(expected: expectedDevice, found: device)
    }
  }
}

extension Directory {
  /// stat(2) of the directory itself.
  func status() throws(FileFault) -> stat {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else { throw FileFault("stat", path, Errno(rawValue: errno)) }
    return status
  }

  /// stat(2) of what is called `name` in this directory; a link is not followed.
  func status(of name: FileName) throws(FileFault) -> stat {
    var status = stat()
    let bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
    guard fstatat(descriptor.rawValue, bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw FileFault("stat", path.appending(FilePath(rawBytes: name.bytes).components), Errno(rawValue: errno))
    }
    return status
  }

  /// What the link `name` points to; empty where it cannot be read.
  func target(ofLink name: FileName) -> [UInt8] {
    var target = [CChar](repeating: 0, count: 4096)
    let bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
    let count = readlinkat(descriptor.rawValue, bytes, &target, target.count)
    return count > 0 ? target.prefix(count).map { UInt8(bitPattern: $0) } : []
  }

  /// Whether a link leads to nothing.
  func isBrokenLink(_ name: FileName) -> Bool {
    let bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
    return faccessat(descriptor.rawValue, bytes, F_OK, 0) != 0
  }
}

extension stat {
  var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
  var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
  var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
  var modified: Int64 { Int64(st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(st_mtim.tv_nsec) }
}
