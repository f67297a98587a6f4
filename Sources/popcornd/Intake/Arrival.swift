import Contract
import Files
import Ledger
import SystemPackage
import Watch

/// A foreign file after popcorn-admit has read it: what is known of it, no voxel of it.
struct Arrival: Sendable {
  /// The inbox it lies in.
  let inbox: FilePath
  /// The file as it was seen before and after the reading; of a pair its header.
  let file: SeenFile
  /// The second file of a pair.
  var voxels: SeenFile?
  /// Where it lay before a person moved it into release/; nil where nobody did.
  var formerPath: FilePath?
  /// What it was read as.
  let name: DroppedName
  /// What popcorn-admit said.
  let verdict: Verdict
  /// The canonical copy, in the store already; nil where there is none.
  let canonical: Digest?
  /// Whether the file may be renamed: a loose file on a local disk.
  let mayMove: Bool
  /// How an expert's mask overlaps with the one that its case has; nil where they were not compared.
  var overlap: Verdict.Overlap?
  /// Whether a file lies at its scan's place that was not decided on yet: then it is that one's mask, and not the former's.
  var isScanUndecided = false

  var stamp: FileStamp { FileStamp(file) }

  /// Where it was dropped: what belongs to it was named after that place.
  var home: FilePath { formerPath ?? file.path }

  /// Every file of it with the digest of its bytes, where they are known.
  var parts: [(file: SeenFile, digest: Digest?)] {
    let digests = verdict.partDigests ?? verdict.inputDigest.map { [$0] } ?? []
    return ([file] + (voxels.map { [$0] } ?? [])).enumerated().map { place, file in
      (file, place < digests.count ? Digest(hexadecimal: digests[place]) : nil)
    }
  }
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

extension Shelf {
  /// Where files with this outcome are put away; nil where they stay.
  init?(of outcome: FileOutcome) {
    switch outcome {
    case .accepted: self = .done
    case .duplicate: self = .duplicates
    case .rejected: self = .rejected
    case .held, .waiting: return nil
    }
  }

  /// The planned move as the ledger has it: the shelf, then the month.
  func plan(month: String) -> FilePath { FilePath("\(word)/\(month)") }

  /// A planned move of the ledger, read back.
  static func read(_ plan: FilePath) -> (shelf: Shelf, month: String)? {
    let parts = plan.components.map(\.string)
    guard parts.count == 2, let shelf = [Shelf.done, .duplicates, .rejected].first(where: { $0.word == parts[0] })
    else { return nil }
    return (shelf, parts[1])
  }

  private var word: String {
    switch self {
    case .done: "done"
    case .duplicates: "duplicates"
    case .rejected: "rejected"
    }
  }
}

/// What is to be done with a user's file, now that the ledger knows.
struct Ruling: Sendable {
  /// The decision's number in the ledger, for each file of the arrival; none where nothing was recorded.
  var records: [Int] = []
  /// Whether it belongs to no case, so that nothing of it is kept.
  var isOfNoCase = false
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
