import Glibc
import Testing

extension ServiceTests {
  /// A mask whose header has a case of ours, as one has that was drawn over a draft.
  @Suite(.serialized) struct OwnCaseTests {
    private let labeled = "root/inbox/labeled"

    /// Two scans; the cases that they became.
    private func takeScans(_ scene: Scene) async throws -> [String: String] {
      for name in ["p", "q"] { try scene.write(Scene.image(name), at: "\(labeled)/\(name)_FLAIR.nii.gz") }
      #expect(try await scene.start(once: true).end() == 0)
      var cases: [String: String] = [:]
      for path in scene.files(beneath: "root/done") where path.hasSuffix("_FLAIR.nii.gz.ACCEPTED.txt") {
        let words = scene.read("root/done/\(path)") ?? ""
        let line = words.split(separator: "\n").first { $0.hasPrefix("Case: ") }
        cases[path.contains("/p_") ? "p" : "q"] = line.map { String($0.dropFirst(6)) }
      }
      try #require(cases.count == 2)
      return cases
    }

    private func experts(_ scene: Scene) async throws -> [String] {
      try await scene.ask("dump").text.split(separator: "\n").filter { $0.hasPrefix("label ") }
        .map { String($0.split(separator: " ")[1]) }
    }

    /// The table comes first, and after a doubt.
    @Test(arguments: [true, false]) func aTableLeavesNoDoubt(isFirst: Bool) async throws {
      let scene = try Scene()
      let cases = try await takeScans(scene)
      let (p, q) = (try #require(cases["p"]), try #require(cases["q"]))
      let table = Array("image\tlabel\nq_FLAIR.nii.gz\tq_mask.nii.gz\n".utf8)
      if isFirst { try scene.write(table, at: "\(labeled)/pairs.tsv") }
      try scene.write(Scene.image("M", more: ",\"ownCase\":\"\(p)\""), at: "\(labeled)/q_mask.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
      if !isFirst {
        let receipt = scene.read("\(labeled)/q_mask.nii.gz.HELD.txt") ?? ""
        #expect(receipt.contains("PAIR_AMBIGUOUS") && receipt.contains(p) && receipt.contains(q), "\(receipt)")
        #expect(try await experts(scene) == [])
        let service = try scene.start()
        try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
        try scene.write(table, at: "\(labeled)/pairs.tsv")
        try await scene.wait(for: "the mask") { scene.shelf("done").contains("q_mask.nii.gz") }
        service.send(SIGTERM)
        #expect(try await service.end() == 0)
      }
      #expect(try await experts(scene) == [q])
    }

    /// It waits for the scan that the table names, and goes to no other.
    @Test func aTableIsBelievedBeforeItsScanIsThere() async throws {
      let scene = try Scene()
      let p = try #require(try await takeScans(scene)["p"])
      try scene.write(Array("later_FLAIR.nii.gz\tx.nii.gz\n".utf8), at: "\(labeled)/pairs.tsv")
      try scene.write(Scene.image("M", more: ",\"ownCase\":\"\(p)\""), at: "\(labeled)/x.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == [])
      #expect(try await scene.ask("dump").text.contains("role=label outcome=waiting reason=WAITING_PAIR"))
    }
  }
}
