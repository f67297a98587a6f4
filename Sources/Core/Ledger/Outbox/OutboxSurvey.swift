import Files
import Glibc
import SystemPackage

/// What a look for all that was published has found.
public struct OutboxSurvey: Sendable, Equatable {
  /// The ledger's fact that says which folder was written into last.
  static let placeFact = "outbox"

  /// The cases of which something is to be written, in order.
  public var unfinished: [String] = []
  /// The cases of which somebody has removed a file since the last survey, in order.
  public var removed: [String] = []
  /// How many files lie in another folder than the outbox is now, and are to be written again.
  public var lost = 0
  /// How many files of ours are of an earlier state than the ledger's: what came since was written into another folder.
  public var outdated = 0
}

extension Outbox {
  /// The file by which a folder is told from another that lies at the same path at another time. Device and inode would not
  /// do: a share has others after each mount.
  static let mark: FilePath = ".popcornd-outbox"

  /// Which folder it is; nil where it was never marked, or cannot be read.
  public var place: String? {
    guard let file = try? directory.open(Outbox.mark) else { return nil }
    defer { try? file.close() }
    guard let bytes = try? BoundedReader.read(file, limit: 64, path: Outbox.mark), !bytes.isEmpty else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Marks a folder that has no mark yet, and answers which one it is.
  func markPlace() throws(LedgerFault) -> String {
    if let place { return place }
    let mark = String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
    do {
      try DurableFile.write(Array(mark.utf8), as: Outbox.mark, in: directory, permissions: Outbox.filePermissions)
    } catch {
      throw .file(error)
    }
    return mark
  }

  /// Whether the dataset's own files are there. A folder that was made anew has none.
  public var isFurnished: Bool {
    var status = stat()
    return fstatat(directory.descriptor.rawValue, "dataset_description.json", &status, AT_SYMLINK_NOFOLLOW) == 0
  }
}
