import Contract
import Files

/// An expert's mask that is to be recorded.
public struct NewLabel: Sendable {
  /// Which expert; `""` where only one draws.
  public var rater: String
  /// SHA-256 of the canonical mask in the store.
  public var digest: Digest
  /// SHA-256 of the file as it came.
  public var inputDigest: Digest
  /// The uid of the file's owner: a revision needs the same.
  public var owner: UInt32
  /// Voxels of the mask.
  public var foreground: Int
  /// Its lesions, where they were counted.
  public var lesionCount: Int?
  /// Volume of the largest, ml.
  public var largestMl: Double?

  /// An expert's mask that is to be recorded.
  public init(
    rater: String = "", digest: Digest, inputDigest: Digest, owner: UInt32, foreground: Int, lesionCount: Int? = nil,
    largestMl: Double? = nil
  ) {
    self.rater = rater
    self.digest = digest
    self.inputDigest = inputDigest
    self.owner = owner
    self.foreground = foreground
    self.lesionCount = lesionCount
    self.largestMl = largestMl
  }
}

/// An expert's mask as the ledger has it.
public struct ExpertLabel: Sendable, Equatable {
  /// The case's label.
  public let caseLabel: String
  /// Which expert; `""` where only one draws.
  public let rater: String
  /// From 1; older ones are kept.
  public let revision: Int
  /// SHA-256 of the canonical mask in the store.
  public let digest: Digest
  /// SHA-256 of the file as it came.
  public let inputDigest: Digest
  /// The uid of the file's owner.
  public let owner: UInt32
  /// Voxels of the mask.
  public let foreground: Int
  /// Its lesions; nil where they were not counted.
  public let lesionCount: Int?
  /// Volume of the largest, ml; nil where it was not measured.
  public let largestMl: Double?
  /// When it came.
  public let arrived: Timestamp

  static let columns = """
    c.label, l.rater, l.revision, l.digest, l.input_digest, l.owner, l.foreground, l.arrived, l.lesion_count, \
    l.largest_ml
    """

  init(_ row: Row) throws(LedgerFault) {
    caseLabel = row.text(0)
    rater = row.text(1)
    revision = row.integer(2)
    digest = try row.digest(3)
    inputDigest = try row.digest(4)
    owner = UInt32(truncatingIfNeeded: row.integer(5))
    foreground = row.integer(6)
    arrived = Timestamp(milliseconds: Int64(row.integer(7)))
    lesionCount = row.integerIfAny(8)
    largestMl = row.realIfAny(9)
  }
}

/// Whether an automatic mask's scan was selected for training.
public enum MaskKind: String, Codable, Sendable, CaseIterable {
  /// Not selected yet.
  case draft
  /// Selected: a pseudo-label of it is in the training set.
  case pseudo
}

/// An automatic mask as the ledger has it.
public struct AutomaticMask: Sendable, Equatable {
  /// The case's label.
  public let caseLabel: String
  /// The generation that made it.
  public let generation: Int
  /// Whether its scan was selected when it was made.
  public let kind: MaskKind
  /// Lesion probability from which a voxel is lesion.
  public let threshold: Double
  /// SHA-256 of the scan's latent vector in the store.
  public let latentDigest: Digest?
  /// What it measures; the digests of mask and probability map are in it.
  public let figures: MaskFigures
  /// When it was made.
  public let made: Timestamp
  /// When its files were given up, to make room; nil while they are kept.
  public let retired: Timestamp?

  static let columns = "c.label, m.generation, m.kind, m.threshold, m.latent_digest, m.figures, m.made, m.retired"

  init(_ row: Row) throws(LedgerFault) {
    caseLabel = row.text(0)
    generation = row.integer(1)
    kind = try row.word(2)
    threshold = row.real(3)
    latentDigest = try row.digestIfAny(4)
    figures = try row.json(5)
    made = Timestamp(milliseconds: Int64(row.integer(6)))
    retired = row.integerIfAny(7).map { Timestamp(milliseconds: Int64($0)) }
  }
}

