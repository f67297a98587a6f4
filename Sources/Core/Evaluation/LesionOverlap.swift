import Imaging

/// How two masks of one image agree, lesion by lesion, as the ISBI 2015 challenge counts (Carass et al., NeuroImage 2017):
/// a lesion is found where one voxel of it is, and false where no voxel of it is true.
public struct LesionOverlap: Sendable, Hashable, Codable {
  /// One connected component of a mask.
  public struct Lesion: Sendable, Hashable, Codable {
    /// Its voxels.
    public let voxels: Int
    /// How many of them the other mask has too.
    public let shared: Int
    /// Whether the other mask has any of them.
    public var isMet: Bool { shared > 0 }
  }

  /// Lesions of the truth, in raster order of their first voxels.
  public let truth: [Lesion]
  /// Lesions of the mask, in raster order of their first voxels.
  public let mask: [Lesion]

  /// Takes both masks apart. `connectivity`: over edges, 18 neighbours, is the challenge's.
  public init(truth: Volume<UInt8>, mask: Volume<UInt8>, connectivity: Components.Connectivity = .edges) {
    precondition(truth.size == mask.size, "masks of one image have one size")
    self.truth = LesionOverlap.lesions(of: truth, metBy: mask, connectivity)
    self.mask = LesionOverlap.lesions(of: mask, metBy: truth, connectivity)
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

  private static func lesions(
    of mask: Volume<UInt8>, metBy other: Volume<UInt8>, _ connectivity: Components.Connectivity
  ) -> [Lesion] {
    let (labels, count) = Components.label(mask, connectivity: connectivity)
    var voxels = [Int](repeating: 0, count: count)
    var shared = [Int](repeating: 0, count: count)
    for (index, label) in labels.values.enumerated() where label > 0 {
      voxels[Int(label) - 1] += 1
      if other.values[index] != 0 { shared[Int(label) - 1] += 1 }
    }
    return zip(voxels, shared).map { Lesion(voxels: $0, shared: $1) }
  }
}
