/// A case as training sees it: files, and the names it may print. From the service these are pseudonyms and canonical
/// copies, from a folder that `popcorn` is given the files' own.
public struct CaseReference: Codable, Sendable, Hashable {
  /// The case's label, such as `PSN7Q2M4K5TBA`; of a folder the file's stem.
  public var id: String
  /// Equal for scans of one person: the service's keyed hash, or what the name says.
  public var subject: String
  /// The scan: the service's canonical copy (`.nii.gz`, Float32), or any NIfTI file.
  public var scan: String
  /// The brain mask that came beside the scan.
  public var brain: String?
  /// Its masks in the training set: one for each expert, or the pseudo-label. Empty in the pool.
  public var masks: [MaskReference]

  /// Whether a person wants it taken in spite of a doubt; nil as false.
  public var isReleased: Bool?

  /// A case and its files.
  public init(
    id: String, subject: String, scan: String, brain: String? = nil, masks: [MaskReference] = [],
    isReleased: Bool? = nil
  ) {
    self.id = id
    self.subject = subject
    self.scan = scan
    self.brain = brain
    self.masks = masks
    self.isReleased = isReleased
  }
}

/// A mask in the training set.
public struct MaskReference: Codable, Sendable, Hashable {
  /// Who drew it.
  public enum Kind: String, Codable, Sendable { case expert, pseudo }
  /// Who drew it.
  public var kind: Kind
  /// The file: the service's canonical mask (`.nii.gz`, uint8), or any NIfTI file.
  public var path: String
  /// The grid of the file: that of the scan (`false`) or already the reference grid (`true`, pseudo-labels).
  public var onReferenceGrid: Bool
  /// Which expert, where several drew.
  public var rater: String?

  /// A mask in a file.
  public init(kind: Kind, path: String, onReferenceGrid: Bool = false, rater: String? = nil) {
    self.kind = kind
    self.path = path
    self.onReferenceGrid = onReferenceGrid
    self.rater = rater
  }
}
