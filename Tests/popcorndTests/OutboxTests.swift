import Glibc
import Testing

extension ServiceTests {
  /// The folder of results is not what it was.
  @Suite(.serialized) struct OutboxTests {
    private func masks(_ scene: Scene) -> [String] {
      scene.files(beneath: "root/outbox").filter { $0.hasSuffix("_mask.nii.gz") && !$0.contains("Gen000") }
    }

    private func isComplete(_ scene: Scene, _ count: Int) -> Bool {
      let files = scene.files(beneath: "root/outbox")
      return masks(scene).count == count
        && ["README", "lesions.tsv", "models/CURRENT"].allSatisfy { files.contains($0) }
    }

    private func setAside(_ scene: Scene, _ number: Int) {
      #expect(rename(scene.path("root/outbox").string, scene.path("aside\(number)").string) == 0)
    }

    /// It is moved away and made anew, while the service runs and while it does not.
    @Test func anotherFolderAtItsPlaceGetsEverything() async throws {
      let scene = try Scene()
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      #expect(isComplete(scene, 10))
      let service = try scene.start()
      try await scene.wait(for: "the start") { scene.read("log")?.contains("serves study") == true }

      setAside(scene, 1)
      try scene.write(Scene.image("N1"), at: "root/inbox/unlabeled/new1_FLAIR.nii.gz")
      try await scene.wait(for: "word of it") {
        try await scene.ask("status").text.contains("the outbox cannot be used")
      }
      #expect(mkdir(scene.path("root/outbox").string, 0o755) == 0)
      try scene.write(Scene.image("N2"), at: "root/inbox/unlabeled/new2_FLAIR.nii.gz")
      try await scene.wait(.seconds(60), for: "all masks, old and new") { isComplete(scene, 12) }
      try await scene.wait(for: "word that all is well") {
        try await !scene.ask("status").text.contains("the outbox cannot be used")
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
      let facts = try await scene.ask("dump").text

      setAside(scene, 2)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(isComplete(scene, 12))
      #expect(try await scene.ask("dump").text == facts)
      #expect(try await scene.ask("audit", "verify").status == 0)
    }

    @Test func whatAPersonChangedStaysAndIsCounted() async throws {
      let scene = try Scene()
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      for mask in masks(scene) where mask.contains("desc-expert") {
        try scene.write(Array("edited".utf8), at: "root/outbox/\(mask)")
      }
      try scene.write(Scene.image("M1 corrected"), at: "root/inbox/labeled/lab1_mask.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.read("log")?.contains("has revision 2 of its expert mask") == true)
      #expect(scene.read("log")?.contains("was edited in the outbox and is left alone") == true)
      // The one that was to be replaced is known: nobody reads the others.
      let words = "1 files of cases in the outbox were changed by somebody"
      try await scene.wait(for: "word of it") { scene.read("root/status/STATUS.txt")?.contains(words) == true }
      let edited = masks(scene).filter { $0.contains("desc-expert") }
      #expect(edited.count == 4 && edited.allSatisfy { scene.read("root/outbox/\($0)") == "edited" })
    }

    /// INTAKE 161: noticed, said and in the chain; not made again before there is a newer one.
    @Test func whatAPersonRemovedStaysAway() async throws {
      let scene = try Scene()
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      let removed = try #require(masks(scene).first { $0.contains("desc-expert") })
      #expect(unlink(scene.path("root/outbox/\(removed)").string) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.read("log")?.contains("was removed from the outbox") == true)
      #expect(!masks(scene).contains(removed))
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.read("log")?.contains("was removed from the outbox") == false)
      #expect(!masks(scene).contains(removed))
      let audit = try await scene.ask("audit", "tail", "-n", "10000").text
      #expect(audit.ranges(of: "output_missing").count == 1)
      #expect(try await scene.ask("audit", "verify").status == 0)
    }
  }
}
