import Contract
import Files
import Testing

@testable import Ledger

/// A study from the first label to the second generation.
@Suite struct LedgerTests {
  @Test func aStudyRunsThroughTheLedger() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let experts = try (1...5).map { try ledger.create(scan("e\($0)"), as: .waiting, by: 0).label }
    for name in experts { try ledger.promote(name, with: label(name), by: 1000) }
    let pool = try (1...4).map { try ledger.create(scan("u\($0)"), as: .accepted, by: 0).label }
    #expect(try ledger.counts() == [.expert: 5, .accepted: 4])
    #expect(try ledger.assignHoldout(share: 0.2, cycle: 1, by: 0).count == 1)

    let store = try Store(desk.state)
    let members = try ledger.membership(in: store)
    #expect(members.trainingSet.count == 4 && members.holdout.count == 1 && members.pool.count == 4)
    #expect(members.trainingSet.allSatisfy { $0.masks.count == 1 && !$0.masks[0].onReferenceGrid })

    try ledger.beginCycle(1, cause: "labels", order: digest("order"), by: 0)
    #expect(throws: LedgerFault.self) { try ledger.beginCycle(2, cause: "labels", order: digest("order"), by: 0) }
    let taken = Array(pool.prefix(2))
    let end = try ledger.endCycle(
      1, with: result(.publish, selecting: taken), model: digest("model 1"), optimizer: digest("adam 1"),
      files: selectionFiles(taken), by: 0)
    #expect(end == CycleEnd(generation: 1, selected: taken, dropped: []))
    #expect(try ledger.currentGeneration()?.number == 1)
    #expect(try ledger.casesWithoutMask(by: 1).map(\.label) == [pool[2], pool[3], pool[0], pool[1]])
    for name in pool {
      #expect(
        try ledger.recordMask(of: name, generation: 1, threshold: 0.5, latent: nil, figures: figures(name), by: 0))
    }
    #expect(try ledger.masks(of: pool[0]).map(\.kind) == [.pseudo])
    #expect(try ledger.masks(of: pool[3]).map(\.kind) == [.draft])
    #expect(try ledger.case(pool[3]).state == .drafted)

    try ledger.beginCycle(2, cause: "command", order: digest("order 2"), by: 0)
    let before = try ledger.counts()
    let refused = try ledger.endCycle(
      2, with: result(.refused, selecting: [pool[2]]), model: digest("model 2"), optimizer: nil, files: [:], by: 0)
    #expect(refused == CycleEnd(generation: nil, selected: [], dropped: []))
    #expect(try ledger.counts() == before && ledger.currentGeneration()?.number == 1)
    #expect(try ledger.attempts().map(\.cycle) == [2])
    #expect(try ledger.verifyAudit().isWhole)
  }
}
