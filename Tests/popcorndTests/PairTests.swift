import Files
import Glibc
import Testing

extension ServiceTests {
  /// `.hdr` and `.img`: two files, one image.
  @Suite(.serialized) struct PairTests {
    private static let length = 300

    private static func header(_ voxels: String, more: String = "") -> [UInt8] {
      Array("{\"voxels\":\"\(voxels)\",\"size\":[9,9,9],\"pair\":true,\"length\":\(length)\(more)}\n".utf8)
    }

    private static let voxels = [UInt8](repeating: 7, count: length)

    /// The ledger's words about the file with these bytes.
    private func fact(_ bytes: [UInt8], in scene: Scene) async throws -> String? {
      let digest = Digest(of: bytes).description
      let line = try await scene.ask("dump").text.split(separator: "\n").first { $0.hasPrefix("file \(digest) ") }
      return line.flatMap { $0.dropFirst("file \(digest) ".count).split(separator: " case=").first.map { String($0) } }
    }

    @Test func aPairIsTakenInWhateverOrderItComes() async throws {
      let scene = try Scene()
      let service = try scene.start()
      try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
      let inbox = "root/inbox/unlabeled"
      for (name, first) in [("a_FLAIR", "hdr"), ("b_FLAIR", "img"), ("c_FLAIR", "both")] {
        if first != "img" { try scene.write(Self.header(name), at: "\(inbox)/\(name).hdr") }
        if first != "hdr" { try scene.write(Self.voxels, at: "\(inbox)/\(name).img") }
      }
      try await Task.sleep(for: .seconds(1))
      try scene.write(Self.voxels, at: "\(inbox)/a_FLAIR.img")
      try scene.write(Self.header("b_FLAIR"), at: "\(inbox)/b_FLAIR.hdr")
      try await scene.wait(for: "six files") { scene.shelf("done").count == 6 }
      let expected = ["a_FLAIR", "b_FLAIR", "c_FLAIR"]
      #expect(scene.shelf("done") == expected.flatMap { ["\($0).hdr", "\($0).img"] })
      try await scene.wait(for: "receipts") { scene.shelf("done", receipts: true).count == 3 }
      #expect(scene.shelf("done", receipts: true) == expected.map { "\($0).hdr.ACCEPTED.txt" })
      #expect(scene.files(beneath: inbox) == [])
      #expect(try await fact(Self.header("a_FLAIR"), in: scene) == "role=scan outcome=accepted reason=-")
      #expect(try await fact(Self.voxels, in: scene) == "role=scan outcome=accepted reason=-")

      // Another pair of the same name: both halves get the same new one.
      try scene.write(Self.header("other"), at: "\(inbox)/a_FLAIR.hdr")
      try scene.write(Self.voxels, at: "\(inbox)/a_FLAIR.img")
      try await scene.wait(for: "the other pair") { scene.shelf("done").count == 8 }
      #expect(scene.shelf("done").filter { $0.contains(".2.") } == ["a_FLAIR.2.hdr", "a_FLAIR.2.img"])
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func halfAPairIsHeldAndTakenWhenTheOtherHalfComes() async throws {
      let scene = try Scene(pairTimeout: "2s")
      let service = try scene.start()
      for name in ["lone_FLAIR.hdr", "headless_FLAIR.img"] {
        let bytes = name.hasSuffix("hdr") ? Self.header("lone") : Self.voxels
        try scene.write(bytes, at: "root/inbox/unlabeled/\(name)")
      }
      let receipts = ["headless_FLAIR.img.HELD.txt", "lone_FLAIR.hdr.HELD.txt"]
      try await scene.wait(for: "the receipts") {
        scene.files(beneath: "root/inbox/unlabeled").filter { $0.hasSuffix(".txt") } == receipts
      }
      let words = try #require(scene.read("root/inbox/unlabeled/lone_FLAIR.hdr.HELD.txt"))
      #expect(words.contains("Reason: PAIR_HALF") && words.contains("the .img file (waited for 2s)"))
      #expect(scene.shelf("done") == [])
      service.send(SIGTERM)
      #expect(try await service.end() == 0)

      // Also after a start.
      try scene.write(Self.voxels, at: "root/inbox/unlabeled/lone_FLAIR.img")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.shelf("done") == ["lone_FLAIR.hdr", "lone_FLAIR.img"])
      #expect(try await fact(Self.header("lone"), in: scene) == "role=scan outcome=accepted reason=-")
    }

