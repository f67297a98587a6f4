/// A stem that says by its end that the file is a label: `case7_lesion_mask`, `training01_01_mask2`, `x_seg_rater-A`.
public struct LabelStem: Sendable, Hashable {
  /// What is left for the scan's stem.
  public let base: String
  /// Who drew it, where the name says so.
  public let rater: String?

  /// What a label's stem may end in.
  static let endings = [
    "_lesionmask", "_lesions", "_lesion", "_mask", "_seg", "_labels", "_label", "_roi", "_manual", "_gt", "_wmh",
    "-label",
    ".label",
  ]

  /// Nil where the stem does not end in one of the endings, or nothing would be left before it.
  public init?(stem: String) {
    let (named, rater) = LabelStem.splitRater(stem)
    guard var base = Text.droppingSuffix(of: named, among: LabelStem.endings) else { return nil }
    while let shorter = Text.droppingSuffix(of: base, among: LabelStem.endings) { base = shorter }
    self.base = base
    self.rater = rater
  }

  /// `_rater-A`, `_R1` after the ending, or up to two digits at once behind it.
  private static func splitRater(_ stem: String) -> (named: String, rater: String?) {
    if let bar = stem.lastIndex(of: "_") {
      let last = stem[stem.index(after: bar)...]
      if last.lowercased().hasPrefix("rater") {
        let name = last.dropFirst(5).drop { $0 == "-" }
        if !name.isEmpty { return (String(stem[..<bar]), String(name)) }
      }
      if let letter = last.first, letter == "R" || letter == "r", (2...3).contains(last.count),
        last.dropFirst().allSatisfy(isDigit)
      {
        return (String(stem[..<bar]), String(last).uppercased())
      }
    }
    let digits = stem.reversed().prefix(while: isDigit).count
    guard (1...2).contains(digits) else { return (stem, nil) }
    return (String(stem.dropLast(digits)), String(stem.suffix(digits)))
  }

  private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
