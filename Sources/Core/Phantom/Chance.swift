/// Numbers that look random and are a function of a seed and of a position in its stream (SplitMix64, Steele et al.,
/// OOPSLA 2014). Only additions, multiplications and square roots follow: no libm, so the same on every machine.
struct Chance: Sendable {
  private var state: UInt64

  init(seed: UInt64, _ tags: UInt64...) {
    state = tags.reduce(Chance.mix(seed)) { Chance.mix($0 ^ Chance.mix($1 &+ 0x9E37_79B9_7F4A_7C15)) }
  }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Chance.mix(state)
  }

  /// In [0, 1).
  mutating func uniform() -> Float { Float(bits() >> 40) * 0x1p-24 }

  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Whole number in 0 ..< `count`, which is at least 1.
  mutating func index(below count: Int) -> Int { Int(bits().multipliedFullWidth(by: UInt64(count)).high) }

  /// Mean 0, deviation 1: the count of ones among 64 fair bits (de Moivre and Laplace), made continuous by a uniform.
  mutating func normal() -> Float {
    let ones = Float(bits().nonzeroBitCount) - 32
    return (ones + uniform() - 0.5) * 0.248_708_4  // 1 / sqrt(16 + 1/12)
  }

  /// A direction, even over the sphere.
  mutating func direction() -> SIMD3<Float> {
    while true {
      let point = SIMD3(uniform(-1...1), uniform(-1...1), uniform(-1...1))
      let length = point.length
      if length > 0.1, length <= 1 { return point / length }
    }
  }

  /// A value whose distribution has these values at these percentiles, linear in between.
  mutating func draw(_ values: [Float], at percentiles: [Float]) -> Float {
    let place = uniform() * 100
    guard let upper = percentiles.firstIndex(where: { $0 > place }) else { return values[values.count - 1] }
    guard upper > 0 else { return values[0] }
    let share = (place - percentiles[upper - 1]) / (percentiles[upper] - percentiles[upper - 1])
    return values[upper - 1] + share * (values[upper] - values[upper - 1])
  }

  /// The numbers 0 ..< `count` in some order.
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, index(below: last + 1)) }
    return order
  }
}

extension SIMD3 where Scalar == Float {
  var length: Float { (self * self).sum().squareRoot() }
}
