/// Where the voxels of a grid lie in the world.
///
/// `affine` takes a voxel index (x, y, z; the centre of a voxel is a whole number) to millimetres in
/// RAS+ (x to the right, y to the front, z to the top of the head), as NIfTI has it.
public struct GridGeometry: Hashable, Sendable, Codable {
  /// Voxels along x, y and z.
  public var size: [Int]
  /// Three rows of four numbers, row by row: [r00 r01 r02 t0, r10 ...]. Millimetres.
  public var affine: [Double]

  private enum CodingKeys: String, CodingKey { case size, affine }

  /// No grid has so many voxels: the bound of the header rules, far from where whole numbers end.
  public static let mostVoxels = 1 << 50

  /// A grid of `size` voxels placed by `affine` (3 × 4, row by row).
  public init(size: [Int], affine: [Double]) {
    self.size = size
    self.affine = affine
  }

  /// A grid that somebody else wrote. Throws where it is none: everything here counts on its sizes and numbers.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let size = try fields.decode([Int].self, forKey: .size)
    let affine = try fields.decode([Double].self, forKey: .affine)
    guard GridGeometry.isGrid(size: size, affine: affine) else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: fields, debugDescription: "three sizes and twelve numbers that cannot be a grid's")
    }
    self.init(size: size, affine: affine)
  }

  /// Whether these are three sizes, the voxels of which can be counted, and twelve finite numbers.
  public static func isGrid(size: [Int], affine: [Double]) -> Bool {
    guard size.count == 3, affine.count == 12, affine.allSatisfy(\.isFinite) else { return false }
    var count = 1
    for extent in size {
      let product = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !product.overflow, product.partialValue < mostVoxels else { return false }
      count = product.partialValue
    }
    return true
  }

  /// The world position in mm of a voxel index.
  public func world(_ x: Double, _ y: Double, _ z: Double) -> [Double] {
    (0..<3).map { affine[4 * $0] * x + affine[4 * $0 + 1] * y + affine[4 * $0 + 2] * z + affine[4 * $0 + 3] }
  }

  /// Edge lengths of a voxel in mm: the lengths of the affine's columns.
  public var spacing: [Double] { (0..<3).map { length(ofColumn: $0) } }

  private func length(ofColumn column: Int) -> Double {
    let (x, y, z) = (affine[column], affine[4 + column], affine[8 + column])
    return (x * x + y * y + z * z).squareRoot()
  }

  /// Volume of one voxel in mm³: the absolute determinant of the affine's 3 × 3 part.
  public var voxelVolume: Double {
    let a = affine
    let first = a[0] * (a[5] * a[10] - a[6] * a[9])
    let second = a[1] * (a[4] * a[10] - a[6] * a[8])
    let third = a[2] * (a[4] * a[9] - a[5] * a[8])
    return abs(first - second + third)
  }

  /// The largest distance in mm between a corner of this grid and the same corner of `other`: how far
  /// apart two images of equal size lie; infinite where it cannot be told. nil where the sizes differ.
  public func cornerDisplacement(to other: GridGeometry) -> Double? {
    guard size == other.size else { return nil }
    var largest = 0.0
    for corner in 0..<8 {
      let index = (0..<3).map { corner >> $0 & 1 == 1 ? Double(size[$0] - 1) : 0 }
      let here = world(index[0], index[1], index[2])
      let there = other.world(index[0], index[1], index[2])
      let squared = zip(here, there).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      guard squared.isFinite else { return .infinity }
      largest = max(largest, squared.squareRoot())
    }
    return largest
  }
}
