import Contract
import Files

/// A published set of weights.
public struct Generation: Sendable, Equatable {
  /// Its number, from 1.
  public let number: Int
  /// The cycle that made it.
  public let cycle: Int
  /// The generation it went on from; nil for the first.
  public let base: Int?
  /// SHA-256 of the weights' file in the store.
  public let model: Digest
  /// SHA-256 of Adam's state in the store.
  public let optimizer: Digest
  /// What the gate saw.
  public let gate: [CycleResult.Gate]
  /// Why it was let through, in one sentence.
  public let words: String
  /// Who computed it: "byte for byte" holds for the same.
  public let worker: WorkerIdentity
  /// When it was published.
  public let published: Timestamp
  /// When its weights were given up, to make room; nil while they are kept.
  public let retired: Timestamp?

  static let columns = "number, cycle, base, model_digest, optimizer_digest, gate, words, worker, published, retired"

  init(_ row: Row) throws(LedgerFault) {
    number = row.integer(0)
    cycle = row.integer(1)
    base = row.integerIfAny(2)
    model = try row.digest(3)
    optimizer = try row.digest(4)
    gate = try row.json(5)
    words = row.text(6)
    worker = try row.json(7)
    published = Timestamp(milliseconds: Int64(row.integer(8)))
    retired = row.integerIfAny(9).map { Timestamp(milliseconds: Int64($0)) }
  }

  /// Mean Dice on the held-out; nil without held-out cases.
  public var meanDice: Double? { gate.isEmpty ? nil : gate.map(\.after).reduce(0, +) / Double(gate.count) }

  /// Equal in every fact but what the gate found.
  public static func == (a: Generation, b: Generation) -> Bool {
    (a.number, a.cycle, a.base) == (b.number, b.cycle, b.base) && (a.model, a.optimizer) == (b.model, b.optimizer)
      && a.words == b.words && a.worker == b.worker && (a.published, a.retired) == (b.published, b.retired)
  }
}

/// Weights that the gate refused, kept for comparison.
public struct Attempt: Sendable {
  /// The cycle that made them.
  public let cycle: Int
  /// SHA-256 of the weights' file in the store; nil where there was none to keep.
  public let model: Digest?
  /// What the gate saw.
  public let gate: [CycleResult.Gate]
  /// Why they were refused, in one sentence.
  public let words: String
  /// Who computed them.
  public let worker: WorkerIdentity
}

extension Ledger {
  /// The generation that makes masks now; nil before the first.
  public func currentGeneration() throws(LedgerFault) -> Generation? {
    try generations("number = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'current_generation')").first
  }

  /// All generations, oldest first.
  public func generations() throws(LedgerFault) -> [Generation] { try generations("1") }

  /// Generation `number`. Throws `.notFound`.
  public func generation(_ number: Int) throws(LedgerFault) -> Generation {
    guard let found = try generations("number = ?", .integer(number)).first else {
      throw .notFound("generation \(number)")
    }
    return found
  }

  /// Weights that were refused, oldest first.
  public func attempts() throws(LedgerFault) -> [Attempt] {
    try database.rows("SELECT cycle, model_digest, gate, words, worker FROM attempts ORDER BY cycle") {
      row throws(LedgerFault) in
      Attempt(
        cycle: row.integer(0), model: try row.digestIfAny(1), gate: try row.json(2), words: row.text(3),
        worker: try row.json(4))
    }
  }

  /// Makes generation `number` current: a new one, or the one to go back to from one that is damaged. Throws `.conflict`
  /// where its weights are no longer kept.
  public func setCurrentGeneration(_ number: Int, by actor: UInt32) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      let chosen = try generation(number)
      guard chosen.retired == nil else {
        throw LedgerFault.conflict("the weights of generation \(number) are no longer kept (keep_generations)")
      }
      let before = try currentGeneration()?.number
      guard before != number else { return }
      try setMeta("current_generation", to: String(number))
      try append(
        .currentChanged, case: nil, before: nil, after: nil, reason: nil,
        facts: [
          "from": before.map { String($0) } ?? "none", "to": String(number), "model_sha256": chosen.model.description,
        ], by: actor)
    }
  }

  func addGeneration(
    _ cycle: Int, _ result: CycleResult, model: Digest, optimizer: Digest, by actor: UInt32
  ) throws(LedgerFault) -> Int {
    let number = (try generations().last?.number ?? 0) + 1
    let base = try currentGeneration()?.number
    try database.run(
      """
      INSERT INTO generations (number, cycle, base, model_digest, optimizer_digest, gate, words, worker, published)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .integer(number), .integer(cycle), .integer(base), .digest(model), .digest(optimizer),
      .text(try CanonicalJSON.encode(result.gate)), .text(result.words),
      .text(try CanonicalJSON.encode(result.worker)), .integer(now().milliseconds))
    try keep(model, optimizer)
    try append(
      .generationPublished, case: nil, before: nil, after: nil, reason: nil,
      facts: ["generation": String(number), "cycle": String(cycle), "model_sha256": model.description], by: actor)
    try setCurrentGeneration(number, by: actor)
    return number
  }

  /// A fact about the study that belongs to no case, a training pause for one. nil where unset.
  public func meta(_ key: String) throws(LedgerFault) -> String? {
    try database.first("SELECT value FROM meta WHERE key = ?", .text(key)) { row in row.text(0) }
  }

  /// Sets a fact about the study.
  public func setMeta(_ key: String, to value: String) throws(LedgerFault) {
    try database.run(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      .text(key), .text(value))
  }

  private func generations(_ condition: String, _ values: Value...) throws(LedgerFault) -> [Generation] {
    try database.rows("SELECT \(Generation.columns) FROM generations WHERE \(condition) ORDER BY number", values) {
      row throws(LedgerFault) in try Generation(row)
    }
  }
}
