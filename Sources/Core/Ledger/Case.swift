import Contract
import Files

/// How sure we are that a scan is a FLAIR.
public enum Contrast: String, Codable, Sendable {
  /// Its name or sidecar says so.
  case flair
  /// Nothing says so, and nothing says otherwise.
  case assumed
}

/// A scan that is to become a case: what admission found, and whose it is.
public struct NewCase: Sendable {
  /// What names the person: from BIDS, pairs.tsv, a folder. Never recorded; its keyed hash is.
  public var subjectKey: String
  /// BIDS session, where there is one.
  public var session: String?
  /// SHA-256 of the voxels (`Verdict.voxelDigest`).
  public var voxelDigest: Digest
  /// SHA-256 of the file as it came.
  public var inputDigest: Digest
  /// SHA-256 of the canonical copy in the store.
  public var canonicalDigest: Digest
  /// SHA-256 of the canonical brain mask that came beside it.
  public var brainDigest: Digest?
  /// Size and place of its grid.
  public var geometry: GridGeometry
  /// Axis codes of the storage order.
  public var axisCodes: String
  /// How sure we are of the contrast.
  public var contrast: Contrast
  /// What was changed on the private copy.
  public var normalisations: [String]
  /// What is unusual.
  public var warnings: [String]

  /// A scan that is to become a case.
  public init(
    subjectKey: String, session: String? = nil, voxelDigest: Digest, inputDigest: Digest, canonicalDigest: Digest,
    brainDigest: Digest? = nil, geometry: GridGeometry, axisCodes: String, contrast: Contrast,
    normalisations: [String] = [], warnings: [String] = []
  ) {
    self.subjectKey = subjectKey
    self.session = session
    self.voxelDigest = voxelDigest
    self.inputDigest = inputDigest
    self.canonicalDigest = canonicalDigest
    self.brainDigest = brainDigest
    self.geometry = geometry
    self.axisCodes = axisCodes
    self.contrast = contrast
    self.normalisations = normalisations
    self.warnings = warnings
  }
}

/// A case as the ledger has it.
public struct Case: Sendable, Equatable {
  /// Its place in the order of arrival. Differs between runs; never shown to users.
  public let number: Int
  /// Its label, such as `PSN7Q2M4K5TBA`.
  public let label: String
  /// The keyed hash of its subject.
  public let subject: String
  /// BIDS session.
  public let session: String?
  /// SHA-256 of its voxels.
  public let voxelDigest: Digest
  /// SHA-256 of the file as it came.
  public let inputDigest: Digest
  /// SHA-256 of the canonical copy in the store.
  public let canonicalDigest: Digest
  /// SHA-256 of the canonical brain mask.
  public let brainDigest: Digest?
  /// Size and place of its grid.
  public let geometry: GridGeometry
  /// Axis codes of the storage order.
  public let axisCodes: String
  /// How sure we are of the contrast.
  public let contrast: Contrast
  /// What was changed on the private copy.
  public let normalisations: [String]
  /// What is unusual.
  public let warnings: [String]
  /// Where it stands.
  public let state: CaseState
  /// Why it is held or rejected.
  public let reason: ReasonCode?
  /// How often a worker died of it.
  public let strikes: Int
  /// Whether a person released it: doubts that only a person can judge do not hold it again.
  public let isReleased: Bool
  /// When it was accepted.
  public let arrived: Timestamp

  static let columns = """
    c.id, c.label, c.subject, c.session, c.voxel_digest, c.input_digest, c.canonical_digest, c.brain_digest, \
    c.geometry, c.axis_codes, c.contrast, c.normalisations, c.warnings, c.state, c.reason, c.strikes, c.arrived, \
    c.released
    """
  /// How many those are.
  static let columnCount: Int32 = 18

  init(_ row: Row) throws(LedgerFault) {
    number = row.integer(0)
    label = row.text(1)
    subject = row.text(2)
    session = row.textIfAny(3)
    voxelDigest = try row.digest(4)
    inputDigest = try row.digest(5)
    canonicalDigest = try row.digest(6)
    brainDigest = try row.digestIfAny(7)
    geometry = try CompactText.geometry(row.text(8))
    axisCodes = row.text(9)
    contrast = try row.word(10)
    normalisations = CompactText.words(row.text(11))
    warnings = CompactText.words(row.text(12))
    state = try row.word(13)
    reason = row.isNull(14) ? nil : try row.word(14, ReasonCode.self)
    strikes = row.integer(15)
    arrived = Timestamp(milliseconds: Int64(row.integer(16)))
    isReleased = row.integer(17) != 0
  }
}
