import Glibc
import Testing

extension ServiceTests {
  /// Files that come again as they were: by a nightly copy, or through another mount.
  @Suite(.serialized) struct SentAgainTests {
    /// The masks of the one labeled case, oldest revision first.
    private func masks(_ scene: Scene) async throws -> [String] {
      let lines = try await scene.ask("dump").text.split(separator: "\n").filter { $0.hasPrefix("label ") }
      return lines.map { line in
        let words = line.split(separator: " ")
        return (words.first { $0.hasPrefix("revision=") } ?? "", words.first { $0.hasPrefix("mask=") } ?? "")
      }.sorted { $0.0 < $1.0 }.map { String($0.1) }
    }

    /// Under a new inode and time, as a copy makes it.
    private func send(_ voxels: String, to name: String, _ scene: Scene) throws {
      try scene.write(Scene.image(voxels), at: "drop/sent")
      #expect(rename(scene.path("drop/sent").string, scene.path(name).string) == 0)
    }

    @Test func anOldMaskReplacesNoCorrectionUnlessItIsReleased() async throws {
      let scene = try Scene()
      let mask = "root/inbox/labeled/p_mask.nii.gz"
      try scene.write(Scene.image("scan"), at: "root/inbox/labeled/p_FLAIR.nii.gz")
      for voxels in ["first", "second", "first"] {
        try send(voxels, to: mask, scene)
        #expect(try await scene.start(once: true).end() == 0)
      }
      let before = try await masks(scene)
      #expect(before.count == 2)
      let known = scene.files(beneath: "root/duplicates")
      try #require(known.count == 2 && known[0].hasSuffix("/p_mask.nii.gz"))
      let words = scene.read("root/duplicates/\(known[1])") ?? ""
      #expect(words.contains("revision 1") && words.contains("Revision 2 is newer and counts"), "\(words)")
      #expect(words.contains("move it into inbox/release/"), "\(words)")

      #expect(
        rename(
          scene.path("root/duplicates/\(known[0])").string, scene.path("root/inbox/release/p_mask.nii.gz").string) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await masks(scene) == before + [before[0]])
    }

    /// A tree that is kept costs nothing when it is sent again, or is seen under other numbers.
    @Test func whatIsSeenAgainGetsNoReceiptOnceMore() async throws {
      let scene = try Scene(afterAccept: "keep")
      let (scan, mask) = ("root/inbox/labeled/p_FLAIR.nii.gz", "root/inbox/labeled/p_mask.nii.gz")
      try send("scan", to: scan, scene)
      try send("first", to: mask, scene)
      #expect(try await scene.start(once: true).end() == 0)
      let facts = try await scene.ask("dump").text
      let files = scene.files(beneath: "root/inbox/labeled")
      for _ in 0..<2 {
        try send("scan", to: scan, scene)
        try send("first", to: mask, scene)
        #expect(try await scene.start(once: true).end() == 0)
        #expect(try await scene.ask("dump").text == facts)
        #expect(scene.files(beneath: "root/inbox/labeled") == files)
      }

      for voxels in ["second", "first"] {
        try send(voxels, to: mask, scene)
        #expect(try await scene.start(once: true).end() == 0)
      }
      let before = try await masks(scene)
      #expect(before.count == 2)
      #expect(scene.read("\(mask).DUPLICATE.txt")?.contains("Revision 2 is newer and counts") == true)
      // The file itself, and a copy of the other.
      #expect(rename(scene.path(mask).string, scene.path("root/inbox/release/p_mask.nii.gz").string) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await masks(scene) == before + [before[0]])
      try send("second", to: "root/inbox/release/again_mask.nii.gz", scene)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await masks(scene) == before + before)
    }

    /// The first that comes again is put away with word of it; those after it stay, so that the copy has an end.
    @Test func aFileThatIsSentEveryNightIsPutAwayOnce() async throws {
      let scene = try Scene()
      for _ in 1...4 {
        try send("scan", to: "root/inbox/unlabeled/s_FLAIR.nii.gz", scene)
        #expect(try await scene.start(once: true).end() == 0)
      }
      #expect(scene.shelf("done") == ["s_FLAIR.nii.gz"])
      #expect(scene.shelf("duplicates") == ["s_FLAIR.nii.gz"])
      #expect(scene.shelf("duplicates", receipts: true) == ["s_FLAIR.nii.gz.DUPLICATE.txt"])
      #expect(scene.files(beneath: "root/inbox/unlabeled") == ["s_FLAIR.nii.gz"])
      #expect(try await scene.ask("dump").text.split(separator: "\n").count { $0.hasPrefix("case ") } == 1)
      #expect(try await scene.ask("audit", "verify").status == 0)
    }
  }
}
