import SystemPackage

/// Who belongs to whom, by the keys of names: rebuilt from the ledger at a start, never the record itself.
struct PairIndex: Sendable {
  /// A file that waits for its scan.
  struct Waiting: Sendable, Hashable {
    let inbox: FilePath
    let path: FilePath
  }

  private var scans: [String: Set<String>] = [:]
  private var waiting: [String: Set<Waiting>] = [:]

  /// The scan with this key is a case.
  mutating func add(scan label: String, key: String) { scans[key, default: []].insert(label) }

  /// The cases whose scans have this key, sorted.
  func scans(key: String) -> [String] { (scans[key] ?? []).sorted() }

  /// A mask of this key waits for its scan.
  mutating func add(waiting file: Waiting, key: String) { waiting[key, default: []].insert(file) }

  /// The masks of this key that wait, in the order of their paths.
  func waiting(key: String) -> [Waiting] { (waiting[key] ?? []).sorted { $0.path.string < $1.path.string } }

  /// It no longer waits.
  mutating func remove(waiting file: Waiting, key: String) { waiting[key]?.remove(file) }
}