extension Ledger {
  /// Records an expert's mask and makes its case `expert`, whatever it was before; answers its revision. A mask that the
  /// expert has drawn before is no revision: the one that it was is answered, and nothing changes. Where a person wants
  /// that one back, `isReleased`, it is one, unless it counts already. A revision needs the owner of the one before, or
  /// an admin: else `.notOwner`.
  @discardableResult
  public func promote(
    _ label: String, with new: NewLabel, isAdmin: Bool = false, isReleased: Bool = false, by actor: UInt32
  ) throws(LedgerFault) -> ExpertLabel {
    try transaction { () throws(LedgerFault) in
      let known = try self.case(label)
      let earlier = try labels(of: label).filter { $0.rater == new.rater }
      let last = earlier.last
      if let last {
        let same = earlier.last { $0.digest == new.digest }
        if let same, !isReleased || same.revision == last.revision { return same }
        guard isAdmin || last.owner == new.owner else { throw LedgerFault.notOwner(case: label) }
      }
      let revision = (last?.revision ?? 0) + 1
      try database.run(
        """
        INSERT INTO labels (case_id, rater, revision, digest, input_digest, owner, foreground, arrived, lesion_count, \
        largest_ml) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .integer(known.number), .text(new.rater), .integer(revision), .digest(new.digest), .digest(new.inputDigest),
        .integer(Int64(new.owner)), .integer(new.foreground), .integer(now().milliseconds), .integer(new.lesionCount),
        .real(new.largestMl))
      try keep(new.digest)
      let facts = [
        "mask_sha256": new.digest.description, "input_sha256": new.inputDigest.description,
        "revision": String(revision), "rater": new.rater,
      ]
      try append(.labelAdded, case: label, before: nil, after: nil, reason: nil, facts: facts, by: actor)
      if known.state != .expert { try change(label, to: .expert, by: actor) }
      guard let added = try labels(of: label).last(where: { $0.rater == new.rater }) else {
        throw LedgerFault.damaged("a label that was written is not there")
      }
      return added
    }
  }

  /// All expert masks of a case, by rater, oldest revision first.
  public func labels(of label: String) throws(LedgerFault) -> [ExpertLabel] {
    try database.rows(
      """
      SELECT \(ExpertLabel.columns) FROM labels l JOIN cases c ON c.id = l.case_id WHERE c.label = ? \
      ORDER BY l.rater, l.revision
      """, .text(label)
    ) { row throws(LedgerFault) in try ExpertLabel(row) }
  }

  /// Each expert's newest mask of a case, by rater: what training uses.
  public func currentLabels(of label: String) throws(LedgerFault) -> [ExpertLabel] {
    var newest: [String: ExpertLabel] = [:]
    for expert in try labels(of: label) { newest[expert.rater] = expert }
    return newest.values.sorted { $0.rater < $1.rater }
  }

  /// Every place of this expert mask in the ledger: a mask that comes back without a name is known by it.
  public func labels(withMask digest: Digest) throws(LedgerFault) -> [ExpertLabel] {
    try database.rows(
      """
      SELECT \(ExpertLabel.columns) FROM labels l JOIN cases c ON c.id = l.case_id WHERE l.digest = ? \
      ORDER BY l.case_id, l.rater, l.revision
      """, .digest(digest)
    ) { row throws(LedgerFault) in try ExpertLabel(row) }
  }

  /// Records the mask that `generation` made of a case, and drafts the case where it was `accepted`. Answers false, and
  /// records nothing but that the files are to be removed, where the case left the pool and the training set's
  /// pseudo-labels meanwhile: nobody wants it. `brain`: the brain mask that it was made with.
  @discardableResult
  public func recordMask(
    of label: String, generation: Int, threshold: Double, latent: Digest?, figures: MaskFigures, brain: Digest? = nil,
    by actor: UInt32
  ) throws(LedgerFault) -> Bool {
    try transaction { () throws(LedgerFault) in
      let known = try self.case(label)
      guard known.state.isInPool || known.state == .pseudo else {
        try discard(figures, latent)
        return false
      }
      let kind: MaskKind = known.state == .pseudo ? .pseudo : .draft
      let replaced = try masks(of: label).last { $0.generation == generation && $0.retired == nil }
      try database.run(
        """
        INSERT INTO masks (case_id, generation, kind, threshold, latent_digest, figures, brain_digest, made)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_id, generation) DO UPDATE SET kind = excluded.kind, \
        threshold = excluded.threshold, latent_digest = excluded.latent_digest, figures = excluded.figures, \
        brain_digest = excluded.brain_digest, retired = NULL
        """,
        .integer(known.number), .integer(generation), .text(kind.rawValue), .real(threshold), .digest(latent),
        .text(try CanonicalJSON.encode(figures)), .digest(brain), .integer(now().milliseconds))
      try keep(
        Digest(hexadecimal: figures.maskDigest), figures.probabilityDigest.flatMap { Digest(hexadecimal: $0) }, latent)
      if let replaced { try discard(replaced.figures, replaced.latentDigest) }
      let facts = ["mask_sha256": figures.maskDigest, "generation": String(generation), "kind": kind.rawValue]
      try append(.maskMade, case: label, before: nil, after: nil, reason: nil, facts: facts, by: actor)
      if known.state == .accepted { try change(label, to: .drafted, by: actor) }
      return true
    }
  }

  /// The automatic masks of a case, oldest generation first.
  public func masks(of label: String) throws(LedgerFault) -> [AutomaticMask] {
    try database.rows(
      """
      SELECT \(AutomaticMask.columns) FROM masks m JOIN cases c ON c.id = m.case_id WHERE c.label = ? \
      ORDER BY m.generation
      """, .text(label)
    ) { row throws(LedgerFault) in try AutomaticMask(row) }
  }

  /// Whether a mask that came is one that we made of the case, voxel for voxel; nobody can have looked at it then, for all
  /// that is known. The bytes alone say so where a record is older than the digest of its voxels.
  public func isOurs(_ mask: Verdict, of label: String) throws(LedgerFault) -> Bool {
    let figures = try masks(of: label).map(\.figures)
    if let voxels = mask.voxelDigest, figures.contains(where: { $0.voxelDigest == voxels }) { return true }
    return figures.contains { $0.maskDigest == mask.inputDigest }
  }

  /// The newest automatic mask of each case.
  public func newestMasks() throws(LedgerFault) -> [AutomaticMask] {
    try database.rows(
      """
      SELECT \(AutomaticMask.columns) FROM masks m JOIN cases c ON c.id = m.case_id WHERE m.generation = \
      (SELECT max(generation) FROM masks WHERE case_id = m.case_id) ORDER BY c.label
      """
    ) { row throws(LedgerFault) in try AutomaticMask(row) }
  }

  /// The cases that want a mask by `generation`, made with the brain mask that they have now, and have none: new ones first in
  /// order of arrival, then those with an older mask, pool before pseudo.
  public func casesWithoutMask(by generation: Int) throws(LedgerFault) -> [Case] {
    try database.rows(
      """
      SELECT \(Case.columns) FROM cases c WHERE c.state IN ('accepted', 'drafted', 'pseudo') \
      AND NOT EXISTS (SELECT 1 FROM masks m WHERE m.case_id = c.id AND m.generation >= ? \
      AND m.brain_digest IS c.brain_digest) \
      ORDER BY CASE c.state WHEN 'accepted' THEN 0 WHEN 'drafted' THEN 1 ELSE 2 END, c.id
      """, .integer(generation)
    ) { row throws(LedgerFault) in try Case(row) }
  }
}
