import Contract
import Files

/// Where a cycle stands.
public enum CycleState: String, Codable, Sendable {
  /// Ordered; the worker has it or will get it again.
  case running
  /// Done; its weights are a generation.
  case published
  /// Done; the gate, or training itself, refused.
  case refused
  /// Given up before there was a result.
  case abandoned
}

/// A cycle as the ledger has it.
public struct CycleRecord: Sendable {
  /// Its number, from 1.
  public let number: Int
  /// What started it: `first`, `arrivals`, `expertLabels`, `maxWait` or `command`.
  public let cause: String
  /// SHA-256 of its order, `cycle.json`.
  public let orderDigest: Digest
  /// Where it stands.
  public let state: CycleState
  /// What came of it.
  public let result: CycleResult?
  /// When it began.
  public let began: Timestamp
  /// When it ended.
  public let ended: Timestamp?
  /// The generation that it goes on from; nil for the first, and in records older than this.
  public let base: Int?

  static let columns = "number, cause, order_digest, state, result, began, ended, base"

  init(_ row: Row) throws(LedgerFault) {
    number = row.integer(0)
    cause = row.text(1)
    orderDigest = try row.digest(2)
    state = try row.word(3)
    result = row.isNull(4) ? nil : try row.json(4, CycleResult.self)
    began = Timestamp(milliseconds: Int64(row.integer(5)))
    ended = row.integerIfAny(6).map { Timestamp(milliseconds: Int64($0)) }
    base = row.integerIfAny(7)
  }
}

/// The files of a selection, adopted by the store.
public struct SelectionFiles: Sendable {
  /// The pseudo-label on the scan's own grid.
  public var mask: Digest
  /// The pseudo-label on the reference grid: what training uses.
  public var referenceMask: Digest

  /// The files of a selection.
  public init(mask: Digest, referenceMask: Digest) {
    self.mask = mask
    self.referenceMask = referenceMask
  }
}

/// A case's selection as the ledger has it.
public struct Selection: Sendable, Equatable {
  /// The case's label.
  public let caseLabel: String
  /// The cycle that took it.
  public let cycle: Int
  /// The step of the cycle, from 1.
  public let step: Int
  /// Its place in that step's order, from 1.
  public let rank: Int
  /// How near it was, and to whom.
  public let proximity: ProximityFigures
  /// The pseudo-label on the scan's own grid.
  public let mask: Digest
  /// The pseudo-label on the reference grid.
  public let referenceMask: Digest
  /// What the pseudo-label measures.
  public let figures: MaskFigures

  static let columns = """
    c.label, s.cycle, s.step, s.rank, s.proximity, s.mask_digest, s.reference_digest, s.figures
    """

  init(_ row: Row) throws(LedgerFault) {
    caseLabel = row.text(0)
    cycle = row.integer(1)
    step = row.integer(2)
    rank = row.integer(3)
    proximity = try row.json(4)
    mask = try row.digest(5)
    referenceMask = try row.digest(6)
    figures = try row.json(7)
  }
}

/// What the end of a cycle changed.
public struct CycleEnd: Sendable, Equatable {
  /// The new generation, which is current now; nil where the cycle was refused.
  public let generation: Int?
  /// The cases that became `pseudo`.
  public let selected: [String]
  /// Cases that were selected and left the pool while the cycle ran: what they became stands.
  public let dropped: [String]
}

extension Ledger {
  /// The number that the next cycle gets.
  public func nextCycleNumber() throws(LedgerFault) -> Int {
    try database.first("SELECT coalesce(max(number), 0) + 1 FROM cycles") { row in row.integer(0) } ?? 1
  }

