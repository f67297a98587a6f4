import Glibc

/// Random numbers from a counter: the n-th is a hash of key and n (SplitMix64's finaliser, Steele et al. 2014), so
/// that a generator is a value of two words, and any part of a run can be drawn again without its past.
public struct Random: Codable, Hashable, Sendable, RandomNumberGenerator {
  private var key: UInt64
  private var counter: UInt64 = 0

  /// The generator of a seed and, below it, of a stream.
  public init(seed: UInt64, stream: UInt64...) {
    key = Self.mix(seed &+ 0x6A09_E667_F3BC_C909)
    for tag in stream { key = Self.descend(key, tag) }
  }

  /// An independent generator named by `tags`. It depends on this one's seed and stream, not on how many numbers were
  /// drawn: a resumed run derives the same without any saved state.
  public func derive(_ tags: UInt64...) -> Random {
    var child = self
    child.counter = 0
    for tag in tags { child.key = Self.descend(child.key, tag) }
    return child
  }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// In [0, 1), 24 bits.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// In [low, high).
  public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// Standard normal (Box and Muller), from two draws.
  public mutating func normal() -> Float {
    let radius = Double(next() >> 11) * 0x1p-53
    let angle = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(1 - radius)).squareRoot() * cos(2 * .pi * angle))
  }

  /// In 0..<bound, without bias. `bound` is at least 1.
  public mutating func int(below bound: Int) -> Int {
    let range = UInt64(max(bound, 1))
    let limit = UInt64.max - UInt64.max % range
    while true {
      let bits = next()
      if bits < limit { return Int(bits % range) }
    }
  }

  /// Puts the elements in random order (Fisher and Yates).
  public mutating func shuffle<T>(_ values: inout [T]) {
    for last in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(last, int(below: last + 1))
    }
  }

  /// 0..<count in random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  private static func descend(_ key: UInt64, _ tag: UInt64) -> UInt64 {
    mix(key ^ mix(tag &+ 0xBB67_AE85_84CA_A73B))
  }

  private static func mix(_ bits: UInt64) -> UInt64 {
    var z = bits
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
