/// A stem that follows BIDS: `sub-01_ses-2_acq-3D_FLAIR`.
public struct BIDSName: Sendable, Hashable {
  /// Key and value of each entity, in order: `sub` → `01`.
  public let entities: [String: String]
  /// What stands last: `FLAIR`, `mask`.
  public let suffix: String

  /// Nil where the stem does not begin with a subject or breaks the scheme.
  public init?(stem: String) {
    let parts = stem.split(separator: "_", omittingEmptySubsequences: false)
    guard let suffix = parts.last, parts.count > 1, !suffix.isEmpty, !suffix.contains("-") else { return nil }
    var entities: [String: String] = [:]
    for (index, part) in parts.dropLast().enumerated() {
      guard let dash = part.firstIndex(of: "-") else { return nil }
      let key = String(part[..<dash])
      let value = String(part[part.index(after: dash)...])
      guard !key.isEmpty, !value.isEmpty, entities[key] == nil, (key == "sub") == (index == 0) else { return nil }
      entities[key] = value
    }
    self.entities = entities
    self.suffix = String(suffix)
  }

  /// What a scan and its lesion mask have in common.
  struct Acquisition: Hashable {
    let dataset: [String]
    let entities: [String?]
  }

  /// The acquisition, in the dataset whose folders begin above the first `sub-…` or `derivatives`.
  func acquisition(in folders: [String]) -> Acquisition {
    let dataset = folders.prefix { !$0.hasPrefix("sub-") && $0 != "derivatives" }
    return Acquisition(dataset: Array(dataset), entities: ["sub", "ses", "run", "acq"].map { entities[$0] })
  }

  /// `_mask` or `_dseg` with a label entity that means lesions.
  public var isLesionMask: Bool {
    guard let label = entities["label"]?.lowercased() else { return false }
    return ["mask", "dseg"].contains(suffix.lowercased()) && ["l", "lesion", "lesions", "wmh"].contains(label)
  }

  /// The rater out of `desc-expertR1`.
  public var rater: String? {
    guard let description = entities["desc"], description.hasPrefix("expert") else { return nil }
    let rater = description.dropFirst("expert".count)
    return rater.isEmpty ? nil : String(rater)
  }
}
