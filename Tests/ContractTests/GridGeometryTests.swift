import Contract
import Testing

/// Small deterministic numbers, so that a failure can be had again.
private struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// 0 ..< 1.
  mutating func roll() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / Double(1 << 31)
  }

  /// Twelve numbers: -3 ... 3, and -40 ... 40 for the origin.
  mutating func affine() -> [Double] { (0..<12).map { ($0 % 4 == 3 ? 80 : 6) * (roll() - 0.5) } }
}

/// How far apart two images lie: by this a mask belongs to a scan, or does not.
@Suite struct GridGeometryTests {
  private let millimetres = GridGeometry(size: [10, 20, 30], affine: [1, 0, 0, 5, 0, 1, 0, -7, 0, 0, 1, 2])

  /// The corners at the origin are one; the opposite ones are 0.9, 1.9 and 2.9 mm apart.
  @Test func anotherSpacingShowsAtTheFarCorner() throws {
    let wider = GridGeometry(size: [10, 20, 30], affine: [1.1, 0, 0, 5, 0, 1.1, 0, -7, 0, 0, 1.1, 2])
    for apart in [millimetres.cornerDisplacement(to: wider), wider.cornerDisplacement(to: millimetres)] {
      #expect(abs(try #require(apart) - 3.5819) < 1e-4)
    }
  }

  /// The side of voxel 0 stays where it is; the other, 9 mm from it, comes to lie 9 mm beyond.
  @Test func aTurnedAxisShowsAtItsFarSide() throws {
    let turned = GridGeometry(size: [10, 20, 30], affine: [-1, 0, 0, 5, 0, 1, 0, -7, 0, 0, 1, 2])
    #expect(abs(try #require(millimetres.cornerDisplacement(to: turned)) - 18) < 1e-12)
  }

  @Test func gridsOfOtherSizesAreNotCompared() {
    for size in [[20, 10, 30], [10, 20, 29]] {
      #expect(millimetres.cornerDisplacement(to: GridGeometry(size: size, affine: millimetres.affine)) == nil)
    }
  }

  /// No voxel of two grids lies further apart than their corners do; each corner is the farthest of some.
  @Test func theFarthestVoxelIsACorner() throws {
    var chance = Chance(seed: 5)
    var farthest: Set<[Bool]> = []
    for _ in 0..<200 {
      let size = (0..<3).map { _ in 2 + Int(chance.roll() * 5) }
      let (one, other) = (chance.affine(), chance.affine())
      var most = (apart: -1.0, voxel: [0, 0, 0])
      for z in 0..<size[2] {
        for y in 0..<size[1] {
          for x in 0..<size[0] {
            let apart = distance([x, y, z], one, other)
            if apart > most.apart { most = (apart, [x, y, z]) }
          }
        }
      }
      farthest.insert(most.voxel.map { $0 > 0 })
      let displacement = GridGeometry(size: size, affine: one)
        .cornerDisplacement(to: GridGeometry(size: size, affine: other))
      #expect(abs(try #require(displacement) - most.apart) < 1e-9)
    }
    #expect(farthest.count == 8, "each corner is to be the farthest once")
  }

  /// How far apart, in mm, two affines put a voxel.
  private func distance(_ voxel: [Int], _ one: [Double], _ other: [Double]) -> Double {
    var squares = 0.0
    for row in 0..<3 {
      var difference = one[4 * row + 3] - other[4 * row + 3]
      for axis in 0..<3 { difference += (one[4 * row + axis] - other[4 * row + axis]) * Double(voxel[axis]) }
      squares += difference * difference
    }
    return squares.squareRoot()
  }
}
