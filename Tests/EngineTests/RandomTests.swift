import FoundationEssentials
import Testing

@testable import Engine

@Suite struct RandomTests {
  @Test func derivedStreamsDependOnTheirNamesAlone() {
    var one = Random(seed: 1)
    let before = one.derive(7, 8)
    for _ in 0..<100 { _ = one.next() }
    #expect(one.derive(7, 8) == before)
    #expect(one.derive(8, 7) != before)
    #expect(one.derive(7).derive(8) == before)
    #expect(Random(seed: 1, stream: 7, 8) == before)
    #expect(Random(seed: 2, stream: 7, 8) != before)
  }

  @Test func streamsDoNotMeet() {
    var seen: Set<UInt64> = []
    for stream in 0..<100 as Range<UInt64> {
      var random = Random(seed: 3, stream: stream)
      for _ in 0..<100 { seen.insert(random.next()) }
    }
    #expect(seen.count == 10_000)
  }

  @Test func stateGoesThroughJSON() throws {
    var random = Random(seed: .max, stream: .max)
    for _ in 0..<5 { _ = random.next() }
    var again = try JSONDecoder().decode(Random.self, from: try JSONEncoder().encode(random))
    #expect((0..<5).map { _ in again.next() } == (0..<5).map { _ in random.next() })
  }

  /// The same numbers for ever: a generation can be made again years later.
  @Test func numbersDoNotChange() {
    var random = Random(seed: 20_211_014, stream: 1, 2)
    let frozen: [UInt64] = [10794926966033354787, 2755354098591684809, 6589509774896504015]
    #expect((0..<3).map { _ in random.next() } == frozen)
  }

  @Test func uniformAndNormalHaveTheirMoments() {
    var random = Random(seed: 4)
    let count = 200_000
    let uniform = (0..<count).map { _ in Double(random.uniform()) }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(mean(uniform) - 0.5) < 0.004)
    #expect(abs(mean(uniform.map { $0 * $0 }) - 1 / 3) < 0.004)
    let normal = (0..<count).map { _ in Double(random.normal()) }
    #expect(normal.allSatisfy { $0.isFinite })
    #expect(abs(mean(normal)) < 0.014)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.02)
    #expect(abs(mean(normal.map { $0 * $0 * $0 * $0 }) - 3) < 0.15)
  }

  @Test func integersAreEvenlySpread() {
    var random = Random(seed: 5)
    var counts = Array(repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.int(below: 7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 600 })
    #expect(random.int(below: 1) == 0)
  }

  @Test func permutationsAreAllReached() {
    var random = Random(seed: 6)
    var seen: [[Int]: Int] = [:]
    for _ in 0..<2400 { seen[random.permutation(4), default: 0] += 1 }
    #expect(seen.count == 24)
    #expect(seen.values.allSatisfy { $0 > 50 && $0 < 160 })
    #expect(random.permutation(0).isEmpty)
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
