import Engine

/// A box of one patch that is pasted, with its mask, into the other of a pair (Bai et al. 2023, arXiv 2305.00673): two
/// thirds of the patch an axis. Patches of a pair show the same region in the same orientation, so it fits.
public struct PasteBox: Equatable, Sendable {
  /// Where it begins along x, y and z, as a share of the room there is, 0…1.
  private let start: [Float]

  /// A box anywhere.
  public init(random: inout Random) { start = (0..<3).map { _ in random.uniform() } }

  /// `patch` with the box of `other`, (D, H, W) all.
  public func paste<Element>(_ other: [Element], into patch: [Element], edge: Int) -> [Element] {
    let length = max(1, 2 * edge / 3)
    let first = start.map { Int($0 * Float(edge - length + 1)) }
    var pasted = patch
    for z in first[2]..<first[2] + length {
      for y in first[1]..<first[1] + length {
        let row = edge * (y + edge * z) + first[0]
        pasted.replaceSubrange(row..<row + length, with: other[row..<row + length])
      }
    }
    return pasted
  }
}
