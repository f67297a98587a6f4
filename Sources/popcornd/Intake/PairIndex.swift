import SystemPackage

/// The files that wait for their scan: rebuilt from the ledger at a start, never the record itself.
struct PairIndex: Sendable {
  /// A mask and where it lies.
  struct Waiting: Sendable, Hashable {
    let inbox: FilePath
    let path: FilePath
  }

  private var waiting: [FilePath: Set<FilePath>] = [:]

  /// A mask waits.
  mutating func add(_ file: Waiting) { waiting[file.inbox, default: []].insert(file.path) }

  /// A mask no longer waits.
  mutating func remove(_ file: Waiting) { waiting[file.inbox]?.remove(file.path) }

  /// The masks that wait in an inbox.
  func waiting(in inbox: FilePath) -> Set<FilePath> { waiting[inbox] ?? [] }
}
