/// Values kept by key while their bytes fit; the one that was asked for longest ago goes first.
public struct BoundedCache<Key: Hashable, Value> {
  private struct Entry {
    var value: Value
    var bytes: Int
    var lastUse: Int
  }
  private var entries: [Key: Entry] = [:]
  private var clock = 0
  /// Bytes kept at most. A value larger than that is handed through and not kept.
  public let limit: Int
  /// Bytes kept.
  public private(set) var bytes = 0

  /// A cache of at most `limit` bytes.
  public init(limit: Int) { self.limit = limit }

  /// How many values are kept.
  public var count: Int { entries.count }

  /// The value of a key, made by `make` where it is not kept. `size` tells its bytes.
  public mutating func value(for key: Key, size: (Value) -> Int, make: () throws -> Value) rethrows -> Value {
    clock += 1
    if let kept = entries[key]?.value {
      entries[key]?.lastUse = clock
      return kept
    }
    let value = try make()
    let bytesOfValue = size(value)
    guard bytesOfValue <= limit else { return value }
    while bytes + bytesOfValue > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      remove(oldest.key)
    }
    entries[key] = Entry(value: value, bytes: bytesOfValue, lastUse: clock)
    bytes += bytesOfValue
    return value
  }

  /// Forgets a key.
  public mutating func remove(_ key: Key) {
    if let entry = entries.removeValue(forKey: key) { bytes -= entry.bytes }
  }
}
