import Glibc
import Testing

extension ServiceTests {
  /// Names are free again once their files were put away: the next patient's files may be called as the last one's were.
  @Suite(.serialized) struct UsedNameTests {
    private let scan = "root/inbox/labeled/FLAIR.nii.gz"
    private let mask = "root/inbox/labeled/FLAIR-label.nii.gz"

    /// The case that a receipt on the shelf names.
    private func owner(of name: String, in scene: Scene) -> String? {
      let receipt = scene.files(beneath: "root/done").first { $0.hasSuffix("/\(name).ACCEPTED.txt") }
      let words = receipt.flatMap { scene.read("root/done/\($0)") } ?? ""
      return words.split(separator: "\n").first { $0.hasPrefix("Case: ") }.map { String($0.dropFirst(6)) }
    }

    /// The cases with expert masks, each as often as it has one.
    private func experts(_ scene: Scene) async throws -> [String] {
      try await scene.ask("dump").text.split(separator: "\n").filter { $0.hasPrefix("label ") }
        .map { String($0.split(separator: " ")[1]) }
    }

    private func takeFirstScan(_ scene: Scene) async throws {
      try scene.write(Scene.image("scan of the first"), at: scan)
      #expect(try await scene.start(once: true).end() == 0)
      try #require(owner(of: "FLAIR.nii.gz", in: scene) != nil)
    }

    /// It is read while the scan beside it has not all its bytes, as in a copy of both.
    @Test func aMaskWaitsForTheScanThatIsStillBeingCopied() async throws {
      let scene = try Scene()
      try await takeFirstScan(scene)
      let whole = Scene.image("scan of the second", length: 5000)
      try scene.write(Array(whole.prefix(3000)), at: scan)
      try scene.write(Scene.image("mask of the second"), at: mask)
      let service = try scene.start()
      try await scene.wait(for: "the mask that waits") {
        try await scene.ask("dump").text.contains("role=label outcome=waiting reason=WAITING_PAIR")
      }
      #expect(try await experts(scene) == [])
      try scene.write(whole, at: scan)
      try await scene.wait(for: "the mask") { owner(of: "FLAIR-label.nii.gz", in: scene) != nil }
      let second = try #require(owner(of: "FLAIR.2.nii.gz", in: scene))
      #expect(try await experts(scene) == [second])
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// The mask's name comes before the scan's.
    @Test func filesThatComeTogetherBelongTogether() async throws {
      let scene = try Scene()
      try await takeFirstScan(scene)
      try scene.write(Scene.image("scan of the second"), at: scan)
      try scene.write(Scene.image("mask of the second"), at: mask)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == [try #require(owner(of: "FLAIR.2.nii.gz", in: scene))])
      #expect(scene.read("log")?.contains("A file waits") == false)
    }

    /// A scan that comes again as it was is no news; a mask that waited to hear of it is to be taken all the same.
    @Test func aMaskFindsTheScanThatIsSentAgainWithIt() async throws {
      let scene = try Scene(afterAccept: "keep")
      let whole = Scene.image("scan", length: 5000)
      try scene.write(whole, at: scan)
      try scene.write(Scene.image("mask"), at: mask)
      #expect(try await scene.start(once: true).end() == 0)
      try scene.write(Array(whole.prefix(3000)), at: scan)
      try scene.write(Scene.image("mask, corrected"), at: mask)
      let service = try scene.start()
      try await scene.wait(for: "the mask that waits") {
        try await scene.ask("dump").text.contains("role=label outcome=waiting reason=WAITING_PAIR")
      }
      try scene.write(whole, at: scan)
      try await scene.wait(for: "the revision") { try await experts(scene).count == 2 }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// An inode is another file's once its own is gone.
    @Test func aReleasedFileIsNotTakenForAnotherOfTheSameInode() async throws {
      let scene = try Scene()
      for name in ["p", "q"] { try scene.write(Scene.image(name), at: "root/inbox/labeled/\(name)_FLAIR.nii.gz") }
      try scene.write(
        Scene.image("p", length: 500, more: ",\"hold as label\":\"LABEL_SOFT\""), at: "root/inbox/labeled/p_mask.nii.gz"
      )
      #expect(try await scene.start(once: true).end() == 0)
      // As long, in the same inode, which stands in for one that the file system gave away again.
      let (held, released) = ("root/inbox/labeled/p_mask.nii.gz", "root/inbox/release/q_mask.nii.gz")
      try scene.write(Scene.image("q", length: 500), at: held)
      #expect(rename(scene.path(held).string, scene.path(released).string) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try await experts(scene) == [])
      #expect(scene.files(beneath: "root/inbox/release") == ["q_mask.nii.gz"])
    }
  }
}
