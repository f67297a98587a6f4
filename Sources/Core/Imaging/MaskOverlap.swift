import Contract

extension Verdict.Overlap {
  /// Counts over two masks, in which every value but 0 belongs to the mask; nil where their grids have other sizes.
  @specialized(where Element == Float)
  @specialized(where Element == UInt8)
  public init?<Element: Numeric>(of mask: Volume<Element>, and other: Volume<Element>) {
    guard mask.size == other.size else { return nil }
    self.init(first: 0, second: 0, both: 0)
    for (a, b) in zip(mask.values, other.values) {
      first += a != 0 ? 1 : 0
      second += b != 0 ? 1 : 0
      both += a != 0 && b != 0 ? 1 : 0
    }
  }
}
