import Imaging

/// Cutting boxes out of volumes. A patch is (D, H, W) = (z, y, x) with x fastest, as a volume is.
extension Volume {
  /// The cube of `edge` voxels that begins at `origin` (x, y, z); what lies outside of the volume is `outside`.
  public func patch(at origin: [Int], edge: Int, outside: Element) -> [Element] {
    var patch = [Element](repeating: outside, count: edge * edge * edge)
    let columns = overlap(origin[0], edge, size.x)
    guard !columns.isEmpty else { return patch }
    for z in overlap(origin[2], edge, size.z) {
      for y in overlap(origin[1], edge, size.y) {
        let source = origin[0] + columns.lowerBound + size.x * (origin[1] + y + size.y * (origin[2] + z))
        let target = columns.lowerBound + edge * (y + edge * z)
        for column in 0..<columns.count { patch[target + column] = values[source + column] }
      }
    }
    return patch
  }

  /// The indices of a patch along one axis that lie in the volume.
  func overlap(_ origin: Int, _ edge: Int, _ length: Int) -> Range<Int> {
    let first = min(edge, max(0, -origin))
    return first..<max(first, min(edge, length - origin))
  }
}

/// A patch that training draws from: where it is cut, of which case, with which mask.
public struct PatchPlace: Hashable, Sendable, Codable {
  /// The case's id.
  public var caseID: String
  /// Which of the case's masks is its truth; nil where it has none.
  public var mask: Int?
  /// Where it is cut.
  public var tile: Tile

  /// Where a patch is cut.
  public init(caseID: String, mask: Int?, tile: Tile) {
    self.caseID = caseID
    self.mask = mask
    self.tile = tile
  }
}
