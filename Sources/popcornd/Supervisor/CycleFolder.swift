import Files
import Glibc
import SystemPackage

/// The folder of a cycle that is over, `train/cycle-NNNN` in the state directory. Everything of use in it is in the
/// store; of a generation that is kept its order and curve stay, and the latents that the pool is measured with.
struct CycleFolder: Sendable {
  let train: Directory
  let name: FilePath
  /// Whether the weights that the cycle made are kept.
  let isKept: Bool

  private static let lasting: Set<FilePath> = ["cycle.json", "curve.tsv", "latents"]

  /// The number of the cycle whose folder has this name; nil where it is no cycle's.
  static func cycle(of name: FilePath) -> Int? {
    let text = name.string
    guard text.hasPrefix("cycle-") else { return nil }
    return Int(text.dropFirst(6))
  }

  /// Removes what is not kept. A worker that is still at it, left by a service that was killed, is not disturbed.
  func clear() throws(FileFault) {
    let folder: Directory
    do {
      folder = try train.directory(name)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return
    }
    guard flock(folder.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { return }
    if isKept {
      for entry in try folder.names() where !CycleFolder.lasting.contains(entry) { try folder.removeOwnTree(entry) }
    } else {
      try train.removeOwnTree(name)
    }
  }
}

extension Directory {
  /// Removes a file of ours, or a folder with all that is in it; follows no link. Never called for a share.
  func removeOwnTree(_ name: FilePath) throws(FileFault) {
    let answer = name.withPlatformString { unlinkat(descriptor.rawValue, $0, 0) }
    if answer == 0 || errno == ENOENT { return }
    // unlink(2) of a folder: EISDIR on Linux, EPERM by POSIX.
    guard errno == EISDIR || errno == EPERM else {
      throw FileFault("remove", path.pushing(name), Errno(rawValue: errno))
    }
    let folder = try directory(name)
    for entry in try folder.names() { try folder.removeOwnTree(entry) }
    guard name.withPlatformString({ unlinkat(descriptor.rawValue, $0, AT_REMOVEDIR) }) == 0 else {
      throw FileFault("remove", path.pushing(name), Errno(rawValue: errno))
    }
  }
}
