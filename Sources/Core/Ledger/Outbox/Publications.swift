import Files
import SystemPackage

/// A file of ours in the outbox, as the ledger remembers it.
public struct Output: Sendable, Equatable {
  /// Its path beneath the outbox.
  public let path: FilePath
  /// SHA-256 of what we wrote there; nil where the first writing was not finished as far as is known.
  public let digest: Digest?
  /// SHA-256 of what we were about to write when we last were heard of.
  public let intended: Digest?
  /// The case it belongs to.
  public let caseLabel: String?
  /// The generation that made it.
  public let generation: Int?
  /// SHA-256 of what somebody else was found to have put there; nil where it was as we wrote it.
  public let edited: Digest?
  /// When it was noticed that somebody had removed it; nil while it is there as far as is known.
  public let missing: Timestamp?

  /// Whether what was last to be written is.
  var isWritten: Bool { digest != nil && digest == intended }

  /// Whether bytes with this digest are ours.
  func isOurs(_ found: Digest) -> Bool { found == digest || found == intended }

  static let columns = "o.path, o.digest, o.intended, c.label, o.generation, o.edited, o.missing"

  init(_ row: Row) throws(LedgerFault) {
    path = FilePath(rawBytes: row.blob(0))
    digest = try row.digestIfAny(1)
    intended = try row.digestIfAny(2)
    caseLabel = row.textIfAny(3)
    generation = row.integerIfAny(4)
    edited = try row.digestIfAny(5)
    missing = row.integerIfAny(6).map { Timestamp(milliseconds: Int64($0)) }
  }
}

extension Ledger {
  /// All files of ours in the outbox, by path.
  public func outputs() throws(LedgerFault) -> [Output] {
    try database.rows("SELECT \(Output.columns) FROM published o LEFT JOIN cases c ON c.id = o.case_id ORDER BY o.path")
    {
      row throws(LedgerFault) in try Output(row)
    }
  }

  /// The files of a case in the outbox.
  public func outputs(of label: String) throws(LedgerFault) -> [Output] {
    try database.rows(
      "SELECT \(Output.columns) FROM published o JOIN cases c ON c.id = o.case_id WHERE c.label = ? ORDER BY o.path",
      .text(label)
    ) { row throws(LedgerFault) in try Output(row) }
  }

  /// What the ledger remembers of a path in the outbox.
  public func output(at path: FilePath) throws(LedgerFault) -> Output? {
    try database.first(
      "SELECT \(Output.columns) FROM published o LEFT JOIN cases c ON c.id = o.case_id WHERE o.path = ?",
      .blob(path.rawBytes)
    ) { row throws(LedgerFault) in try Output(row) }
  }

  /// Notes, before it is done, what is about to be written: after a crash in between it is known as ours.
  func intend(_ digest: Digest, at path: FilePath, case label: String?, generation: Int?) throws(LedgerFault) {
    try database.run(
      """
      INSERT INTO published (path, intended, case_id, generation)
      VALUES (?, ?, (SELECT id FROM cases WHERE label = ?), ?) ON CONFLICT (path) DO UPDATE SET \
      intended = excluded.intended, case_id = excluded.case_id, generation = excluded.generation
      """,
      .blob(path.rawBytes), .digest(digest), .text(label), .integer(generation))
  }

  func notePublished(
    _ digest: Digest, at path: FilePath, case label: String?, generation: Int?, by actor: UInt32
  ) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      try intend(digest, at: path, case: label, generation: generation)
      try database.run(
        "UPDATE published SET digest = intended, edited = NULL, missing = NULL WHERE path = ?", .blob(path.rawBytes))
      try append(
        .outputPublished, case: label, before: nil, after: nil, reason: nil,
        facts: ["output_sha256": digest.description], by: actor)
    }
  }

  /// Notes that somebody else's bytes lie at a path of ours; in the audit chain once for each edit.
  func noteEdited(_ output: Output, found: Digest, by actor: UInt32) throws(LedgerFault) {
    guard output.edited != found else { return }
    try transaction { () throws(LedgerFault) in
      try database.run("UPDATE published SET edited = ? WHERE path = ?", .digest(found), .blob(output.path.rawBytes))
      try append(
        .outputEdited, case: output.caseLabel, before: nil, after: nil, reason: nil,
        facts: ["found_sha256": found.description], by: actor)
    }
  }

  /// Notes that somebody removed a file of ours; in the audit chain once.
  func noteMissing(_ output: Output, by actor: UInt32) throws(LedgerFault) {
    guard output.missing == nil else { return }
    try transaction { () throws(LedgerFault) in
      try database.run(
        "UPDATE published SET missing = ? WHERE path = ?", .integer(now().milliseconds), .blob(output.path.rawBytes))
      try append(
        .outputMissing, case: output.caseLabel, before: nil, after: nil, reason: nil, facts: [:], by: actor)
    }
  }

  /// Notes that a file that somebody had removed is there again.
  func noteBack(_ output: Output) throws(LedgerFault) {
    try database.run("UPDATE published SET missing = NULL WHERE path = ?", .blob(output.path.rawBytes))
  }

  /// How many files of cases somebody has changed in the outbox, as far as is known.
  public func editedCount() throws(LedgerFault) -> Int {
    try database.first(
      "SELECT count(*) FROM published WHERE edited IS NOT NULL AND missing IS NULL AND case_id IS NOT NULL"
    ) { row in row.integer(0) } ?? 0
  }

  /// All that was ever written into an outbox, as the audit chain has it.
  func publishedDigests() throws(LedgerFault) -> Set<Digest> {
    let texts = try database.rows(
      "SELECT DISTINCT line ->> '$.facts.output_sha256' FROM audit WHERE line ->> '$.event' = ?",
      .text(AuditEvent.outputPublished.rawValue)
    ) { row in row.textIfAny(0) }
    return Set(texts.compactMap { $0.flatMap { Digest(hexadecimal: $0) } })
  }

  /// Notes that a file is as we wrote it at an earlier time: it may be replaced, and is not as it belongs.
  func noteOutdated(_ output: Output, found: Digest) throws(LedgerFault) {
    try database.run(
      "UPDATE published SET digest = ?, edited = NULL WHERE path = ?", .digest(found), .blob(output.path.rawBytes))
  }

  /// Forgets files that were written into another folder than the outbox is now: they were never written here.
  func forget(_ outputs: [Output], by actor: UInt32) throws(LedgerFault) {
    guard !outputs.isEmpty else { return }
    try transaction { () throws(LedgerFault) in
      for output in outputs { try database.run("DELETE FROM published WHERE path = ?", .blob(output.path.rawBytes)) }
      try append(
        .outputMissing, case: nil, before: nil, after: nil, reason: nil, facts: ["files": String(outputs.count)],
        by: actor)
    }
  }

  func noteRemoved(_ output: Output, by actor: UInt32) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      try database.run("DELETE FROM published WHERE path = ?", .blob(output.path.rawBytes))
      try append(
        .outputRemoved, case: output.caseLabel, before: nil, after: nil, reason: nil, facts: [:], by: actor)
    }
  }
}
