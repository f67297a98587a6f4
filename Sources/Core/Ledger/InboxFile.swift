import Contract
import Files
import SystemPackage

/// A user's file as it lay in an inbox when it was looked at.
public struct FileStamp: Sendable, Hashable {
  /// Device and inode.
  public var device: UInt64, inode: UInt64
  /// Bytes.
  public var size: Int64
  /// Its modification time, nanoseconds since 1970; compared for equality only.
  public var modified: Int64
  /// Its owner's uid.
  public var owner: UInt32

  /// A file as it was.
  public init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, owner: UInt32) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.owner = owner
  }

  /// Whether these are the same bytes as far as stat(2) can tell; who owns them does not matter.
  public func isUnchanged(since other: FileStamp) -> Bool {
    device == other.device && inode == other.inode && size == other.size && modified == other.modified
  }
}

/// What became of a user's file.
public enum FileOutcome: String, Codable, Sendable, CaseIterable {
  /// It became a case, a label or a brain mask.
  case accepted
  /// Its content was known.
  case duplicate
  /// It waits for a person.
  case held
  /// It cannot be used.
  case rejected
  /// It waits for its other half: a label for its scan.
  case waiting
}

/// Whether and where a user's file was moved.
public enum FileMove: Sendable, Equatable {
  /// It stays where it is.
  case none
  /// It is to be renamed to this path beneath the study's root, and was not yet as far as is known.
  case planned(FilePath)
  /// It was renamed to this path.
  case done(FilePath)
  /// It could not be moved any more, or had waited or been held: it was gone, or another one. What lies there is looked at
  /// afresh.
  case lost
}

/// A decision about a user's file.
public struct FileDecision: Sendable {
  /// The inbox it lay in, and its path beneath it: bytes, whatever their encoding.
  public var inbox: FilePath, path: FilePath
  /// The file as it was.
  public var stamp: FileStamp
  /// What it was taken for.
  public var role: FileRole
  /// SHA-256 of its bytes; nil where it could not be read.
  public var digest: Digest?
  /// What becomes of it.
  public var outcome: FileOutcome
  /// Why, where it is not accepted.
  public var reason: ReasonCode?
  /// The measured numbers for the receipt.
  public var numbers: [Verdict.Number]
  /// The case's label.
  public var caseLabel: String?
  /// Whether and where it is to be moved: `.none` or `.planned`.
  public var move: FileMove

  /// A decision about a user's file.
  public init(
    inbox: FilePath, path: FilePath, stamp: FileStamp, role: FileRole, digest: Digest?, outcome: FileOutcome,
    reason: ReasonCode? = nil, numbers: [Verdict.Number] = [], caseLabel: String? = nil, move: FileMove = .none
  ) {
    self.inbox = inbox
    self.path = path
    self.stamp = stamp
    self.role = role
    self.digest = digest
    self.outcome = outcome
    self.reason = reason
    self.numbers = numbers
    self.caseLabel = caseLabel
    self.move = move
  }
}

/// How many files were decided on alike.
public struct FileCount: Sendable, Equatable {
  /// The inbox they lay in.
  public let inbox: FilePath
  /// What they were taken for.
  public let role: FileRole
  /// What became of them.
  public let outcome: FileOutcome
  /// Why, where they were not accepted.
  public let reason: ReasonCode?
  /// How many they are.
  public let count: Int
}

/// A recorded decision.
public struct FileRecord: Sendable {
  /// Its number in the ledger.
  public let number: Int
  /// What was decided.
  public let decision: FileDecision
  /// When.
  public let received: Timestamp

  static let columns = """
    f.id, f.inbox, f.path, f.device, f.inode, f.size, f.modified, f.owner, f.role, f.digest, f.outcome, f.reason, \
    f.numbers, c.label, f.move, f.destination, f.received
    """

  init(_ row: Row) throws(LedgerFault) {
    number = row.integer(0)
    let stamp = FileStamp(
      device: UInt64(bitPattern: Int64(row.integer(3))), inode: UInt64(bitPattern: Int64(row.integer(4))),
      size: Int64(row.integer(5)), modified: Int64(row.integer(6)), owner: UInt32(truncatingIfNeeded: row.integer(7)))
    decision = FileDecision(
      inbox: FilePath(rawBytes: row.blob(1)), path: FilePath(rawBytes: row.blob(2)), stamp: stamp,
      role: try row.word(8), digest: try row.digestIfAny(9), outcome: try row.word(10),
      reason: row.isNull(11) ? nil : try row.word(11, ReasonCode.self), numbers: try row.json(12),
      caseLabel: row.textIfAny(13), move: try FileMove(word: row.text(14), destination: row.blob(15)))
    received = Timestamp(milliseconds: Int64(row.integer(16)))
  }
}

extension FileMove {
  init(word: String, destination: [UInt8]) throws(LedgerFault) {
    switch word {
    case "none": self = .none
    case "planned": self = .planned(FilePath(rawBytes: destination))
    case "done": self = .done(FilePath(rawBytes: destination))
    case "lost": self = .lost
    default: throw .damaged("\(word) is no move of a file")
    }
  }

  var word: String {
    switch self {
    case .none: "none"
    case .planned: "planned"
    case .done: "done"
    case .lost: "lost"
    }
  }

  var destination: FilePath? {
    switch self {
    case .planned(let path), .done(let path): path
    case .none, .lost: nil
    }
  }
}