  /// Records that cycle `number` (`nextCycleNumber()`) runs. Throws `.conflict` where another one runs.
  public func beginCycle(
    _ number: Int, cause: String, order: Digest, by actor: UInt32
  ) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      if let running = try runningCycle() {
        throw LedgerFault.conflict("cycle \(running.number) runs: the next one waits for its end")
      }
      guard try nextCycleNumber() == number else {
        throw LedgerFault.conflict("the next cycle is not \(number)")
      }
      try database.run(
        "INSERT INTO cycles (number, cause, order_digest, state, began, base) VALUES (?, ?, ?, 'running', ?, ?)",
        .integer(number), .text(cause), .digest(order), .integer(now().milliseconds),
        .integer(try currentGeneration()?.number))
      try append(
        .cycleBegan, case: nil, before: nil, after: nil, reason: nil,
        facts: ["cycle": String(number), "cause": cause, "order_sha256": order.description], by: actor)
    }
  }

  /// The cycle that runs; after a crash the one to go on with.
  public func runningCycle() throws(LedgerFault) -> CycleRecord? {
    try cycles("state = 'running'").first
  }

  /// All cycles, oldest first.
  public func cycles() throws(LedgerFault) -> [CycleRecord] { try cycles("1") }

  /// Ends cycle `number` with what came of it, all of it or nothing: where `result` is to be published, a generation
  /// that becomes current, the selections, and `pseudo` for each selected case that is still in the pool; else the
  /// attempt alone, and T and U are as they were. `model`, `optimizer` and `files` (by case) are in the store already.
  public func endCycle(
    _ number: Int, with result: CycleResult, model: Digest?, optimizer: Digest?,
    files: [String: SelectionFiles], by actor: UInt32
  ) throws(LedgerFault) -> CycleEnd {
    try transaction { () throws(LedgerFault) in
      guard try runningCycle()?.number == number else { throw LedgerFault.conflict("cycle \(number) does not run") }
      let end =
        if result.outcome == .publish {
          try publish(number, result, model: model, optimizer: optimizer, files: files, by: actor)
        } else {
          try refuse(number, result, model: model, by: actor)
        }
      try database.run(
        "UPDATE cycles SET state = ?, result = ?, ended = ? WHERE number = ?",
        .text((end.generation == nil ? CycleState.refused : .published).rawValue),
        .text(try CanonicalJSON.encode(result)), .integer(now().milliseconds), .integer(number))
      try append(
        .cycleEnded, case: nil, before: nil, after: nil, reason: nil,
        facts: ["cycle": String(number), "outcome": result.outcome.rawValue], by: actor)
      return end
    }
  }

  /// Gives up the running cycle without a result: T, U and the current generation are as they were.
  public func abandonCycle(_ number: Int, words: String, by actor: UInt32) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      guard try runningCycle()?.number == number else { throw LedgerFault.conflict("cycle \(number) does not run") }
      try database.run(
        "UPDATE cycles SET state = 'abandoned', ended = ? WHERE number = ?", .integer(now().milliseconds),
        .integer(number))
      try append(
        .cycleEnded, case: nil, before: nil, after: nil, reason: nil,
        facts: ["cycle": String(number), "outcome": "abandoned", "words": words], by: actor)
    }
  }

  /// The selections of a case, oldest first.
  public func selections(of label: String) throws(LedgerFault) -> [Selection] {
    try database.rows(
      """
      SELECT \(Selection.columns) FROM selections s JOIN cases c ON c.id = s.case_id WHERE c.label = ? \
      ORDER BY s.cycle
      """, .text(label)
    ) { row throws(LedgerFault) in try Selection(row) }
  }

  /// The cycles that went on without a case because it could not be read, oldest first, with why.
  public func leftOut(_ label: String) throws(LedgerFault) -> [(cycle: Int, words: String)] {
    try database.rows(
      """
      SELECT y.number, o.value ->> 'words' FROM cycles y, json_each(y.result, '$.leftOut') o \
      WHERE o.value ->> 'id' = ? ORDER BY y.number
      """, .text(label)
    ) { row in (cycle: row.integer(0), words: row.text(1)) }
  }

  private func cycles(_ condition: String) throws(LedgerFault) -> [CycleRecord] {
    try database.rows("SELECT \(CycleRecord.columns) FROM cycles WHERE \(condition) ORDER BY number") {
      row throws(LedgerFault) in try CycleRecord(row)
    }
  }

  private func publish(
    _ cycle: Int, _ result: CycleResult, model: Digest?, optimizer: Digest?, files: [String: SelectionFiles],
    by actor: UInt32
  ) throws(LedgerFault) -> CycleEnd {
    guard let model, let optimizer else { throw .conflict("a generation needs its weights and Adam's state") }
    let generation = try addGeneration(cycle, result, model: model, optimizer: optimizer, by: actor)
    var selected: [String] = []
    var dropped: [String] = []
    for selection in result.selections {
      let label = selection.proximity.id
      guard let stored = files[label] else { throw .conflict("the pseudo-label of case \(label) is not in the store") }
      if try self.case(label).state.isInPool {
        try add(selection, stored, cycle: cycle, by: actor)
        selected.append(label)
      } else {
        try append(
          .selectionDropped, case: label, before: nil, after: nil, reason: nil, facts: ["cycle": String(cycle)],
          by: actor)
        try discard(stored)
        dropped.append(label)
      }
    }
    return CycleEnd(generation: generation, selected: selected, dropped: dropped)
  }

  private func add(
    _ selection: CycleResult.Selection, _ files: SelectionFiles, cycle: Int, by actor: UInt32
  ) throws(LedgerFault) {
    let label = selection.proximity.id
    try database.run(
      """
      INSERT INTO selections (case_id, cycle, step, rank, proximity, mask_digest, reference_digest, figures)
      VALUES ((SELECT id FROM cases WHERE label = ?), ?, ?, ?, ?, ?, ?, ?)
      """,
      .text(label), .integer(cycle), .integer(selection.step), .integer(selection.rank),
      .text(try CanonicalJSON.encode(selection.proximity)), .digest(files.mask), .digest(files.referenceMask),
      .text(try CanonicalJSON.encode(selection.figures)))
    try keep(files.mask, files.referenceMask)
    let facts = [
      "cycle": String(cycle), "step": String(selection.step), "rank": String(selection.rank),
      "proximity": String(selection.proximity.sum), "mask_sha256": files.mask.description,
    ]
    try change(label, to: .pseudo, facts: facts, by: actor)
  }

  private func refuse(
    _ cycle: Int, _ result: CycleResult, model: Digest?, by actor: UInt32
  ) throws(LedgerFault) -> CycleEnd {
    try database.run(
      "INSERT INTO attempts (cycle, model_digest, gate, words, worker, refused) VALUES (?, ?, ?, ?, ?, ?)",
      .integer(cycle), .digest(model), .text(try CanonicalJSON.encode(result.gate)), .text(result.words),
      .text(try CanonicalJSON.encode(result.worker)), .integer(now().milliseconds))
    try keep(model)
    var facts = ["cycle": String(cycle), "outcome": result.outcome.rawValue]
    facts["model_sha256"] = model?.description
    try append(.generationRefused, case: nil, before: nil, after: nil, reason: nil, facts: facts, by: actor)
    return CycleEnd(generation: nil, selected: [], dropped: [])
  }
}
