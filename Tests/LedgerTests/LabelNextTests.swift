import Contract
import Files
import SystemPackage
import Testing

@testable import Ledger

@Suite struct LabelNextTests {
  /// A pool with these sums and mean probabilities (0: no lesion), and what the table says of it.
  private func table(_ scans: [(sum: Double?, probability: Double?)]) throws -> (labels: [String], lines: [[String]]) {
    let desk = try Desk()
    try desk.ledger.beginCycle(1, cause: "first", order: digest("order"), by: 0)
    _ = try desk.ledger.endCycle(
      1, with: result(.publish), model: digest("m"), optimizer: digest("o"), files: [:], by: 0)
    var labels: [String] = []
    var near: [ProximityFigures] = []
    for (number, known) in scans.enumerated() {
      let label = try desk.ledger.create(scan("s\(number)"), as: .accepted, by: 0).label
      labels.append(label)
      if let sum = known.sum { near.append(ProximityFigures(id: label, sum: sum, nearest: [])) }
      if let probability = known.probability {
        var measured = figures(label)
        measured.meanProbability = probability
        if probability == 0 { (measured.voxelCount, measured.lesionCount) = (0, 0) }
        try desk.ledger.recordMask(of: label, generation: 1, threshold: 0.5, latent: nil, figures: measured, by: 0)
      }
    }
    try desk.ledger.setProximities(near, generation: 1)
    let text = try LabelNextTable(desk.ledger.queue(), masks: desk.ledger.newestMasks()) { known in
      OutputNames(subject: known.label).mask(.draft)
    }.document
    #expect(text.hasSuffix("\n"))
    let lines = text.split(separator: "\n").map { $0.split(separator: "\t").map { String($0) } }
    return (labels, lines)
  }

  @Test func theFarAndUnsureComeFirst() throws {
    let (labels, lines) = try table([
      (1, 0.9), (9, 0.95), (5, 0.55), (9.5, 0.6), (2, 0), (7, nil), (nil, 0.5),
    ])
    // far: 3, 1, 2, 4, 0 - unsure: 2, 3, 0, 1, 4 (which has no lesion); of 5 and 6 one half is not known.
    let expected = [(3, 1, 2), (2, 3, 1), (1, 2, 4), (0, 5, 3), (4, 4, 5)]
    #expect(lines.count == 6 && lines.allSatisfy { $0.count == 9 })
    let sums = expected.map { $0.1 + $0.2 }
    #expect(sums == sums.sorted())
    let order = lines.dropFirst().map { $0[1] }
    #expect(Array(order.prefix(3)) == [3, 2, 1].map { labels[$0] })
    for (scan, far, unsure) in expected {
      let line = try #require(lines.first { $0[1] == labels[scan] })
      #expect(line[2] == String(far) && line[3] == String(unsure))
    }
    #expect(lines.last?[1] == labels[4] && lines.last?[5] == "n/a")
    #expect(lines[1][8] == OutputNames(subject: labels[3]).mask(.draft).string)
  }

  /// Over studies of chance: no scan that is not named is as far and as unsure as one that is.
  @Test(arguments: 0..<4) func nothingBetterIsPassedOver(seed: Int) throws {
    var state = UInt64(seed) &* 77 &+ 1
    func chance() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40 & 15) / 16 + 0.01
    }
    let scans = (0..<30).map { _ in (sum: Optional(chance()), probability: Optional(chance())) }
    let (labels, lines) = try table(scans)
    let named = lines.dropFirst().compactMap { line in labels.firstIndex(of: line[1]) }
    #expect(named.count == LabelNextTable.length && Set(named).count == named.count)
    for other in scans.indices where !named.contains(other) {
      for one in named {
        let (a, b) = (scans[other], scans[one])
        let isBetter = (a.sum ?? 0) > (b.sum ?? 0) && (a.probability ?? 0) < (b.probability ?? 0)
        #expect(!isBetter)
      }
    }
  }

  @Test func anEmptyTableSaysWhy() throws {
    let (_, lines) = try table([(nil, nil)])
    #expect(lines.count == 2 && lines[1][0].hasPrefix("# Nothing to name"))
  }
}
