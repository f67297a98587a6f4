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
}

extension Outbox {
  /// Which folder it is: its device and inode. nil where that cannot be told.
  public var place: String? {
    var status = stat()
    guard fstat(directory.descriptor.rawValue, &status) == 0 else { return nil }
    return "\(status.st_dev) \(status.st_ino)"
  }

  /// Whether the dataset's own files are there. A folder that was made anew has none.
  public var isFurnished: Bool {
    var status = stat()
    return fstatat(directory.descriptor.rawValue, "dataset_description.json", &status, AT_SYMLINK_NOFOLLOW) == 0
  }
}
