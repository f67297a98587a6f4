import Contract
import Testing

@testable import Ledger

@Suite struct StudyKeyTests {
  @Test func theyCountFromTheFirstCaseOn() throws {
    let desk = try Desk()
    #expect(try desk.ledger.studyKeys() == nil)
    try desk.ledger.keepStudyKeys(["popcorn.width": "8"], by: 0)
    #expect(try desk.ledger.studyKeys() == nil)
    try desk.ledger.keepStudyKeys(["popcorn.width": "16"], by: 0)
    try desk.ledger.create(scan("a"), as: .accepted, by: 0)
    #expect(try desk.ledger.studyKeys() == ["popcorn.width": "16"])
  }

  /// Written by a version that did not keep them.
  @Test func aLedgerWithoutThemHasNone() throws {
    let desk = try Desk()
    try desk.ledger.create(scan("a"), as: .accepted, by: 0)
    #expect(try desk.ledger.studyKeys() == nil)
  }

  @Test func aChangeIsAuditedAndARepetitionIsNot() throws {
    let desk = try Desk()
    for width in ["8", "8", "16", "16"] { try desk.ledger.keepStudyKeys(["popcorn.width": width], by: 7) }
    let records = try desk.ledger.auditRecords()
    #expect(records.map(\.event) == [.configurationChanged, .configurationChanged])
    #expect(records.map(\.facts) == [["popcorn.width": "8"], ["popcorn.width": "16"]])
    #expect(records.map(\.actor) == [7, 7])
    #expect(try desk.ledger.verifyAudit().isWhole)
  }
}
