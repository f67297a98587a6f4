import Contract
import Files

extension Ledger {
  /// The states in which a case can begin.
  static let initialStates: Set<CaseState> = [.accepted, .waiting, .held, .rejected]

  /// Records a new case in `state` (`accepted`, `waiting`, `held` or `rejected`). Throws `.conflict` where a case with
  /// the same voxels at the same place is known (ask `cases(withVoxels:)` first) or the state is no beginning.
  @discardableResult
  public func create(
    _ scan: NewCase, as state: CaseState, reason: ReasonCode? = nil, by actor: UInt32
  ) throws(LedgerFault) -> Case {
    guard Ledger.initialStates.contains(state) else {
      throw .conflict("a case cannot begin as \(state.rawValue)")
    }
    guard let pseudonyms else { throw .conflict("the ledger is open for reading only") }
    return try transaction { () throws(LedgerFault) in
      let content = Pseudonyms.content(voxels: scan.voxelDigest, geometry: scan.geometry)
      let known = try database.first("SELECT label FROM cases WHERE content = ?", .digest(content)) { $0.text(0) }
      if let known { throw LedgerFault.conflict("the scan is known as case \(known)") }
      let label = try freeLabel(for: content, pseudonyms)
      try database.run(
        """
        INSERT INTO cases (label, content, subject, session, voxel_digest, input_digest, canonical_digest, \
        brain_digest, geometry, axis_codes, contrast, normalisations, warnings, state, reason, arrived)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .text(label), .digest(content), .text(pseudonyms.subjectHash(scan.subjectKey)), .text(scan.session),
        .digest(scan.voxelDigest), .digest(scan.inputDigest), .digest(scan.canonicalDigest),
        .digest(scan.brainDigest), .text(CompactText.encode(scan.geometry)), .text(scan.axisCodes),
        .text(scan.contrast.rawValue), .text(CompactText.encode(scan.normalisations)),
        .text(CompactText.encode(scan.warnings)), .text(state.rawValue), .text(reason?.rawValue),
        .integer(now().milliseconds))
      try keep(scan.canonicalDigest, scan.brainDigest)
      try append(
        .caseCreated, case: label, before: nil, after: state.rawValue, reason: reason?.rawValue,
        facts: [
          "input_sha256": scan.inputDigest.description, "voxel_sha256": scan.voxelDigest.description,
          "canonical_sha256": scan.canonicalDigest.description,
        ], by: actor)
      return try self.case(label)
    }
  }

  /// Changes a case's state: the only way to do it. State and audit record are written together or not at all. Throws
  /// `.notAllowed` where `CaseState.successors` does not have the change. `reason` is why it is held or rejected.
  @discardableResult
  public func change(
    _ label: String, to state: CaseState, reason: ReasonCode? = nil, facts: [String: String] = [:], by actor: UInt32
  ) throws(LedgerFault) -> AuditRecord {
    try transaction { () throws(LedgerFault) in
      let before = try self.case(label).state
      guard before.successors.contains(state) else {
        throw LedgerFault.notAllowed(case: label, from: before, to: state)
      }
      try database.run(
        "UPDATE cases SET state = ?, reason = ? WHERE label = ?", .text(state.rawValue), .text(reason?.rawValue),
        .text(label))
      return try append(
        .stateChanged, case: label, before: before.rawValue, after: state.rawValue, reason: reason?.rawValue,
        facts: facts, by: actor)
    }
  }

  /// The case with this label. Throws `.notFound`.
  public func `case`(_ label: String) throws(LedgerFault) -> Case {
    let found = try database.first("SELECT \(Case.columns) FROM cases c WHERE c.label = ?", .text(label)) {
      row throws(LedgerFault) in try Case(row)
    }
    guard let found else { throw .notFound("case \(label)") }
    return found
  }

  /// All cases, or those in `state`, in order of arrival.
  public func cases(in state: CaseState? = nil) throws(LedgerFault) -> [Case] {
    let read = { (row: Row) throws(LedgerFault) in try Case(row) }
    guard let state else { return try database.rows("SELECT \(Case.columns) FROM cases c ORDER BY c.id", read: read) }
    return try database.rows(
      "SELECT \(Case.columns) FROM cases c WHERE c.state = ? ORDER BY c.id", .text(state.rawValue), read: read)
  }

  /// The cases of one person.
  public func cases(ofSubject hash: String) throws(LedgerFault) -> [Case] {
    try database.rows("SELECT \(Case.columns) FROM cases c WHERE c.subject = ? ORDER BY c.id", .text(hash)) {
      row throws(LedgerFault) in try Case(row)
    }
  }

  /// The cases with these voxels: one for each place they were said to lie at.
  public func cases(withVoxels digest: Digest) throws(LedgerFault) -> [Case] {
    try database.rows("SELECT \(Case.columns) FROM cases c WHERE c.voxel_digest = ? ORDER BY c.id", .digest(digest)) {
      row throws(LedgerFault) in try Case(row)
    }
  }

  /// How many cases there are in each state.
  public func counts() throws(LedgerFault) -> [CaseState: Int] {
    let counts = try database.rows("SELECT state, count(*) FROM cases GROUP BY state") {
      row throws(LedgerFault) in (try row.word(0, CaseState.self), row.integer(1))
    }
    return Dictionary(uniqueKeysWithValues: counts)
  }

  /// The keyed hash under which a subject's cases are recorded. Throws on a reader, which has no key.
  public func subjectHash(_ subjectKey: String) throws(LedgerFault) -> String {
    guard let pseudonyms else { throw .conflict("the ledger is open for reading only") }
    return pseudonyms.subjectHash(subjectKey)
  }

  /// Gives a case the brain mask that came beside it, or none.
  public func setBrain(_ digest: Digest?, of label: String) throws(LedgerFault) {
    try database.run("UPDATE cases SET brain_digest = ? WHERE label = ?", .digest(digest), .text(label))
    guard database.changed == 1 else { throw .notFound("case \(label)") }
    try keep(digest)
  }

  /// Notes that a worker died of this case; answers how often by now.
  public func strike(_ label: String) throws(LedgerFault) -> Int {
    let strikes = try database.first(
      "UPDATE cases SET strikes = strikes + 1 WHERE label = ? RETURNING strikes", .text(label)
    ) { row in row.integer(0) }
    guard let strikes else { throw .notFound("case \(label)") }
    return strikes
  }

  /// Forgets the strikes against a case.
  public func forgive(_ label: String) throws(LedgerFault) {
    try database.run("UPDATE cases SET strikes = 0 WHERE label = ?", .text(label))
  }

  /// Notes that a person wants this case worked on in spite of a doubt.
  public func overrule(_ label: String) throws(LedgerFault) {
    try database.run("UPDATE cases SET released = 1 WHERE label = ?", .text(label))
  }

  private func freeLabel(for content: Digest, _ pseudonyms: Pseudonyms) throws(LedgerFault) -> String {
    for length in Pseudonyms.length...52 {
      let label = pseudonyms.caseLabel(content: content, length: length)
      let taken = try database.first("SELECT 1 FROM cases WHERE label = ?", .text(label)) { row in row.integer(0) }
      if taken == nil { return label }
    }
    throw .damaged("no label is left for a scan")
  }
}
