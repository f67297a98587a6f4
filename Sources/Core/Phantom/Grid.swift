/// A lattice of voxels centred on a head. Whole numbers are centres; x to the right, y to the front, z up.
struct Grid: Sendable {
  let size: SIMD3<Int>
  let spacing: Float

  var count: Int { size.x * size.y * size.z }

  /// World position in mm of voxel 0: the brain lies in the middle of the grid.
  var origin: SIMD3<Float> {
    let middle = SIMD3<Float>(0, -18, 6)
    let half = SIMD3<Float>(SIMD3<Int>(size.x - 1, size.y - 1, size.z - 1)) * (0.5 * spacing)
    return SIMD3((middle.x - half.x).rounded(), (middle.y - half.y).rounded(), (middle.z - half.z).rounded())
  }

  func index(_ x: Int, _ y: Int, _ z: Int) -> Int { x + size.x * (y + size.y * z) }

  func place(_ index: Int) -> SIMD3<Int> {
    SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
  }

  func world(_ index: Int) -> SIMD3<Float> { origin + SIMD3<Float>(place(index)) * spacing }

  /// Whether all 26 neighbours of this voxel are on the grid.
  func isInner(_ p: SIMD3<Int>) -> Bool {
    p.x > 0 && p.y > 0 && p.z > 0 && p.x < size.x - 1 && p.y < size.y - 1 && p.z < size.z - 1
  }

  /// Index steps to the 26 neighbours of an inner voxel.
  var neighbours: [Int] {
    var steps: [Int] = []
    for z in -1...1 {
      for y in -1...1 {
        for x in -1...1 where x != 0 || y != 0 || z != 0 {
          steps.append(x + size.x * (y + size.y * z))
        }
      }
    }
    return steps
  }
}
