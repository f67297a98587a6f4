import Contract
import Files

/// What was given up of older generations.
public struct Retirement: Sendable, Equatable {
  /// The generations whose weights are no longer kept.
  public var generations: [Int]
  /// How many masks, replaced by newer ones, are no longer kept.
  public var masks: Int
  /// Whether nothing was given up.
  public var isEmpty: Bool { generations.isEmpty && masks == 0 }
}

/// A file of the store that is to be removed unless something refers to it again.
public struct Discard: Sendable, Hashable {
  /// SHA-256 of the file.
  public let digest: Digest
  /// What it is.
  public let kind: Store.Kind
}

extension Ledger {
  /// The generations of which everything is kept: the current one, the `count` before it, and those after it, which a
  /// rollback left. Those that were given up already are not among them.
  public func keptGenerations(_ count: Int) throws(LedgerFault) -> Set<Int> {
    let all = try generations()
    guard let current = try currentGeneration()?.number else { return Set(all.map(\.number)) }
    let earlier = all.filter { $0.number < current }.suffix(max(0, count))
    return Set((all.filter { $0.number >= current } + earlier).filter { $0.retired == nil }.map(\.number))
  }

  /// Gives up what nobody needs any more beside the current generation and `count` earlier ones: weights and Adam's
  /// state of generations, automatic masks with their probability maps and latents, refused weights. What is written
  /// stays: figures, digests, gates. A mask is needed while it is the newest of its case (a held one's too) or lies in
  /// the outbox; a generation while such a mask is by it, the running cycle goes on from it, or it is in `busy`.
  /// The files are in `discards()` afterwards: remove them when this has returned.
  @discardableResult
  public func retire(
    keeping count: Int, busy: Set<Int> = [], by actor: UInt32
  ) throws(LedgerFault) -> Retirement {
    try transaction { () throws(LedgerFault) in
      let kept = try CanonicalJSON.encode(keptGenerations(count).sorted())
      let masks = try retireMasks(kept, by: actor)
      let generations = try retireGenerations(kept, busy, by: actor)
      try retireAttempts(kept, keeping: count)
      return Retirement(generations: generations, masks: masks)
    }
  }

  /// The first `limit` files of the store that are to be removed unless something refers to them then.
  public func discards(limit: Int = .max) throws(LedgerFault) -> [Discard] {
    try database.rows(
      "SELECT digest, kind FROM discards ORDER BY digest, kind LIMIT ?", .integer(limit)
    ) { row throws(LedgerFault) in
      guard let kind = Store.Kind(rawValue: row.text(1)) else {
        throw .damaged("\(row.text(1)) is no kind of file in the store")
      }
      return Discard(digest: try row.digest(0), kind: kind)
    }
  }

  /// Whether anything is to be removed from the store.
  public func hasDiscards() throws(LedgerFault) -> Bool {
    try database.first("SELECT 1 FROM discards LIMIT 1") { row in row.integer(0) } != nil
  }

