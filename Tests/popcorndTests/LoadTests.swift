import Ledger
import Testing

@testable import popcornd

@Suite struct LoadTests {
  /// All of it is carried, each case once, the models and the table after the last of them.
  @Test(arguments: [0, 1, 31, 32, 33, 64, 100]) func portionsAreAllOfALoad(count: Int) {
    var load = Load()
    load.cases = Set((0..<count).map { "case \($0)" })
    (load.hasModels, load.hasTable) = (true, true)
    load.auditHead = AuditHead(seq: 1, hash: "")
    let all = load.cases
    var carried: [Load] = []
    while !load.isEmpty { carried.append(load.takePortion()) }
    #expect(carried.count == max(1, (count + 31) / 32))
    #expect(carried.allSatisfy { $0.cases.count <= 32 })
    #expect(carried.flatMap(\.cases).count == count && Set(carried.flatMap(\.cases)) == all)
    #expect(carried.map(\.hasModels) == carried.indices.map { $0 == carried.count - 1 })
    #expect(carried.map(\.hasTable) == carried.map(\.hasModels))
    #expect(carried.map { $0.auditHead != nil } == carried.indices.map { $0 == 0 })
  }

  /// What was tried is late only where it was left.
  @Test func whatIsLateIsWhatWasLeft() {
    var (late, carried, left) = (Load(), Load(), Load())
    late.cases = ["a", "b", "c"]
    late.hasModels = true
    carried.cases = ["b", "c", "d"]
    carried.hasModels = true
    left.cases = ["c", "d"]
    late.forget(carried)
    late.add(left)
    #expect(late.cases == ["a", "c", "d"])
    #expect(!late.hasModels && !late.isEmpty)
  }

  /// An end of the audit chain that could not be noted waits, unless a later one is noted, which vouches for it.
  @Test func ofTheEndsOfTheChainTheLatestCounts() {
    let (old, new) = (AuditHead(seq: 3, hash: "a"), AuditHead(seq: 5, hash: "b"))
    var (late, load) = (Load(), Load())
    late.auditHead = old
    load.auditHead = new
    load.add(late)
    #expect(load.auditHead == new)
    late.forget(load)
    #expect(late.isEmpty)
    var left = Load()
    left.auditHead = old
    late.add(left)
    late.add(Load())
    #expect(late.auditHead == old && !late.isEmpty)
  }
}
