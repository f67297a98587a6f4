import Files

/// What can happen, as the audit chain names it.
public enum AuditEvent: String, Codable, Sendable, CaseIterable {
  /// The service began its work.
  case serviceStarted = "service_started"
  /// The service left, in order.
  case serviceStopped = "service_stopped"
  /// Another configuration holds from here on.
  case configurationChanged = "configuration_changed"
  /// A scan became a case.
  case caseCreated = "case_created"
  /// A case stands elsewhere now.
  case stateChanged = "state_changed"
  /// It was decided what becomes of a user's file.
  case fileDecided = "file_decided"
  /// An expert's mask, or its revision, was recorded.
  case labelAdded = "label_added"
  /// A generation made a mask of a case.
  case maskMade = "mask_made"
  /// A cycle was ordered.
  case cycleBegan = "cycle_began"
  /// A cycle ended, or was given up.
  case cycleEnded = "cycle_ended"
  /// A case that the cycle selected had left the pool meanwhile.
  case selectionDropped = "selection_dropped"
  /// Subjects got their part: training or held-out.
  case holdoutAssigned = "holdout_assigned"
  /// Weights became a generation.
  case generationPublished = "generation_published"
  /// Weights were refused.
  case generationRefused = "generation_refused"
  /// Another generation makes the masks from here on.
  case currentChanged = "current_changed"
  /// Weights of a generation were given up, to make room.
  case generationRetired = "generation_retired"
  /// Masks that newer ones have replaced were given up, to make room.
  case masksRetired = "masks_retired"
  /// A file was written into the outbox.
  case outputPublished = "output_published"
  /// A file of ours was removed from the outbox.
  case outputRemoved = "output_removed"
  /// A file of ours in the outbox was found edited; it is left alone.
  case outputEdited = "output_edited"
  /// A file of ours in the outbox was found missing.
  case outputMissing = "output_missing"
  /// An operator had something done that is of no case.
  case commandGiven = "command_given"
  /// Somebody asked for what they may not do.
  case commandRefused = "command_refused"
}

/// One record of the audit chain. Facts only: no file names, no header text.
public struct AuditRecord: Codable, Sendable, Equatable {
  /// Its number, from 1, without gaps.
  public var seq: Int
  /// UTC, ISO 8601.
  public var time: String
  /// The kernel's id of the boot it was written in.
  public var bootID: String
  /// Who caused it.
  public var actor: UInt32
  /// What happened.
  public var event: AuditEvent
  /// The case's label.
  public var caseLabel: String?
  /// The case's state before.
  public var before: String?
  /// The case's state after.
  public var after: String?
  /// Why: a reason code.
  public var reason: String?
  /// More facts by name: digests (`input_sha256`), numbers.
  public var facts: [String: String]
  /// SHA-256 of the line of the record before; 64 zeros in the first.
  public var previous: String

  enum CodingKeys: String, CodingKey {
    case seq, time, event, before, after, reason, facts
    case bootID = "boot_id"
    case actor = "actor_uid"
    case caseLabel = "case"
    case previous = "prev"
  }
}

/// The end of the chain as it was at some time. Remembered elsewhere (the journal, an append-only file), it
/// shows a chain that was cut or rewritten.
public struct AuditHead: Codable, Sendable, Equatable {
  /// The last record's number; 0 for an empty chain.
  public var seq: Int
  /// SHA-256 of its line.
  public var hash: String

  /// A remembered end.
  public init(seq: Int, hash: String) {
    self.seq = seq
    self.hash = hash
  }

  static let empty = AuditHead(seq: 0, hash: String(repeating: "0", count: 64))
}

/// What is wrong at one place of the chain.
public enum AuditBreak: Sendable, Equatable, CustomStringConvertible {
  /// The line is not the one that its hash was taken of, or its columns are not those of the line.
  case edited(seq: Int)
  /// Records are not there.
  case missing(ClosedRange<Int>)
  /// The line does not follow the line before it: one of them was exchanged, removed or rewritten.
  case unlinked(seq: Int)
  /// A remembered head lies past the chain's end.
  case truncated(AuditHead)
  /// The chain has another record where a remembered head was.
  case rewritten(AuditHead)
  /// The case's state is not the one that its last record names.
  case stateDiffers(case: String)
  /// There is no case that a record speaks of: nothing ever removes one.
  case caseMissing(case: String)
  /// The case has another scan than was recorded.
  case scanDiffers(case: String)
  /// The case has other expert masks than were recorded: one more, one less, or another.
  case labelsDiffer(case: String)

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .edited(let seq): "record \(seq) was edited"
    case .missing(let range): "records \(range.lowerBound) to \(range.upperBound) are missing"
    case .unlinked(let seq): "record \(seq) does not follow the record before it"
    case .truncated(let head): "the chain ends before record \(head.seq), which was its head"
    case .rewritten(let head): "record \(head.seq) is not the one that was the chain's head"
    case .stateDiffers(let label): "case \(label) has a state that no record gave it"
    case .caseMissing(let label): "case \(label) is recorded and is not there"
    case .scanDiffers(let label): "case \(label) has another scan than was recorded"
    case .labelsDiffer(let label): "case \(label) has other expert masks than were recorded"
    }
  }
}

