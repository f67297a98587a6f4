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
    /// It was gone, another file had taken its name, or other bytes were saved into it: what lies there was put back and
    /// is looked at afresh.
    case lost
  }

  /// The folder it lies in.
  public let folder: Directory
  /// Its name there.
  public let name: FilePath
  /// The file as it was decided on.
  public let stamp: FileStamp

  /// The file called `name` in `folder`, which was decided on as `stamp` says.
  public init(_ name: FilePath, in folder: Directory, stamp: FileStamp) {
    self.folder = folder
    self.name = name
    self.stamp = stamp
  }

  /// Renames it to `subfolder` (made where needed, such as `2026-11`) of `destination`, keeping its name or with a
  /// `newName`, numbered where that is taken.
  public func putAway(
    in destination: Directory, _ subfolder: FilePath, as newName: FilePath? = nil
  ) throws(FileFault) -> Outcome {
    guard isSame(name, in: folder) else { return .lost }
    do {
      let target = try destination.directory(making: subfolder, permissions: 0o770)
      guard target.device == folder.device else { return .left }
      let moved = try UserFile.rename(name, in: folder, to: target, as: newName ?? name)
      guard isSame(moved, in: target) else {
        // Between the look and the rename another file had taken the name, or somebody had saved into this one.
        try giveBack(moved, from: target)
        return .lost
      }
      try target.synchronize()
      try folder.synchronize()
      return .moved(subfolder.appending(moved.components))
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory: return .lost
      case .permissionDenied, .readOnlyFileSystem: return .left
      // On another file system, or on one where neither a rename nor a link can refuse to replace.
      default: if error.isWithoutLinks { return .left } else { throw error }
      }
    }
  }

  /// Finds out, at the start, what a crash left of a planned move to `path` beneath `destination`: nil where the file
  /// still lies in its folder and the move is to be done, else where it lies.
  public func findMoved(in destination: Directory, _ subfolder: FilePath) throws(FileFault) -> Outcome? {
    if folder.inode(of: name) == stamp.inode { return nil }
    guard let target = try? destination.directory(subfolder), target.device == folder.device else { return .lost }
    for candidate in try target.names() where target.inode(of: candidate) == stamp.inode {
      if isSame(candidate, in: target) { return .moved(subfolder.appending(candidate.components)) }
      try giveBack(candidate, from: target)
      return .lost
    }
    return .lost
  }

  private func isSame(_ name: FilePath, in folder: Directory) -> Bool {
    folder.stamp(of: name).map { $0.isUnchanged(since: stamp) } == true
  }

  /// Under its name, or one like it where a further file has taken that meanwhile.
  private func giveBack(_ moved: FilePath, from target: Directory) throws(FileFault) {
    _ = try UserFile.rename(moved, in: target, to: folder, as: name)
  }

  private static func rename(
    _ name: FilePath, in folder: Directory, to target: Directory, as wanted: FilePath
  ) throws(FileFault) -> FilePath {
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
  /// The file that a name stands for, as it is now; nil where there is none. A link stands for itself.
  func stamp(of name: FilePath) -> FileStamp? {
    var status = stat()
    let answer = name.withPlatformString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
    guard answer == 0 else { return nil }
    return FileStamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec), owner: status.st_uid)
  }

  /// The inode that a name stands for.
  func inode(of name: FilePath) -> UInt64? { stamp(of: name)?.inode }

  /// The device that the directory lies on.
  var device: UInt64? {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 ? UInt64(status.st_dev) : nil
  }
}
