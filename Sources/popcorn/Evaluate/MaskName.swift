import Watch

/// A mask's file name taken apart: `NAME_mask2.nii.gz` is rater `mask2` on NAME.
struct MaskName {
  let stem: String
  /// `mask1`, `mask2`, `R1`, `A` of `rater-A`; nil where the name has none.
  let rater: String?

  init(_ file: String) {
    var stem = file[...]
    for ending in [".gz", ".nii"] where stem.lowercased().hasSuffix(ending) { stem = stem.dropLast(ending.count) }
    for ending in ["_dseg", "_flair"] where stem.lowercased().hasSuffix(ending) { stem = stem.dropLast(ending.count) }
    guard let label = LabelStem(stem: String(stem)) else {
      (self.stem, rater) = (MaskName.subject(of: String(stem)), nil)
      return
    }
    self.stem = MaskName.subject(of: label.base)
    rater = label.rater.map { $0.allSatisfy(\.isNumber) ? "mask\($0)" : $0 }
  }

  /// Of a BIDS name what tells images apart, without what tells derivatives of one image apart.
  private static func subject(of stem: String) -> String {
    guard stem.hasPrefix("sub-") else { return stem }
    let derived = ["space-", "res-", "den-", "label-", "desc-", "seg-"]
    return stem.split(separator: "_").filter { part in !derived.contains(where: part.hasPrefix) }
      .joined(separator: "_")
  }
}
