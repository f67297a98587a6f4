import Files
import SystemPackage
import Testing

@testable import Ledger

@Suite struct AuditHeadFileTests {
  private func head(_ seq: Int) -> AuditHead { AuditHead(seq: seq, hash: digest("record \(seq)").description) }

  @Test func headsComeBackInTheirOrder() throws {
    let scratch = try Scratch()
    let file = AuditHeadFile(scratch.path.appending("heads"))
    #expect(throws: FileFault.self) { try file.read() }
    for seq in [3, 7, 7, 12] { try file.append(head(seq)) }
    #expect(try file.read() == AuditHeadFile.Content(heads: [3, 7, 7, 12].map { head($0) }, unreadable: 0))
  }

  @Test func aHeadThatCannotBeNotedIsAFault() throws {
    let scratch = try Scratch()
    #expect(throws: FileFault.self) { try AuditHeadFile(scratch.path.appending("nowhere/heads")).append(head(1)) }
    #expect(throws: FileFault.self) { try AuditHeadFile(scratch.path).append(head(1)) }
  }

  /// A full disk may cut a line short; the next one follows on it and is good all the same.
  @Test func aLineThatIsCutShortCostsNoOther() throws {
    let scratch = try Scratch()
    let file = AuditHeadFile(scratch.path.appending("heads"))
    let folder = try Directory(scratch.path)
    try write("2026-01-01T00:00:00.000Z 3 00ab", as: "heads", in: folder)
    try file.append(head(4))
    #expect(try file.read() == AuditHeadFile.Content(heads: [head(4)], unreadable: 0))
    try write("\nno head\n2026-01-01T00:00:00.000Z 3 00ab\n-1\n", as: "heads", in: folder)
    #expect(try file.read() == AuditHeadFile.Content(heads: [], unreadable: 3))
  }

  @Test func aChainThatIsCutOrWrittenAnewShowsAgainstTheFile() throws {
    let desk = try Desk()
    let file = AuditHeadFile(desk.scratch.path.appending("heads"))
    for number in 1...6 {
      try desk.ledger.record(.configurationChanged, facts: ["number": String(number)], by: 1)
      if number.isMultiple(of: 2) { try file.append(try desk.ledger.auditHead()) }
    }
    let heads = try file.read().heads
    #expect(heads.map(\.seq) == [2, 4, 6])
    #expect(try desk.ledger.verifyAudit(remembered: heads).isWhole)
    try desk.stranger().run("DELETE FROM audit WHERE seq > 3")
    #expect(try desk.ledger.verifyAudit(remembered: heads).breaks == [.truncated(heads[1]), .truncated(heads[2])])
    for number in 4...6 { try desk.ledger.record(.serviceStarted, facts: ["forged": String(number)], by: 1) }
    #expect(try desk.ledger.verifyAudit(remembered: heads).breaks == [.rewritten(heads[1]), .rewritten(heads[2])])
  }
}
