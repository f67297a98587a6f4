import Watch

/// A mask's file name taken apart: `NAME_mask2.nii.gz` is rater `mask2` on NAME.
struct MaskName {
  let stem: String
  /// `mask1`, `mask2`, `R1`, `A` of `rater-A`, `Anna` of `desc-expertAnna`; nil where the name has none.
  let rater: String?
  /// Of whom the name says that they drew it, where it says so.
  let origin: Origin?

  enum Origin {
    /// An expert: `desc-expert`, `desc-expertAnna`.
    case expert
    /// An older generation, whose masks the service keeps where it is told to: `desc-pseudoGen0007`.
    case formerGeneration
    /// Something else than lesions: `label-GM`, `desc-brain`.
    case otherTissue
  }

  init(_ file: String) {
    var whole = file[...]
    for ending in [".gz", ".nii"] where whole.lowercased().hasSuffix(ending) { whole = whole.dropLast(ending.count) }
    let name = BIDSName(stem: String(whole))
    origin = name.flatMap(MaskName.origin)
    let stem = MaskName.dropping(["_dseg", "_flair"], from: String(whole))
    let label = LabelStem(stem: stem)
    self.stem = MaskName.subject(of: label.map { MaskName.dropping(["_flair"], from: $0.base) } ?? stem)
    rater = (label?.rater ?? name?.rater).map { $0.allSatisfy(\.isNumber) ? "mask\($0)" : $0 }
  }

  private static func dropping(_ endings: [String], from stem: String) -> String {
    endings.reduce(stem) { $0.lowercased().hasSuffix($1) ? String($0.dropLast($1.count)) : $0 }
  }

  private static func origin(of name: BIDSName) -> Origin? {
    guard ["mask", "dseg"].contains(name.suffix.lowercased()) else { return nil }
    let description = name.entities["desc"] ?? ""
    if description.hasPrefix("brain") || name.entities["label"] != nil && !name.isLesionMask { return .otherTissue }
    if description.hasPrefix("expert") { return .expert }
    return description.contains(/[a-z]Gen[0-9]{4,}$/) ? .formerGeneration : nil
  }

  /// Of a BIDS name what tells images apart, without what tells derivatives of one image apart.
  private static func subject(of stem: String) -> String {
    guard stem.hasPrefix("sub-") else { return stem }
    let derived = ["space-", "res-", "den-", "label-", "desc-", "seg-"]
    return stem.split(separator: "_").filter { part in !derived.contains(where: part.hasPrefix) }
      .joined(separator: "_")
  }
}
