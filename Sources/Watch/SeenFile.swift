import Contract
import Files
import SystemPackage

/// The folders of an inbox that mean something.
public enum InboxTree: String, Sendable, Codable, CaseIterable {
  /// Scans.
  case unlabeled
  /// Scans with expert masks, or corrected masks alone.
  case labeled
  /// Held files that their owner wants released.
  case release

  /// The tree in which a path (relative to the inbox) lies; nil directly in the inbox or elsewhere.
  public init?(holding path: FilePath) {
    guard path.components.count > 1, let first = path.components.first else { return nil }
    self.init(rawValue: first.string)
  }
}

/// A regular file as it was seen in an inbox.
public struct SeenFile: Sendable, Hashable {
  /// Which folder of the inbox it lies in.
  public var tree: InboxTree
  /// Its path relative to the inbox (`unlabeled/a/b.nii.gz`); the bytes are the kernel's.
  public var path: FilePath
  /// The file system it lies on.
  public var device: UInt64
  /// Its number there.
  public var inode: UInt64
  /// Bytes.
  public var size: Int64
  /// Modification time, nanoseconds since 1970. Compared for equality only, never with now.
  public var modified: Int64
  /// Who dropped it, as the file system says.
  public var owner: UInt32
  /// What it is by its name.
  public var kind: FileKind
  /// Whether it lies on a network file system: other hosts' writes send no events there.
  public var isRemote: Bool

  /// A file as it was seen.
  public init(
    tree: InboxTree, path: FilePath, device: UInt64, inode: UInt64, size: Int64, modified: Int64, owner: UInt32,
    kind: FileKind, isRemote: Bool
  ) {
    self.tree = tree
    self.path = path
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.owner = owner
    self.kind = kind
    self.isRemote = isRemote
  }

  /// Whether these are the same bytes as far as stat(2) can tell.
  public func isUnchanged(since other: SeenFile) -> Bool {
    device == other.device && inode == other.inode && size == other.size && modified == other.modified
  }
}

/// What is to be known of a place in an inbox, after one look.
public enum Sighting: Sendable {
  /// A regular file that is not ignored.
  case file(SeenFile)
  /// A directory: scan beneath it.
  case directory
  /// On the ignore list, by this pattern.
  case ignored(String)
  /// Nothing to take: `SYMLINK`, `ANNEX_NOT_FETCHED`, `NOT_REGULAR`.
  case skipped(ReasonCode)
  /// Outside of the three trees: the README, the marker, a stray file.
  case outside
  /// Nothing is there any more.
  case absent
  /// It cannot be told, at least not now.
  case unknown(FileFault)
}
