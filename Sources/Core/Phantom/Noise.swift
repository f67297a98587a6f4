/// Smooth band-limited noise over space (gradient noise, Perlin, SIGGRAPH 2002): about mean 0, deviation 1, features of
/// about `wavelength` mm.
struct Noise: Sendable {
  private let seed: UInt64
  private let frequency: SIMD3<Float>

  init(seed: UInt64, _ tag: UInt64, wavelength: Float) {
    self.init(seed: seed, tag, wavelengths: SIMD3(repeating: wavelength))
  }

  /// Noise whose features are longer along some axes.
  init(seed: UInt64, _ tag: UInt64, wavelengths: SIMD3<Float>) {
    self.seed = Chance.mix(seed ^ Chance.mix(tag &+ 0x5EED))
    frequency = 1 / wavelengths
  }

  func callAsFunction(_ point: SIMD3<Float>) -> Float {
    let place = point * frequency
    let cell = place.rounded(.down)
    let inside = place - cell
    let weight = inside * inside * inside * (inside * (inside * 6 - 15) + 10)
    let corner = SIMD3<Int32>(cell)
    @inline(__always) func slope(_ x: Int32, _ y: Int32, _ z: Int32) -> Float {
      let lattice = SIMD3<Int32>(x, y, z)
      return gradient(at: corner &+ lattice, times: inside - SIMD3<Float>(lattice))
    }
    let low = mix(
      mix(slope(0, 0, 0), slope(1, 0, 0), weight.x), mix(slope(0, 1, 0), slope(1, 1, 0), weight.x), weight.y)
    let high = mix(
      mix(slope(0, 0, 1), slope(1, 0, 1), weight.x), mix(slope(0, 1, 1), slope(1, 1, 1), weight.x), weight.y)
    return mix(low, high, weight.z) * 3.2
  }

  @inline(__always) private func gradient(at corner: SIMD3<Int32>, times offset: SIMD3<Float>) -> Float {
    let x = UInt64(UInt32(bitPattern: corner.x)) &* 0x8DA6_B343
    let y = UInt64(UInt32(bitPattern: corner.y)) &* 0xD816_3841_9E37
    let z = UInt64(UInt32(bitPattern: corner.z)) &* 0xCB1A_B31F_85EB
    let bits = Chance.mix(seed ^ x ^ y ^ z)
    let direction = SIMD3<Float>(Float(bits & 0x1F_FFFF), Float(bits >> 21 & 0x1F_FFFF), Float(bits >> 42 & 0x1F_FFFF))
    return ((direction * 0x1p-20 - 1) * offset).sum()
  }
}

/// From `a` to `b` as `share` goes from 0 to 1.
@inline(__always) func mix(_ a: Float, _ b: Float, _ share: Float) -> Float { a + (b - a) * share }

/// 0 below `low`, 1 above `high`, smooth in between.
@inline(__always) func smoothStep(_ low: Float, _ high: Float, _ value: Float) -> Float {
  let share = min(max((value - low) / (high - low), 0), 1)
  return share * share * (3 - 2 * share)
}
