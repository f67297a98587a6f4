import SystemPackage

/// The files that wait for their scan: rebuilt from the ledger at a start, never the record itself.
struct PairIndex: Sendable {
  /// A mask and where it lies.
  struct Waiting: Sendable, Hashable {
    let inbox: FilePath
    let path: FilePath
  }

  private var waiting: Set<Waiting> = []

  /// A mask waits.
  mutating func add(_ file: Waiting) { waiting.insert(file) }

  /// A mask no longer waits.
  mutating func remove(_ file: Waiting) { waiting.remove(file) }

  /// The masks that wait in an inbox, in the order of their paths.
  func waiting(in inbox: FilePath) -> [FilePath] {
    waiting.filter { $0.inbox == inbox }.map(\.path).sorted { $0.string < $1.string }
  }
}
