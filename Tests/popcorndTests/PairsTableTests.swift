import Glibc
import Testing

extension ServiceTests {
  /// `pairs.tsv`: which files belong together, said by whoever dropped them.
  @Suite(.serialized) struct PairsTableTests {
    private static let inbox = "root/inbox/labeled"

    /// An image whose name does not say that it is a mask, as popcorn-admit finds it.
    private static func plainMask(_ voxels: String) -> [UInt8] {
      Scene.image(voxels, more: ",\"hold as scan\":\"SWAPPED\"")
    }

    private func write(_ rows: [[String]], in scene: Scene, heading: Bool = true) throws {
      let lines = (heading ? [["image", "label", "rater"]] : []) + rows
      let text = lines.map { $0.joined(separator: "\t") + "\n" }.joined()
      try scene.write(Array(text.utf8), at: "\(Self.inbox)/pairs.tsv")
    }

    private func drop(_ names: String..., in scene: Scene) throws {
      for name in names { try scene.write(Scene.image(name), at: "\(Self.inbox)/\(name).nii.gz") }
    }

    private func receipts(_ scene: Scene) -> [String] {
      scene.files(beneath: Self.inbox).filter { $0.hasSuffix(".txt") }
    }

    private func experts(_ scene: Scene) async throws -> Int {
      try await scene.ask("dump").text.ranges(of: "state=expert").count
    }

    /// One of two masks for a scan, and a mask that was read as a scan, before the table came.
    @Test func aTableThatComesAfterTheMasksPairsThem() async throws {
      let scene = try Scene()
      try drop("p_FLAIR", "p_mask", "p_seg", "q_FLAIR", in: scene)
      try scene.write(Self.plainMask("x1"), at: "\(Self.inbox)/x1.nii.gz")
      let service = try scene.start()
      let held = ["p_mask.nii.gz.HELD.txt", "p_seg.nii.gz.HELD.txt", "x1.nii.gz.HELD.txt"]
      try await scene.wait(for: "the receipts") { receipts(scene) == held }
      #expect(scene.read("\(Self.inbox)/x1.nii.gz.HELD.txt")?.contains("Reason: SWAPPED") == true)

      try write([["p_FLAIR.nii.gz", "p_seg.nii.gz"], ["q_FLAIR.nii.gz", "x1.nii.gz"]], in: scene)
      let left = ["p_mask.nii.gz", "p_mask.nii.gz.HELD.txt", "pairs.tsv"]
      try await scene.wait(for: "both masks") {
        try await experts(scene) == 2 && scene.files(beneath: Self.inbox) == left
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)

      // A start reads the table again, and nothing else because of it.
      let facts = try await scene.ask("dump").text
      #expect(facts.contains("outcome=held reason=PAIR_AMBIGUOUS") && !facts.contains("SWAPPED"))
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await scene.ask("dump").text == facts)
      #expect(scene.files(beneath: Self.inbox) == left)
      #expect(scene.read("log")?.contains("is held") == false)
    }

    @Test func aTableThatComesWhileNobodyListensCountsAtTheStart() async throws {
      let scene = try Scene()
      try drop("p_FLAIR", "p_mask", "p_seg", "q_FLAIR", in: scene)
      try scene.write(Self.plainMask("x1"), at: "\(Self.inbox)/x1.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == 0)
      try write([["p_FLAIR.nii.gz", "p_seg.nii.gz"], ["q_FLAIR.nii.gz", "x1.nii.gz"]], in: scene)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == 2)
      #expect(scene.files(beneath: Self.inbox) == ["p_mask.nii.gz", "p_mask.nii.gz.HELD.txt", "pairs.tsv"])
    }

