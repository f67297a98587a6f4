import Contract
import Files
import SystemPackage
import Testing

@testable import Ledger

/// What waits or is held, as long as it lies there.
@Suite struct OpenFileTests {
  private let inbox: FilePath = "/srv/inbox"

  private func decision(_ path: FilePath, _ outcome: FileOutcome, size: Int64 = 10) -> FileDecision {
    FileDecision(
      inbox: inbox, path: path, stamp: FileStamp(device: 1, inode: 5, size: size, modified: 3, owner: 1000),
      role: .label, digest: digest("input \(size)"), outcome: outcome, reason: .waitingPair)
  }

  private func count(of outcome: FileOutcome, in ledger: Ledger) throws -> Int {
    try ledger.fileCounts().reduce(0) { $0 + ($1.outcome == outcome ? $1.count : 0) }
  }

  @Test func ofOnePathOnlyTheLastFileWaits() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let first = try ledger.record(decision("labeled/m.nii", .waiting), by: 0)
    let held = try ledger.record(decision("labeled/m.nii", .held, size: 11), by: 0)
    let done = try ledger.record(decision("labeled/m.nii", .accepted, size: 12), by: 0)
    let beside = try ledger.record(decision("labeled/n.nii", .waiting), by: 0)
    #expect(try ledger.openDecisions(in: inbox).map(\.number) == [first, held, beside])
    try ledger.supersede(by: done)
    #expect(try ledger.openDecisions(in: inbox).map(\.number) == [beside])
    #expect(try ledger.openDecisions(in: "/srv/other").isEmpty)
    #expect(try ledger.decisions(.waiting).map(\.number) == [beside])
    #expect(try ledger.decisions(.held).isEmpty && ledger.decisions(.held, orGone: true).map(\.number) == [held])
    #expect(try count(of: .waiting, in: ledger) == 1 && count(of: .held, in: ledger) == 0)
    // What was taken stays so.
    #expect(try ledger.decisions(.accepted).map(\.decision.move) == [.none])
    try ledger.supersede(by: first)
    #expect(try count(of: .accepted, in: ledger) == 1)
  }

  @Test func theOldestThatWaitsIsFoundWithoutReadingTheOthers() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    #expect(try ledger.oldestWaiting() == nil)
    try ledger.record(decision("labeled/h.nii", .held), by: 0)
    try ledger.record(decision("labeled/a.nii", .accepted), by: 0)
    #expect(try ledger.oldestWaiting() == nil)
    let known = try ledger.create(scan("s"), as: .waiting, by: 0)
    #expect(try ledger.oldestWaiting() == known.arrived)
    let first = try ledger.record(decision("labeled/m.nii", .waiting), by: 0)
    try ledger.record(decision("labeled/n.nii", .waiting, size: 11), by: 0)
    #expect(try ledger.waitingCount() == 2)
    try ledger.change(known.label, to: .accepted, by: 0)
    #expect(try ledger.oldestWaiting() == ledger.decisions(.waiting).first?.received)
    try ledger.close([first])
    #expect(try ledger.waitingCount() == 1)
    #expect(try ledger.oldestWaiting() == ledger.decisions(.waiting).first?.received)

    for query in Ledger.oldestWaitingQueries {
      let steps = try ledger.database.rows("EXPLAIN QUERY PLAN \(query)") { row in row.text(3) }
      #expect(steps.count == 1 && ["files_open", "COVERING INDEX cases_by_arrival"].contains { steps[0].contains($0) })
    }
  }

  @Test func whatIsGoneIsLookedAtAfreshWhenItIsBack() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let file = decision("labeled/m.nii", .waiting)
    let number = try ledger.record(file, by: 0)
    let taken = try ledger.record(decision("labeled/n.nii", .accepted), by: 0)
    try ledger.close([number, taken])
    #expect(try ledger.openDecisions(in: inbox).isEmpty)
    #expect(try ledger.decisions(.accepted).map(\.decision.move) == [.none])
    let known = try #require(try ledger.decision(inbox: inbox, path: file.path, stamp: file.stamp))
    #expect(known.number == number && known.decision.move == .lost)
    try ledger.revise(number, outcome: .held, reason: .pairTimeout, by: 0)
    #expect(try ledger.decisions(.held).map(\.number) == [number])
  }
}
