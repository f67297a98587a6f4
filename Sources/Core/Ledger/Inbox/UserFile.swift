import Files
import Glibc
import SystemPackage

/// A user's file that was decided on and is to be put away. It is renamed within its file system or left: never
/// copied over, never unlinked, never put over another.
public struct UserFile {
  /// What came of putting it away.
  public enum Outcome: Sendable, Equatable {
    /// It lies there now, beneath the destination.
    case moved(FilePath)
    /// It stays: the destination is on another file system, or the folder cannot be written. It is known by its digest.
    case left
    /// It was gone, or another file had taken its name: that one was put back and is looked at afresh.
    case lost
  }

  /// The folder it lies in.
  public let folder: Directory
  /// Its name there.
  public let name: FilePath
  /// The inode that was decided on.
  public let inode: UInt64

  /// The file called `name` in `folder`, which was decided on as `inode`.
  public init(_ name: FilePath, in folder: Directory, inode: UInt64) {
    self.folder = folder
    self.name = name
    self.inode = inode
  }

  /// Renames it to `subfolder` (made where needed, such as `2026-11`) of `destination`, keeping its name or with a
  /// `newName`, numbered where that is taken.
  public func putAway(
    in destination: Directory, _ subfolder: FilePath, as newName: FilePath? = nil
  ) throws(FileFault) -> Outcome {
    guard folder.inode(of: name) == inode else { return .lost }
    do {
      let target = try destination.directory(making: subfolder, permissions: 0o770)
      guard target.device == folder.device else { return .left }
      let moved = try rename(to: target, as: newName ?? name)
      guard target.inode(of: moved) == inode else {
        // Another file had taken the name between the look and the rename: its name is given back to it.
        try target.rename(moved, to: name, in: folder)
        return .lost
      }
      try target.synchronize()
      try folder.synchronize()
      return .moved(subfolder.appending(moved.components))
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory: return .lost
      case .improperLink, .permissionDenied, .notPermitted, .readOnlyFileSystem: return .left
      default: throw error
      }
    }
  }

  /// Finds out, at the start, what a crash left of a planned move to `path` beneath `destination`: nil where the file
  /// still lies in its folder and the move is to be done, else where it lies.
  public func findMoved(in destination: Directory, _ subfolder: FilePath) throws(FileFault) -> Outcome? {
    if folder.inode(of: name) == inode { return nil }
    guard let target = try? destination.directory(subfolder), target.device == folder.device else { return .lost }
    for candidate in try target.names() where target.inode(of: candidate) == inode {
      return .moved(subfolder.appending(candidate.components))
    }
    return .lost
  }

  private func rename(to target: Directory, as wanted: FilePath) throws(FileFault) -> FilePath {
    for number in 1...FileNames.attempts {
      let candidate = FilePath(rawBytes: FileNames.numbered(wanted.lastBytes, number))
      do {
        try folder.rename(name, to: candidate, in: target)
        return candidate
      } catch  where error.errno == .fileExists {
        continue
      }
    }
    throw FileFault("rename", name, .fileExists)
  }
}

extension Directory {
  /// The inode that a name stands for; nil where there is none. A link stands for itself.
  func inode(of name: FilePath) -> UInt64? {
    var status = stat()
    let answer = name.withPlatformString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
    return answer == 0 ? UInt64(status.st_ino) : nil
  }

  /// The device that the directory lies on.
  var device: UInt64? {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 ? UInt64(status.st_dev) : nil
  }
}