    /// In small letters and in capitals: to some systems they are one file.
    @Test func twoTablesInOneFolderBothCount() async throws {
      let scene = try Scene()
      try drop("s1_FLAIR", "s2_FLAIR", in: scene)
      for (number, name) in [(1, "pairs.tsv"), (2, "PAIRS.TSV")] {
        try scene.write(Self.plainMask("l\(number)"), at: "\(Self.inbox)/l\(number).nii.gz")
        try scene.write(
          Array("s\(number)_FLAIR.nii.gz\tl\(number).nii.gz\n".utf8), at: "\(Self.inbox)/\(name)")
      }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == 2)
      #expect(scene.files(beneath: Self.inbox) == ["PAIRS.TSV", "pairs.tsv"])
      // One is taken away: the other's words stand.
      let service = try scene.start()
      try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
      #expect(unlink(scene.path("\(Self.inbox)/pairs.tsv").string) == 0)
      try scene.write(Self.plainMask("l2, corrected"), at: "\(Self.inbox)/l2.nii.gz")
      try await scene.wait(for: "the revision") { try await scene.ask("dump").text.contains("revision=2") }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// With the files, or before them: nothing is guessed, and nothing held.
    @Test(arguments: [true, false]) func aTableThatIsThereFirstPairsWhatComes(isAlone: Bool) async throws {
      let scene = try Scene()
      try write(
        [["s_FLAIR.nii.gz", "b1.nii.gz", "Ann"], ["s_FLAIR.nii.gz", "b2.nii.gz", "Bo"], ["sub/t.nii", "a.nii"]],
        in: scene)
      if isAlone { #expect(try await scene.start(once: true).end() == 0) }
      try drop("s_FLAIR", in: scene)
      try scene.write(Scene.image("t"), at: "\(Self.inbox)/sub/t.nii")
      for name in ["b1.nii.gz", "b2.nii.gz", "a.nii"] {
        try scene.write(Self.plainMask(name), at: "\(Self.inbox)/\(name)")
      }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == 2)
      #expect(scene.files(beneath: Self.inbox) == ["pairs.tsv"])
      #expect(scene.shelf("done") == ["a.nii", "b1.nii.gz", "b2.nii.gz", "s_FLAIR.nii.gz", "sub/t.nii"])
      #expect(scene.read("log")?.contains("is held") == false)
    }

    /// Which of two scans a mask belongs to was not clear. The table names a third, which is still to come.
    @Test func aMaskWaitsForTheScanThatATableNames() async throws {
      let scene = try Scene()
      for name in ["a_FLAIR.nii", "a_FLAIR.nii.gz"] {
        try scene.write(Scene.image("scan \(name)"), at: "\(Self.inbox)/\(name)")
      }
      try drop("a_mask", in: scene)
      let service = try scene.start()
      try await scene.wait(for: "the receipt") { receipts(scene) == ["a_mask.nii.gz.HELD.txt"] }
      try write([["c_FLAIR.nii.gz", "a_mask.nii.gz"]], in: scene, heading: false)
      try await scene.wait(for: "nothing to be decided") {
        try await scene.ask("dump").text.contains("outcome=waiting reason=WAITING_PAIR") && receipts(scene) == []
      }
      try drop("c_FLAIR", in: scene)
      let done = ["a_FLAIR.nii", "a_FLAIR.nii.gz", "a_mask.nii.gz", "c_FLAIR.nii.gz"]
      try await scene.wait(for: "the pair") { try await experts(scene) == 1 && scene.shelf("done") == done }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func badLinesAreNamedInOneReceiptAsLongAsThereAreAny() async throws {
      let scene = try Scene()
      let receipt = "\(Self.inbox)/pairs.tsv.HELD.txt"
      try drop("p_FLAIR", in: scene)
      try scene.write(Self.plainMask("x1"), at: "\(Self.inbox)/x1.nii.gz")
      let (escape, spaces, good) = (["../u.nii", "v.nii"], ["u.nii v.nii"], ["p_FLAIR.nii.gz", "x1.nii.gz"])
      try write([escape, spaces, good], in: scene)
      #expect(try await scene.start(once: true).end() == 0)
      let words = scene.read(receipt) ?? ""
      for text in [
        "Reason: PATH_ESCAPE", "(line 2)", "Line 2: a path leads out", "Line 3: there is no tab", "other lines count",
      ] { #expect(words.contains(text), "\(words)") }
      #expect(try await experts(scene) == 1)
      let first = try stamp(of: receipt, in: scene)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try stamp(of: receipt, in: scene) == first)
      #expect(scene.read("log")?.contains("lines that do not count") == false)

      let service = try scene.start()
      try write([spaces, good], in: scene)
      try await scene.wait(for: "the other receipt") {
        scene.read(receipt).map { $0.contains("Line 2: there is no tab") && !$0.contains("PATH_ESCAPE") } == true
      }
      #expect(receipts(scene) == ["pairs.tsv.HELD.txt"])
      try write([good], in: scene)
      try await scene.wait(for: "no receipt") { receipts(scene) == [] }
      try write([escape], in: scene)
      try await scene.wait(for: "a receipt") { receipts(scene) == ["pairs.tsv.HELD.txt"] }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)

      // Its owner takes it away while nobody listens.
      #expect(unlink(scene.path("\(Self.inbox)/pairs.tsv").string) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.files(beneath: Self.inbox) == [])
    }

    /// Another number where the file is another or was written once more.
    private func stamp(of name: String, in scene: Scene) throws -> [Int] {
      var status = stat()
      try #require(lstat(scene.path(name).string, &status) == 0)
      return [Int(status.st_ino), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
    }
  }
}