  /// Takes at most `limit` of `discards()` off the list and removes them from the store, but for those that something refers
  /// to: whoever put a file on the list need not have known, and it may have come once more since. A crash in between leaves
  /// files that the next call removes. Nothing may be on its way from the store into the ledger meanwhile: it could be one
  /// of them.
  public func removeDiscards(from store: Store, limit: Int = .max) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      let chosen = try discards(limit: limit)
      let kept = try referred(to: chosen.map(\.digest))
      for discard in chosen {
        if !kept.contains(discard.digest) {
          do throws(FileFault) { try store.remove(discard.digest, discard.kind) } catch { throw .file(error) }
        }
        try keep(discard.digest)
      }
    }
  }

  /// Takes a file of the store off the list of those to be removed: it is gone, or something refers to it again.
  func keep(_ digests: Digest?...) throws(LedgerFault) {
    for digest in digests { try database.run("DELETE FROM discards WHERE digest = ?", .digest(digest)) }
  }

  /// Has the files of a mask removed that nobody wanted, or that was made anew.
  func discard(_ figures: MaskFigures, _ latent: Digest?) throws(LedgerFault) {
    for text in [figures.maskDigest, figures.probabilityDigest] {
      if let digest = text.flatMap({ Digest(hexadecimal: $0) }) { try discard(digest, .image) }
    }
    if let latent { try discard(latent, .vector) }
  }

  /// Has the pseudo-label of a selection removed that was dropped.
  func discard(_ files: SelectionFiles) throws(LedgerFault) {
    for digest in [files.mask, files.referenceMask] { try discard(digest, .image) }
  }

  /// Those of `digests` that something refers to.
  private func referred(to digests: [Digest]) throws(LedgerFault) -> Set<Digest> {
    let found = try database.rows(
      "SELECT digest FROM (\(Ledger.references)) WHERE digest IN (SELECT value FROM json_each(?))",
      .text(try CanonicalJSON.encode(digests.map(\.description)))
    ) { row throws(LedgerFault) in try row.digest(0) }
    return Set(found)
  }

  private func retireMasks(_ kept: String, by actor: UInt32) throws(LedgerFault) -> Int {
    let old = """
      retired IS NULL AND generation NOT IN (SELECT value FROM json_each(?1)) \
      AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = masks.case_id AND c.state NOT IN ('expert', 'withdrawn') \
      AND masks.generation = (SELECT max(generation) FROM masks n WHERE n.case_id = c.id)) \
      AND NOT EXISTS (SELECT 1 FROM published o WHERE o.case_id = masks.case_id AND o.generation = masks.generation \
      AND o.edited IS NULL)
      """
    let files: [(digest: String, kind: Store.Kind)] = [
      ("figures ->> 'maskDigest'", .image), ("figures ->> 'probabilityDigest'", .image), ("latent_digest", .vector),
    ]
    for file in files {
      try database.run(
        """
        INSERT OR IGNORE INTO discards SELECT \(file.digest), '\(file.kind.rawValue)' FROM masks \
        WHERE \(file.digest) IS NOT NULL AND \(old)
        """, .text(kept))
    }
    try database.run("UPDATE masks SET retired = ?2 WHERE \(old)", .text(kept), .integer(now().milliseconds))
    let count = Int(database.changed)
    if count > 0 {
      try append(
        .masksRetired, case: nil, before: nil, after: nil, reason: nil, facts: ["masks": String(count)], by: actor)
    }
    return count
  }

  private func retireGenerations(
    _ kept: String, _ busy: Set<Int>, by actor: UInt32
  ) throws(LedgerFault) -> [Int] {
    let old = try database.rows(
      """
      SELECT number, model_digest, optimizer_digest FROM generations WHERE retired IS NULL \
      AND number NOT IN (SELECT value FROM json_each(?)) \
      AND NOT EXISTS (SELECT 1 FROM masks m WHERE m.retired IS NULL AND m.generation = generations.number) \
      AND NOT EXISTS (SELECT 1 FROM cycles y WHERE y.state = 'running' AND y.base = generations.number) \
      ORDER BY number
      """, .text(kept)
    ) { row throws(LedgerFault) in
      (number: row.integer(0), model: try row.digest(1), optimizer: try row.digest(2))
    }
    let given = old.filter { !busy.contains($0.number) }
    for generation in given {
      try database.run(
        "UPDATE generations SET retired = ? WHERE number = ?", .integer(now().milliseconds),
        .integer(generation.number))
      for digest in [generation.model, generation.optimizer] { try discard(digest, .weights) }
      try append(
        .generationRetired, case: nil, before: nil, after: nil, reason: nil,
        facts: ["generation": String(generation.number), "model_sha256": generation.model.description], by: actor)
    }
    return given.map(\.number)
  }

  /// Weights that the gate refused are kept for comparison as long as a generation is that they can be compared with, and
  /// of no more attempts than generations: a gate that refuses every night fills no disk.
  private func retireAttempts(_ kept: String, keeping count: Int) throws(LedgerFault) {
    let old = """
      model_digest IS NOT NULL AND (cycle < (SELECT min(cycle) FROM generations \
      WHERE number IN (SELECT value FROM json_each(?1))) OR cycle NOT IN (SELECT cycle FROM attempts \
      WHERE model_digest IS NOT NULL ORDER BY cycle DESC LIMIT ?2))
      """
    for statement in [
      "INSERT OR IGNORE INTO discards SELECT model_digest, 'safetensors' FROM attempts WHERE \(old)",
      "UPDATE attempts SET model_digest = NULL WHERE \(old)",
    ] { try database.run(statement, .text(kept), .integer(max(0, count) + 1)) }
  }

  /// Has a file of the store removed unless something refers to it then.
  public func discard(_ digest: Digest, _ kind: Store.Kind) throws(LedgerFault) {
    try database.run("INSERT OR IGNORE INTO discards VALUES (?, ?)", .digest(digest), .text(kind.rawValue))
  }

  /// Every file of the store that something refers to.
  private static let references = """
    SELECT canonical_digest AS digest FROM cases UNION ALL SELECT brain_digest FROM cases \
    UNION ALL SELECT digest FROM labels \
    UNION ALL SELECT mask_digest FROM selections UNION ALL SELECT reference_digest FROM selections \
    UNION ALL SELECT figures ->> 'maskDigest' FROM masks WHERE retired IS NULL \
    UNION ALL SELECT figures ->> 'probabilityDigest' FROM masks WHERE retired IS NULL \
    UNION ALL SELECT latent_digest FROM masks WHERE retired IS NULL \
    UNION ALL SELECT model_digest FROM generations WHERE retired IS NULL \
    UNION ALL SELECT optimizer_digest FROM generations WHERE retired IS NULL \
    UNION ALL SELECT model_digest FROM attempts
    """
}
