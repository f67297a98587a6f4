import Contract
import Files
import SystemPackage

extension Ledger {
  /// Records what becomes of a user's file, before anything is done to it; answers the record's number. With a
  /// planned move the file is in `unfinishedMoves()` until `settle(_:as:)`.
  @discardableResult
  public func record(_ decision: FileDecision, by actor: UInt32) throws(LedgerFault) -> Int {
    try transaction { () throws(LedgerFault) in
      let number = try decision.caseLabel.map { label throws(LedgerFault) in try self.case(label).number }
      try database.run(
        """
        INSERT INTO files (inbox, path, device, inode, size, modified, owner, role, digest, outcome, reason, numbers, \
        case_id, move, destination, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .blob(decision.inbox.rawBytes), .blob(decision.path.rawBytes),
        .integer(Int64(bitPattern: decision.stamp.device)), .integer(Int64(bitPattern: decision.stamp.inode)),
        .integer(decision.stamp.size), .integer(decision.stamp.modified), .integer(Int64(decision.stamp.owner)),
        .text(decision.role.rawValue), .digest(decision.digest), .text(decision.outcome.rawValue),
        .text(decision.reason?.rawValue), .text(try CanonicalJSON.encode(decision.numbers)), .integer(number),
        .text(decision.move.word), decision.move.destination.map { .blob($0.rawBytes) } ?? .null,
        .integer(now().milliseconds))
      let id = Int(database.lastInserted)
      var facts = ["outcome": decision.outcome.rawValue, "role": decision.role.rawValue]
      facts["input_sha256"] = decision.digest?.description
      try append(
        .fileDecided, case: decision.caseLabel, before: nil, after: nil, reason: decision.reason?.rawValue,
        facts: facts, by: actor)
      return id
    }
  }

  /// Notes what came of a planned move.
  public func settle(_ number: Int, as move: FileMove) throws(LedgerFault) {
    try database.run(
      "UPDATE files SET move = ?, destination = ? WHERE id = ?", .text(move.word),
      move.destination.map { .blob($0.rawBytes) } ?? .null, .integer(number))
    guard database.changed == 1 else { throw .notFound("file record \(number)") }
  }

  /// Replaces what was decided: a waiting label found its scan, a held file was released. What the file is, its digest
  /// and numbers are replaced where they are given: half a pair has none before the other comes.
  public func revise(
    _ number: Int, outcome: FileOutcome, reason: ReasonCode? = nil, role: FileRole? = nil, digest: Digest? = nil,
    numbers: [Verdict.Number]? = nil, caseLabel: String? = nil, move: FileMove = .none, by actor: UInt32
  ) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      let caseNumber = try caseLabel.map { label throws(LedgerFault) in try self.case(label).number }
      let numbers = try numbers.map { numbers throws(LedgerFault) in try CanonicalJSON.encode(numbers) }
      try database.run(
        """
        UPDATE files SET outcome = ?, reason = ?, role = coalesce(?, role), digest = coalesce(?, digest), \
        numbers = coalesce(?, numbers), case_id = coalesce(?, case_id), move = ?, destination = ? WHERE id = ?
        """,
        .text(outcome.rawValue), .text(reason?.rawValue), .text(role?.rawValue), .digest(digest), .text(numbers),
        .integer(caseNumber), .text(move.word), move.destination.map { .blob($0.rawBytes) } ?? .null, .integer(number))
      guard database.changed == 1 else { throw LedgerFault.notFound("file record \(number)") }
      var facts = ["outcome": outcome.rawValue]
      facts["input_sha256"] = digest?.description
      try append(
        .fileDecided, case: caseLabel, before: nil, after: nil, reason: reason?.rawValue,
        facts: facts, by: actor)
    }
  }

  /// Files that were decided on and not yet moved as far as is known: a crash came in between. Oldest first.
  public func unfinishedMoves() throws(LedgerFault) -> [FileRecord] {
    try files("f.move = 'planned' ORDER BY f.id")
  }

  /// The last decision about the file at a path, where it was this very file (`stamp` is equal).
  public func decision(inbox: FilePath, path: FilePath, stamp: FileStamp) throws(LedgerFault) -> FileRecord? {
    try files(
      """
      f.inbox = ? AND f.path = ? AND f.device = ? AND f.inode = ? AND f.size = ? AND f.modified = ? \
      ORDER BY f.id DESC LIMIT 1
      """,
      .blob(inbox.rawBytes), .blob(path.rawBytes), .integer(Int64(bitPattern: stamp.device)),
      .integer(Int64(bitPattern: stamp.inode)), .integer(stamp.size), .integer(stamp.modified)
    ).first
  }

  /// The last decision about this very file wherever in the inbox it lay: a rename keeps inode, size and time.
  public func decision(inbox: FilePath, stamp: FileStamp) throws(LedgerFault) -> FileRecord? {
    try files(
      "f.inbox = ? AND f.inode = ? AND f.size = ? AND f.modified = ? ORDER BY f.id DESC LIMIT 1",
      .blob(inbox.rawBytes), .integer(Int64(bitPattern: stamp.inode)), .integer(stamp.size), .integer(stamp.modified)
    ).first
  }

  /// Notes that the file that was decided on is this one now: the same bytes at the same path, sent once more or seen
  /// through another mount.
  public func restamp(_ number: Int, as stamp: FileStamp) throws(LedgerFault) {
    try database.run(
      "UPDATE files SET device = ?, inode = ?, size = ?, modified = ?, owner = ? WHERE id = ?",
      .integer(Int64(bitPattern: stamp.device)), .integer(Int64(bitPattern: stamp.inode)), .integer(stamp.size),
      .integer(stamp.modified), .integer(Int64(stamp.owner)), .integer(number))
    guard database.changed == 1 else { throw .notFound("file record \(number)") }
  }

  /// All decisions about the path, whatever lay there, newest first.
  public func decisions(inbox: FilePath, path: FilePath) throws(LedgerFault) -> [FileRecord] {
    try files("f.inbox = ? AND f.path = ? ORDER BY f.id DESC", .blob(inbox.rawBytes), .blob(path.rawBytes))
  }

  /// All decisions about files with these bytes, oldest first.
  public func decisions(digest: Digest) throws(LedgerFault) -> [FileRecord] {
    try files("f.digest = ? ORDER BY f.id", .digest(digest))
  }

  /// The files that belong to a case, oldest first.
  public func decisions(ofCase label: String) throws(LedgerFault) -> [FileRecord] {
    try files("c.label = ? ORDER BY f.id", .text(label))
  }

  /// All decisions with this outcome, oldest first. What waited or was held and is gone is among them only where it is asked
  /// for.
  public func decisions(_ outcome: FileOutcome, orGone: Bool = false) throws(LedgerFault) -> [FileRecord] {
    try files("f.outcome = ? \(orGone ? "" : "AND NOT \(Ledger.isOver)") ORDER BY f.id", .text(outcome.rawValue))
  }

  /// How many files of each inbox and role were decided on, by outcome and reason; of what waits or is held those that are not
  /// gone.
  public func fileCounts() throws(LedgerFault) -> [FileCount] {
    try database.rows(
      """
      SELECT f.inbox, f.role, f.outcome, f.reason, count(*) FROM files f WHERE NOT \(Ledger.isOver) \
      GROUP BY f.inbox, f.role, f.outcome, f.reason
      """
    ) { row throws(LedgerFault) in
      FileCount(
        inbox: FilePath(rawBytes: row.blob(0)), role: try row.word(1), outcome: try row.word(2),
        reason: row.isNull(3) ? nil : try row.word(3, ReasonCode.self), count: row.integer(4))
    }
  }

  func files(_ condition: String, _ values: Value...) throws(LedgerFault) -> [FileRecord] {
    try database.rows(
      "SELECT \(FileRecord.columns) FROM files f LEFT JOIN cases c ON c.id = f.case_id WHERE \(condition)", values
    ) { row throws(LedgerFault) in try FileRecord(row) }
  }
}