/// What a walk along the chain found.
public struct AuditReport: Sendable, Equatable {
  /// How many records there are.
  public var records: Int
  /// The chain's end.
  public var head: AuditHead
  /// Where it breaks, in order of the walk.
  public var breaks: [AuditBreak]
  /// Whether nothing was found.
  public var isWhole: Bool { breaks.isEmpty }
}

extension Ledger {
  /// Writes a record that changes no case's state: a start, a configuration.
  @discardableResult
  public func record(
    _ event: AuditEvent, case label: String? = nil, reason: String? = nil, facts: [String: String] = [:],
    by actor: UInt32
  ) throws(LedgerFault) -> AuditRecord {
    try append(event, case: label, before: nil, after: nil, reason: reason, facts: facts, by: actor)
  }

  /// Writes the chain's next record; in the caller's transaction where there is one.
  @discardableResult
  func append(
    _ event: AuditEvent, case label: String?, before: String?, after: String?, reason: String?,
    facts: [String: String], by actor: UInt32
  ) throws(LedgerFault) -> AuditRecord {
    try transaction { () throws(LedgerFault) in
      let head = try auditHead()
      let record = AuditRecord(
        seq: head.seq + 1, time: now().description, bootID: BootID.current, actor: actor, event: event,
        caseLabel: label, before: before, after: after, reason: reason, facts: facts, previous: head.hash)
      let line = try CanonicalJSON.encode(record)
      try database.run(
        "INSERT INTO audit (seq, line, hash, case_label) VALUES (?, ?, ?, ?)",
        .integer(record.seq), .text(line), .digest(Digest(of: line.utf8)), .text(label))
      return record
    }
  }

  /// The chain's end.
  public func auditHead() throws(LedgerFault) -> AuditHead {
    let last = try database.first("SELECT seq, line FROM audit ORDER BY seq DESC LIMIT 1") { row in
      AuditHead(seq: row.integer(0), hash: Digest(of: row.text(1).utf8).description)
    }
    return last ?? .empty
  }

  /// The records of one case, or the last `limit` of all, oldest first.
  public func auditRecords(of label: String? = nil, last limit: Int = 100) throws(LedgerFault) -> [AuditRecord] {
    let read = { (row: Row) throws(LedgerFault) -> AuditRecord in try row.json(0) }
    let records =
      if let label {
        try database.rows(
          "SELECT line FROM audit WHERE case_label = ? ORDER BY seq DESC LIMIT ?", .text(label), .integer(limit),
          read: read)
      } else {
        try database.rows("SELECT line FROM audit ORDER BY seq DESC LIMIT ?", .integer(limit), read: read)
      }
    return records.reversed()
  }

  /// The lines of the chain from record `first` on, as they are hashed: for export, at most `limit`.
  public func auditLines(from first: Int, limit: Int) throws(LedgerFault) -> [String] {
    try database.rows(
      "SELECT line FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?", .integer(first), .integer(limit)
    ) { row in row.text(0) }
  }

  /// Walks the whole chain, and compares it with heads that were remembered elsewhere and with the cases that there are: their
  /// states, scans and expert masks.
  public func verifyAudit(remembered: [AuditHead] = []) throws(LedgerFault) -> AuditReport {
    try database.snapshot { () throws(LedgerFault) in
      var walk = AuditWalk(remembered: remembered)
      _ = try database.rows("SELECT seq, line, hash, case_label FROM audit ORDER BY seq") { row in
        walk.meet(seq: row.integer(0), line: row.text(1), hash: row.text(2), label: row.textIfAny(3))
      }
      walk.compareWithRemembered()
      for found in try auditedCases() { walk.compare(with: found) }
      walk.findMissingCases()
      return walk.report
    }
  }
}
