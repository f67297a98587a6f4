import Glibc

/// Equation (3): how alike two segmentations are, exp(−SSD / τ).
///
/// SSD is the sum of squared differences of the two masks, that is the number of voxels in which they differ. With
/// τ = number of voxels this is the paper to the letter (SSD / τ is the mean squared error), nearly constant at
/// 0.95…1 on lesion masks; the authors' released code has τ = 350 voxels of 1 mm³ in a patch of 64³.
/// - Parameters:
///   - a: (D, H, W), 0 or 1; a voxel that is unknown counts as 0.
///   - b: as `a`.
///   - tau: voxels, above 0.
/// - Returns: 0…1; 1 where the masks are equal. Nothing here depends on the network, so it has no gradient.
public func similarity(_ a: [UInt8], _ b: [UInt8], tau: Double) -> Double {
  precondition(a.count == b.count, "two masks of one size")
  var differing = 0
  for voxel in a.indices where (a[voxel] == 1) != (b[voxel] == 1) { differing += 1 }
  return similarity(squaredDifferences: Double(differing), tau: tau)
}

/// Equation (3) of a sum of squared differences that is already known.
public func similarity(squaredDifferences: Double, tau: Double) -> Double {
  exp(-squaredDifferences / tau)
}
