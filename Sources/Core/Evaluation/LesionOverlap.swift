import Contract
import Imaging

/// How two masks of one image agree, lesion by lesion, as the ISBI 2015 challenge counts (Carass et al., NeuroImage 2017):
/// a lesion is found where one voxel of it is, and false where no voxel of it is true.
public struct LesionOverlap: Sendable, Hashable {
  /// One connected component of a mask.
  public struct Lesion: Sendable, Hashable, Codable {
    /// Its voxels.
    public let voxels: Int
    /// How many of them the other mask has too.
    public let shared: Int
    /// Its volume in mm³.
    public let volume: Double
    /// The mean of its voxels' centres in the world: x, y, z in mm, RAS+.
    public let centre: [Double]
    /// Whether the other mask has any of them.
    public var isMet: Bool { shared > 0 }
  }

  /// Lesions of the truth, in raster order of their first voxels.
  public let truth: [Lesion]
  /// Lesions of the mask, in raster order of their first voxels.
  public let mask: [Lesion]

  /// Takes both masks, which lie on the grid `geometry`, apart. `connectivity`: over edges, 18 neighbours, is the
  /// challenge's.
  public init(
    truth: Volume<UInt8>, mask: Volume<UInt8>, geometry: GridGeometry,
    connectivity: Components.Connectivity = .edges
  ) {
    precondition(truth.size == mask.size, "masks of one image have one size")
    self.truth = LesionOverlap.lesions(of: truth, metBy: mask, geometry, connectivity)
    self.mask = LesionOverlap.lesions(of: mask, metBy: truth, geometry, connectivity)
  }

  /// Share of the truth's lesions that were found; 1 where both masks are empty, nil where only the truth is.
  public var truePositiveRate: Double? {
    if truth.isEmpty { return mask.isEmpty ? 1 : nil }
    return Double(truth.count(where: \.isMet)) / Double(truth.count)
  }

  /// Share of the mask's lesions that are false; 0 where both masks are empty, nil where only the mask is.
  public var falsePositiveRate: Double? {
    if mask.isEmpty { return truth.isEmpty ? 0 : nil }
    return Double(mask.count { !$0.isMet }) / Double(mask.count)
  }

  private struct Sum {
    var (voxels, shared, x, y, z) = (0, 0, 0, 0, 0)
  }

  private static func lesions(
    of mask: Volume<UInt8>, metBy other: Volume<UInt8>, _ geometry: GridGeometry,
    _ connectivity: Components.Connectivity
  ) -> [Lesion] {
    let (labels, count) = Components.label(mask, connectivity: connectivity)
    let size = mask.size
    var sums = [Sum](repeating: Sum(), count: count)
    for (index, label) in labels.values.enumerated() where label > 0 {
      let lesion = Int(label) - 1
      sums[lesion].voxels += 1
      if other.values[index] != 0 { sums[lesion].shared += 1 }
      sums[lesion].x += index % size.x
      sums[lesion].y += index / size.x % size.y
      sums[lesion].z += index / (size.x * size.y)
    }
    return sums.map { sum in
      let voxels = Double(sum.voxels)
      return Lesion(
        voxels: sum.voxels, shared: sum.shared, volume: voxels * geometry.voxelVolume,
        centre: geometry.world(Double(sum.x) / voxels, Double(sum.y) / voxels, Double(sum.z) / voxels))
    }
  }
}