    @Test func aPairThatNeverBecomesWholeIsRejectedWithBothDigests() async throws {
      let scene = try Scene()
      let service = try scene.start()
      let cut = Array(Self.voxels.dropLast(100))
      try scene.write(Self.header("cut"), at: "root/inbox/unlabeled/cut_FLAIR.hdr")
      try scene.write(cut, at: "root/inbox/unlabeled/cut_FLAIR.img")
      try await scene.wait(for: "the rejection") {
        scene.shelf("rejected") == ["cut_FLAIR.hdr", "cut_FLAIR.img"]
          && scene.shelf("rejected", receipts: true) == ["cut_FLAIR.hdr.REJECTED.txt"]
      }
      let receipt = try #require(scene.files(beneath: "root/rejected").first { $0.hasSuffix(".txt") })
      let words = try #require(scene.read("root/rejected/\(receipt)"))
      #expect(
        words.contains("Reason: TRUNCATED") && words.contains("200 B of 300 B") && words.contains("cut_FLAIR.img"))
      for bytes in [Self.header("cut"), cut] {
        #expect(try await fact(bytes, in: scene) == "role=scan outcome=rejected reason=TRUNCATED")
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func aMaskThatIsAPairFindsItsScan() async throws {
      let scene = try Scene(afterAccept: "keep")
      for (name, bytes) in [("p_mask", Self.header("mask")), ("p_brainmask", Self.header("brain"))] {
        try scene.write(bytes, at: "root/inbox/labeled/\(name).hdr")
        try scene.write(Self.voxels, at: "root/inbox/labeled/\(name).img")
      }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await fact(Self.header("mask"), in: scene) == "role=label outcome=waiting reason=WAITING_PAIR")
      #expect(scene.read("root/status/STATUS.txt")?.contains("files that wait for another    4") == true)
      try scene.write(Self.header("scan"), at: "root/inbox/labeled/p_FLAIR.hdr")
      try scene.write(Self.voxels, at: "root/inbox/labeled/p_FLAIR.img")
      #expect(try await scene.start(once: true).end() == 0)
      let dump = try await scene.ask("dump").text
      #expect(dump.contains("state=expert") && !dump.contains("brain=-") && !dump.contains("waiting"))
      // Nothing is taken once more.
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await scene.ask("dump").text == dump)
    }

    @Test func aHeldPairIsReleasedByMovingBothFiles() async throws {
      let scene = try Scene()
      let names = ["h_FLAIR.hdr", "h_FLAIR.img"]
      try scene.write(Self.header("h", more: ",\"hold\":\"FOV\""), at: "root/inbox/unlabeled/h_FLAIR.hdr")
      try scene.write(Self.voxels, at: "root/inbox/unlabeled/h_FLAIR.img")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.files(beneath: "root/inbox/unlabeled") == [names[0], "h_FLAIR.hdr.HELD.txt", names[1]])
      for name in names {
        let (from, to) = (scene.path("root/inbox/unlabeled/\(name)"), scene.path("root/inbox/release/\(name)"))
        #expect(rename(from.string, to.string) == 0)
      }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.shelf("done") == names)
      #expect(try await !scene.ask("dump").text.contains("outcome=held"))
    }

    /// The end between any two of the steps leaves nothing half done.
    @Test(arguments: ["copy", "commit", "commit:2", "rename", "rename:2", "rename:3", "receipt", "receipt:2"])
    func aCrashLeavesNoHalf(fault: String) async throws {
      let scene = try Scene()
      for name in ["x_FLAIR.hdr", "x_FLAIR.img"] {
        try scene.write(Array("older".utf8), at: "root/done/\(try month(scene))/\(name)")
        try scene.write(name.hasSuffix("hdr") ? Self.header("x") : Self.voxels, at: "root/inbox/unlabeled/\(name)")
      }
      #expect(try await scene.start(once: true, fault: "crash@\(fault)").end() == -SIGKILL)
      #expect(try await scene.start(once: true).end() == 0)
      let found = scene.shelf("done").filter { $0.hasPrefix("x_") }
      #expect(found == ["x_FLAIR.2.hdr", "x_FLAIR.2.img", "x_FLAIR.hdr", "x_FLAIR.img"])
      #expect(scene.shelf("done", receipts: true) == ["x_FLAIR.2.hdr.ACCEPTED.txt"])
      #expect(scene.files(beneath: "root/inbox/unlabeled") == [])
    }

    private func month(_ scene: Scene) throws -> String {
      var now = time(nil)
      var parts = tm()
      gmtime_r(&now, &parts)
      let month = Int(parts.tm_mon) + 1
      return "\(Int(parts.tm_year) + 1900)-\(month < 10 ? "0" : "")\(month)"
    }
  }
}
