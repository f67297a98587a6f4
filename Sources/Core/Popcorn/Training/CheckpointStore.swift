import Contract

/// Where a cycle keeps what it needs to go on after a crash. What is written is there whole, or not at all.
public protocol CheckpointStore: AnyObject {
  /// The bytes under a name; nil where there are none.
  func read(_ name: String) throws -> [UInt8]?
  /// Puts bytes under a name, in place of others, so that they survive a power cut.
  func write(_ bytes: [UInt8], as name: String) throws
  /// Removes what lies under a name, if anything does.
  func remove(_ name: String) throws
  /// All names.
  func names() throws -> [String]
  /// A selection with its pseudo-label's files where they lie now: what lies beside the store moves with it.
  func located(_ selection: CycleResult.Selection) -> CycleResult.Selection
}

extension CheckpointStore {
  /// Nothing moves.
  public func located(_ selection: CycleResult.Selection) -> CycleResult.Selection { selection }
}
