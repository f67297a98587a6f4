import Contract
import Files
import Ledger
import SystemPackage
import Watch

/// A foreign file after popcorn-admit has read it: what is known of it, no voxel of it.
struct Arrival: Sendable {
  /// The inbox it lies in.
  let inbox: FilePath
  /// The file as it was seen before and after the reading.
  let file: SeenFile
  /// What it was read as.
  let name: DroppedName
  /// What popcorn-admit said.
  let verdict: Verdict
  /// The canonical copy, in the store already; nil where there is none.
  let canonical: Digest?
  /// Whether the file may be renamed: a loose file on a local disk.
  let mayMove: Bool

  var stamp: FileStamp { FileStamp(file) }
}

extension FileStamp {
  init(_ file: SeenFile) {
    self.init(
      device: file.device, inode: file.inode, size: file.size, modified: file.modified, owner: file.owner)
  }
}

/// Where a user's file is put away.
enum Shelf: Sendable {
  case done, duplicates, rejected
}

/// What is to be done with a user's file, now that the ledger knows.
struct Ruling: Sendable {
  /// The decision's number in the ledger; nil where nothing was recorded.
  var record: Int?
  /// Where the file goes; nil where it stays.
  var shelf: Shelf?
  /// The month's folder on the shelf.
  var month = ""
  /// What is left beside it.
  var receipt: Receipt?
  /// What the settling is told.
  var judgement: Settling.Judgement

  /// Nothing was decided: try again.
  static let again = Ruling(judgement: .transient)
}
