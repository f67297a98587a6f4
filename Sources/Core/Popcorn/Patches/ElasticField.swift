import Engine
import Glibc

/// A smooth random deformation of a cubic patch: displacements drawn at control points a quarter of the edge apart, their
/// standard deviation 2 to 4 voxels of a patch of 64, linear between them.
///
/// Pulling reads the patch at v + u(v), trilinear, so that `push`, its transpose, brings a gradient back.
public struct ElasticField: Sendable {
  private let edge: Int
  /// The voxel at the low corner of the eight between which each voxel reads. Where it reads outside this means nothing.
  private let corners: [Int32]
  /// How far from that corner it reads, 0…1 along each axis.
  private let fractions: [SIMD3<Float>]
  /// Whether a voxel reads inside of the patch.
  public let isInside: [Bool]

  private static let cells = 4

  /// The field of a patch of `edge` voxels that `random` gives.
  public init(edge: Int, random: Random) {
    var random = random
    let points = Self.cells + 1
    let deviation = (2 + 2 * random.uniform()) * Float(edge) / 64
    var control: [SIMD3<Float>] = []
    for _ in 0..<points * points * points {
      control.append(deviation * SIMD3(random.normal(), random.normal(), random.normal()))
    }
    func displacement(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Float> {
      let place = (SIMD3(Float(x), Float(y), Float(z)) + 0.5) * Float(Self.cells) / Float(edge)
      let low = place.rounded(.down)
      let share = place - low
      var sum = SIMD3<Float>.zero
      for corner in 0..<8 {
        let at = (0..<3).map { min(points - 1, Int(low[$0]) + (corner >> $0 & 1)) }
        let point: SIMD3<Float> = control[at[0] + points * (at[1] + points * at[2])]
        sum += Self.weight(share, corner) * point
      }
      return sum
    }
    var (corners, fractions, inside): ([Int32], [SIMD3<Float>], [Bool]) = ([], [], [])
    for z in 0..<edge {
      for y in 0..<edge {
        for x in 0..<edge {
          let place = SIMD3(Float(x), Float(y), Float(z)) + displacement(x, y, z)
          let low = place.rounded(.down)
          let isInside = (0..<3).allSatisfy { place[$0] >= 0 && place[$0] <= Float(edge - 1) }
          // The last voxel of an axis reads itself from the cell before it.
          let first = (0..<3).map { min(max(0, Int(low[$0])), edge - 2) }
          corners.append(Int32(first[0] + edge * (first[1] + edge * first[2])))
          fractions.append(place - SIMD3(Float(first[0]), Float(first[1]), Float(first[2])))
          inside.append(isInside)
        }
      }
    }
    self.edge = edge
    self.corners = corners
    self.fractions = fractions
    isInside = inside
  }

  private static func weight(_ share: SIMD3<Float>, _ corner: Int) -> Float {
    (0..<3).reduce(1) { $0 * (corner >> $1 & 1 == 1 ? share[$1] : 1 - share[$1]) }
  }

  private func offset(_ corner: Int) -> Int { (corner & 1) + edge * ((corner >> 1 & 1) + edge * (corner >> 2)) }

  /// The patch deformed, (D, H, W) in and out; 0 where it would be read outside.
  public func pull(_ patch: [Float]) -> [Float] {
    var values = [Float](repeating: 0, count: patch.count)
    for voxel in values.indices where isInside[voxel] {
      for corner in 0..<8 {
        values[voxel] += Self.weight(fractions[voxel], corner) * patch[Int(corners[voxel]) + offset(corner)]
      }
    }
    return values
  }

  /// The transpose of `pull`: what a gradient by the deformed patch is by the patch.
  public func push(_ gradient: [Float]) -> [Float] {
    var values = [Float](repeating: 0, count: gradient.count)
    for voxel in values.indices where isInside[voxel] {
      for corner in 0..<8 {
        values[Int(corners[voxel]) + offset(corner)] += Self.weight(fractions[voxel], corner) * gradient[voxel]
      }
    }
    return values
  }
}
