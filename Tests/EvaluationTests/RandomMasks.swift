import Imaging

/// Chance that is the same in every run (SplitMix64).
struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension Volume<UInt8> {
  /// A small mask: nothing, one voxel, or lesions as blocks grown at random; its values are any but 0.
  static func random(size: GridSize, _ chance: inout Chance) -> Volume<UInt8> {
    var mask = Volume<UInt8>(size: size, repeating: 0)
    for _ in 0..<Int.random(in: 0...5, using: &chance) {
      let (x, y, z) = (
        Int.random(in: 0..<size.x, using: &chance), Int.random(in: 0..<size.y, using: &chance),
        Int.random(in: 0..<size.z, using: &chance)
      )
      let edge = Int.random(in: 1...4, using: &chance)
      for dz in z..<min(z + edge, size.z) {
        for dy in y..<min(y + edge, size.y) {
          for dx in x..<min(x + edge, size.x) where UInt8.random(in: 0...9, using: &chance) < 8 {
            mask[dx, dy, dz] = UInt8.random(in: 1...255, using: &chance)
          }
        }
      }
    }
    return mask
  }

  /// A copy in which every voxel was lost with one chance and every empty one filled with another.
  func disturbed(_ chance: inout Chance) -> Volume<UInt8> {
    let loss = Double.random(in: 0...0.6, using: &chance)
    let gain = Double.random(in: 0...0.1, using: &chance)
    return map { value in
      Double.random(in: 0..<1, using: &chance) < (value != 0 ? loss : gain) ? (value != 0 ? 0 : 1) : value
    }
  }

  /// The axes in another order: x, y, z become z, x, y.
  var turned: Volume<UInt8> {
    var other = Volume<UInt8>(size: GridSize(size.z, size.x, size.y), repeating: 0)
    for z in 0..<size.z {
      for y in 0..<size.y { for x in 0..<size.x { other[z, x, y] = self[x, y, z] } }
    }
    return other
  }
}
