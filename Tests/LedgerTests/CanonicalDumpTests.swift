import Contract
import Files
import SystemPackage
import Testing

@testable import Ledger

@Suite struct CanonicalDumpTests {
  private let names = ["a", "b", "c", "d", "e"]

  private func study(_ order: [String], retries: Bool) throws -> String {
    let desk = try Desk(key: Array(repeating: 7, count: 32))
    let ledger = desk.ledger
    var labels: [String: String] = [:]
    for name in order {
      labels[name] = try ledger.create(scan(name), as: .accepted, by: 0).label
      try record(name, labels[name], in: ledger)
      if retries { try record(name, labels[name], in: ledger) }
    }
    try ledger.promote(labels["e"] ?? "", with: label("e"), by: 1000)
    if retries { try ledger.promote(labels["e"] ?? "", with: label("e"), by: 1000) }
    let taken = ["a", "b"].compactMap { labels[$0] }
    try ledger.beginCycle(1, cause: retries ? "wait" : "command", order: digest("\(order)"), by: 0)
    _ = try ledger.endCycle(
      1, with: result(.publish, selecting: taken), model: digest("m"), optimizer: digest("o"),
      files: selectionFiles(taken), by: 0)
    for name in order.filter({ $0 != "e" }) {
      for _ in 0..<(retries ? 2 : 1) {
        try ledger.recordMask(
          of: labels[name] ?? "", generation: 1, threshold: 0.5, latent: digest("latent \(name)"),
          figures: figures(name), by: 0)
      }
    }
    return try ledger.canonicalDump()
  }

  private func record(_ name: String, _ label: String?, in ledger: Ledger) throws {
    try ledger.record(
      FileDecision(
        inbox: FilePath("/\(UInt64.random(in: 0 ..< .max))"), path: "x",
        stamp: FileStamp(device: 1, inode: .random(in: 0 ..< .max), size: 1, modified: 1, owner: 0), role: .scan,
        digest: digest("input \(name)"), outcome: .accepted, caseLabel: label), by: 0)
  }

  @Test func itDependsOnWhatIsAndNotOnHowItCame() throws {
    let first = try study(names, retries: false)
    #expect(try study(names.reversed(), retries: true) == first)
    #expect(first.split(separator: "\n").count == 1 + 5 + 1 + 4 + 2 + 2 + 5)
    #expect(first.contains("state=pseudo") && first.contains("generation 1 cycle=1 base=-"))
    #expect(!first.contains("/"))
  }

  @Test func itShowsADifference() throws {
    #expect(try study(names, retries: false) != study(Array(names.dropFirst()), retries: false))
  }
}

@Suite struct StatusTests {
  @Test func filesAreRewrittenWhole() throws {
    let desk = try Desk()
    let folder = try desk.scratch.folder("status")
    let name = try desk.ledger.create(scan("a"), as: .accepted, by: 0).label
    try desk.ledger.setProximities([ProximityFigures(id: name, sum: 1.5, nearest: [])], generation: 1)
    let status = StatusFolder(folder)
    for _ in 0..<2 {
      try status.write(QueueTable(try desk.ledger.queue()))
      try status.write(
        StatusReport(
          study: "ms", headline: "gen 7; queue 1", time: Timestamp(milliseconds: 1_700_000_000_000),
          sections: [StatusReport.Section("Cases", [("held", "0"), ("in the pool", "1\n2")])]))
    }
    #expect(try folder.names() == ["QUEUE.tsv", "STATUS.txt"])
    #expect(
      text("STATUS.txt", in: folder) == """
        ms: gen 7; queue 1
        as of 2023-11-14T22:13:20.000Z

        Cases
          held         0
          in the pool  1\\x0A2

        """)
    #expect(
      text("QUEUE.tsv", in: folder)?.hasPrefix(
        "rank\tcase\tstate\tproximity\tnearest\tarrived\n1\t\(name)\taccepted\t1.5\t") == true)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"),
  ])
  func timesAreISO8601(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(milliseconds: milliseconds).month == String(text.prefix(7)))
  }
}
