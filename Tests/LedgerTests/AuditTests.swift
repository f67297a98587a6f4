import Contract
import Files
import FoundationEssentials
import Testing

@testable import Ledger

/// Whoever has the database in hand can change it, not unnoticed.
@Suite struct AuditTests {
  private func chain() throws -> Desk {
    let desk = try Desk()
    let name = try desk.ledger.create(scan("a"), as: .accepted, by: 3).label
    for state in [CaseState.drafted, .held, .accepted, .drafted, .pseudo] {
      try desk.ledger.change(name, to: state, reason: .nan, facts: ["figure": "1"], by: 3)
    }
    return desk
  }

  @Test func anUntouchedChainIsWhole() throws {
    let desk = try chain()
    let report = try desk.ledger.verifyAudit(remembered: [try desk.ledger.auditHead()])
    #expect(report.isWhole && report.records == 6 && report.head.seq == 6)
    #expect(try Ledger(reading: desk.state.path).verifyAudit().isWhole)
  }

  /// Each field of a record in turn, in the middle and at the end of the chain, with the hash left or made to fit.
  @Test(arguments: [3, 6], [false, true]) func anEditedFieldIsFound(seq: Int, withFittingHash: Bool) throws {
    let edits = [
      ("\"actor_uid\":3", "\"actor_uid\":4"), ("\"after\":\"", "\"after\":\"x"), ("\"before\":\"", "\"before\":\"x"),
      ("\"boot_id\":\"", "\"boot_id\":\"x"), ("\"case\":\"PSN", "\"case\":\"PSM"), ("state_changed", "case_created"),
      ("\"figure\":\"1\"", "\"figure\":\"2\""), ("\"prev\":\"", "\"prev\":\"x"), ("\"NAN\"", "\"FOV\""),
      ("\"seq\":", "\"seq\":1"), ("\"time\":\"2", "\"time\":\"3"),
    ]
    for (old, new) in edits {
      let desk = try chain()
      let head = try desk.ledger.auditHead()
      let line = try desk.ledger.auditLines(from: seq, limit: 1)[0]
      #expect(line.contains(old))
      let edited = line.replacing(old, with: new)
      let stranger = try desk.stranger()
      try stranger.run("UPDATE audit SET line = ? WHERE seq = ?", .text(edited), .integer(seq))
      if withFittingHash {
        try stranger.run(
          "UPDATE audit SET hash = ? WHERE seq = ?", .text(Digest(of: edited.utf8).description), .integer(seq))
      }
      let report = try desk.ledger.verifyAudit(remembered: [head])
      #expect(!report.isWhole, "\(old) -> \(new)")
      if !withFittingHash { #expect(report.breaks.contains(.edited(seq: seq))) }
    }
  }

  @Test func aRemovedRecordIsFound() throws {
    for seq in 1...5 {
      let desk = try chain()
      try desk.stranger().run("DELETE FROM audit WHERE seq = ?", .integer(seq))
      #expect(try desk.ledger.verifyAudit().breaks.contains(.missing(seq...seq)))
    }
  }

  @Test func aRemovedRecordWithTheRestMovedUpIsFound() throws {
    let desk = try chain()
    let stranger = try desk.stranger()
    try stranger.run("DELETE FROM audit WHERE seq = 3")
    for seq in 4...6 { try stranger.run("UPDATE audit SET seq = ? WHERE seq = ?", .integer(seq - 1), .integer(seq)) }
    #expect(try desk.ledger.verifyAudit().breaks.first == .edited(seq: 3))
  }

  @Test func exchangedRecordsAreFound() throws {
    let desk = try chain()
    let stranger = try desk.stranger()
    try stranger.execute(
      """
      UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 4;
      UPDATE audit SET seq = 4 WHERE seq = 99
      """)
    let breaks = try desk.ledger.verifyAudit().breaks
    #expect(breaks.contains(.edited(seq: 2)) && breaks.contains(.edited(seq: 4)))
    #expect(breaks.contains(.unlinked(seq: 2)))
  }

  @Test func aChainCutShortIsFoundByItsRememberedHead() throws {
    let desk = try chain()
    let head = try desk.ledger.auditHead()
    try desk.stranger().run("DELETE FROM audit WHERE seq > 4")
    #expect(try desk.ledger.verifyAudit(remembered: [head]).breaks.contains(.truncated(head)))
    // Without one, the state that no record gave betrays it.
    let name = try desk.ledger.cases()[0].label
    #expect(try desk.ledger.verifyAudit().breaks == [.stateDiffers(case: name)])
  }

  @Test func aChainWrittenAnewIsFoundByItsRememberedHead() throws {
    let desk = try chain()
    let head = try desk.ledger.auditHead()
    let stranger = try desk.stranger()
    var previous = AuditHead.empty.hash
    for (index, line) in try desk.ledger.auditLines(from: 1, limit: 100).enumerated() {
      var record: AuditRecord = try CanonicalJSON.decode(line)
      record.actor = 4
      record.previous = previous
      let forged = try CanonicalJSON.encode(record)
      previous = Digest(of: forged.utf8).description
      try stranger.run(
        "UPDATE audit SET line = ?, hash = ? WHERE seq = ?", .text(forged), .text(previous), .integer(index + 1))
    }
    #expect(try desk.ledger.verifyAudit().isWhole)
    #expect(try desk.ledger.verifyAudit(remembered: [head]).breaks == [.rewritten(head)])
  }

  @Test func aStateChangedByHandIsFound() throws {
    let desk = try chain()
    try desk.stranger().run("UPDATE cases SET state = 'expert'")
    let name = try desk.ledger.cases()[0].label
    #expect(try desk.ledger.verifyAudit().breaks == [.stateDiffers(case: name)])
  }

  /// Whatever is changed in the tables alone, the chain says that it was otherwise.
  @Test func whatIsChangedOrRemovedByHandIsFound() throws {
    func study() throws -> (desk: Desk, labeled: String, other: String) {
      let desk = try Desk(key: Array(0..<32))
      let labeled = try desk.ledger.create(scan("a"), as: .waiting, by: 3).label
      let other = try desk.ledger.create(scan("b"), as: .held, by: 3).label
      for drawn in [label("a"), label("a2", rater: "r2"), label("a3")] {
        try desk.ledger.promote(labeled, with: drawn, by: 3)
      }
      try desk.ledger.change(other, to: .withdrawn, by: 3)
      return (desk, labeled, other)
    }
    let whole = try study()
    #expect(try whole.desk.ledger.verifyAudit().isWhole)
    let (a, b) = (whole.labeled, whole.other)
    let zeros = String(repeating: "0", count: 64)
    let both = [a, b].sorted()
    let changes: [(String, [AuditBreak])] = [
      ("UPDATE labels SET digest = '\(zeros)' WHERE revision = 2", [.labelsDiffer(case: a)]),
      ("UPDATE labels SET input_digest = '\(zeros)'", [.labelsDiffer(case: a)]),
      ("UPDATE labels SET rater = 'r3' WHERE rater = 'r2'", [.labelsDiffer(case: a)]),
      ("DELETE FROM labels WHERE revision = 2", [.labelsDiffer(case: a)]),
      (
        "INSERT INTO labels SELECT id, 'r9', 1, '\(zeros)', '\(zeros)', 0, 1, 1, 1, 1 FROM cases",
        both.map { .labelsDiffer(case: $0) }
      ),
      ("UPDATE cases SET canonical_digest = '\(zeros)' WHERE label = '\(b)'", [.scanDiffers(case: b)]),
      ("DELETE FROM labels; DELETE FROM cases WHERE label = '\(a)'", [.caseMissing(case: a)]),
      ("DELETE FROM labels; DELETE FROM cases", both.map { .caseMissing(case: $0) }),
    ]
    for (change, breaks) in changes {
      let desk = try study().desk
      try desk.stranger().execute(change)
      #expect(try desk.ledger.verifyAudit().breaks == breaks, "\(change)")
    }
  }

  /// A broken chain is gone on with, and stays broken.
  @Test func aBreakIsNeverMended() throws {
    let desk = try chain()
    try desk.stranger().run("UPDATE audit SET line = replace(line, 'NAN', 'FOV') WHERE seq = 6")
    try desk.ledger.record(.commandRefused, facts: ["command": "hold"], by: 0)
    #expect(try desk.ledger.verifyAudit().breaks == [.edited(seq: 6)])
  }

  /// The line is JSON that others can read and hash: `prev` is the SHA-256 of the line before.
  @Test func linesAreChainedAsExported() throws {
    let desk = try chain()
    let lines = try desk.ledger.auditLines(from: 1, limit: 100)
    for (before, line) in zip(lines, lines.dropFirst()) {
      let record = try JSONDecoder().decode(AuditRecord.self, from: Data(line.utf8))
      #expect(record.previous == Digest(of: before.utf8).description)
    }
    #expect(lines[0].contains("\"time\":\"2023-11-14T22:13:20.00"))
  }
}
