import Engine

/// What is done to a patch without a label before the network sees it, and undone, or done too, to what the network makes
/// of another view of it (Bortsova et al. 2019, arXiv 1911.01218).
public enum Warp: Equatable, Sendable {
  /// Nothing.
  case none
  /// Flipped along x, y or z (0, 1, 2); below 0 not at all.
  case flip(axis: Int)
  /// Deformed by the field that is drawn from this generator.
  case elastic(Random)

  /// A cubic patch, (D, H, W) in and out, as the network is shown it.
  public func apply(to patch: [Float], edge: Int) -> [Float] {
    switch self {
    case .none: patch
    case .flip(let axis): flipped(patch, along: axis, edge: edge)
    case .elastic(let random): ElasticField(edge: edge, random: random).pull(patch)
    }
  }
}

/// Planes of a cubic box one after the other, each flipped along an axis (0 x, 1 y, 2 z); its own inverse, and its own
/// transpose.
func flipped(_ planes: [Float], along axis: Int, edge: Int) -> [Float] {
  guard axis >= 0 else { return planes }
  let turn = Orientation(rotation: 0, flip: axis + 1)
  let voxels = edge * edge * edge
  return stride(from: 0, to: planes.count, by: voxels).flatMap {
    turn.apply(to: Array(planes[$0..<$0 + voxels]), edge: edge)
  }
}
