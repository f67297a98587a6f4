import Contract
import Testing

@testable import Ledger

/// Rows that we did not write so.
@Suite struct DamageTests {
  @Test(arguments: [
    "", "4 5 6", "4 5 6 1 0 0 0 0 1 0 0 0 0 1", "4 5 6 1 0 0 0 0 1 0 0 0 0 1 0 0", "4 5",
    "4 5 -6 1 0 0 0 0 1 0 0 0 0 1 0", "0 5 6 1 0 0 0 0 1 0 0 0 0 1 0", "4 5 6 1 0 0 0 0 1 0 0 0 0 nan 0",
    "4 5 6 1 0 0 0 0 1 0 0 0 0 1 inf", "4 5 x 1 0 0 0 0 1 0 0 0 0 1 0", "4 5 6 1 0 0 0 0 1 0 0 0 0 1 x",
    "-9223372036854775808 5 6 1 0 0 0 0 1 0 0 0 0 1 0",
    "9223372036854775807 9223372036854775807 6 1 0 0 0 0 1 0 0 0 0 1 0",
  ])
  func aGridThatIsNoneIsDamage(text: String) throws {
    let desk = try Desk()
    let name = try desk.ledger.create(scan("a"), as: .accepted, by: 0).label
    try desk.ledger.database.run("UPDATE cases SET geometry = ? WHERE label = ?", .text(text), .text(name))
    let fault = #expect(throws: LedgerFault.self) { try desk.ledger.case(name) }
    guard case .damaged = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
  }

  @Test(arguments: [Int64.min, -1, 0, Int64.max]) func aTimeBeyondAllTimesIsStillOne(milliseconds: Int64) throws {
    let desk = try Desk()
    let name = try desk.ledger.create(scan("a"), as: .accepted, by: 0).label
    try desk.ledger.database.run("UPDATE cases SET arrived = ?", .integer(milliseconds))
    let arrived = try desk.ledger.case(name).arrived
    #expect(arrived.description.count == 24)
    #expect(abs(Timestamp.now.milliseconds - arrived.milliseconds) < 1 << 60)
  }
}
