import Glibc
import Testing

extension ServiceTests {
  /// Files that waited or were held and are not there any more, or not as they were: nobody waits for them.
  @Suite(.serialized) struct SupersededTests {
    private let labeled = "root/inbox/labeled"
    private let unlabeled = "root/inbox/unlabeled"

    private func start(_ scene: Scene) async throws {
      #expect(try await scene.start(once: true).end() == 0)
    }

    private func countOfWaiting(_ scene: Scene) throws -> String {
      let status = try #require(scene.read("root/status/STATUS.txt"))
      let line = try #require(status.split(separator: "\n").first { $0.contains("files that wait for another") })
      return String(line.split(separator: " ").last ?? "")
    }

    private func countOfHeld(_ scene: Scene) throws -> Double? {
      Exposition(try #require(scene.read("metrics/popcornd.prom")))
        .value("popcornd_inbox_files", ["inbox": "0", "state": "held"])
    }

    private func makeMetrics(_ scene: Scene) throws {
      try Scene.make(scene.path("metrics"))
      let configuration = try #require(scene.read("popcornd.toml"))
      let more = "\n[metrics]\ntextfile_directory = \"\(scene.path("metrics"))\"\n"
      try scene.write(Array((configuration + more).utf8), at: "popcornd.toml")
    }

    @Test func aMaskThatIsSavedAnewBeforeItsScanComesWaitsOnce() async throws {
      let scene = try Scene()
      for voxels in ["first", "the second"] {
        try scene.write(Scene.image(voxels), at: "\(labeled)/m_mask.nii.gz")
        try await start(scene)
        #expect(try countOfWaiting(scene) == "1")
      }
      try scene.write(Scene.image("scan"), at: "\(labeled)/m_FLAIR.nii.gz")
      try await start(scene)
      #expect(try await scene.ask("dump").text.contains("state=expert"))
      #expect(try countOfWaiting(scene) == "0")
      // When its time is over nothing is left that could be held.
      let configuration = try #require(scene.read("popcornd.toml"))
      try scene.write(
        Array(configuration.replacing("pair_timeout = \"1d\"", with: "pair_timeout = \"1s\"").utf8), at: "popcornd.toml"
      )
      try await Task.sleep(for: .seconds(2))
      try await start(scene)
      #expect(scene.read("log")?.contains("its scan did not come") == false)
      #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
    }

    @Test func aMaskThatIsTakenAwayWaitsNoMore() async throws {
      let scene = try Scene()
      try scene.write(Scene.image("mask"), at: "\(labeled)/m_mask.nii.gz")
      try await start(scene)
      #expect(try countOfWaiting(scene) == "1")
      #expect(unlink(scene.path("\(labeled)/m_mask.nii.gz").string) == 0)
      try await start(scene)
      #expect(try countOfWaiting(scene) == "0")
    }

    @Test func whatIsCorrectedInPlaceOrTakenAwayIsHeldNoMore() async throws {
      let scene = try Scene()
      try makeMetrics(scene)
      for name in ["a", "b"] {
        try scene.write(Scene.image(name, more: ",\"hold\":\"FOV\""), at: "\(unlabeled)/\(name)_FLAIR.nii.gz")
      }
      try await start(scene)
      #expect(try countOfHeld(scene) == 2)
      try scene.write(Scene.image("a"), at: "\(unlabeled)/a_FLAIR.nii.gz")
      let places = [scene.path("\(unlabeled)/b_FLAIR.nii.gz").string, scene.path("drop/b_FLAIR.nii.gz").string]
      #expect(rename(places[0], places[1]) == 0)
      try await start(scene)
      #expect(try countOfHeld(scene) == 0 && scene.shelf("done") == ["a_FLAIR.nii.gz"])
      // The very same is back: it waits for a person as it did, and says so once.
      #expect(rename(places[1], places[0]) == 0)
      try await start(scene)
      #expect(try countOfHeld(scene) == 1)
      #expect(scene.files(beneath: unlabeled) == ["b_FLAIR.nii.gz", "b_FLAIR.nii.gz.HELD.txt"])
    }

    /// A listing finds it gone from where it was held before it is taken from where it was moved to.
    @Test func whatIsReleasedIsKnownByWhereItWasHeld() async throws {
      let scene = try Scene()
      try makeMetrics(scene)
      try scene.write(Scene.image("h", more: ",\"hold\":\"FOV\""), at: "\(labeled)/h_FLAIR.nii.gz")
      try await start(scene)
      let released = "root/inbox/release/h_FLAIR.nii.gz"
      #expect(rename(scene.path("\(labeled)/h_FLAIR.nii.gz").string, scene.path(released).string) == 0)
      try await start(scene)
      #expect(try countOfHeld(scene) == 0)
      let dump = try await scene.ask("dump").text
      // A case of labeled/ waits for its mask.
      #expect(dump.contains("state=waiting") && !dump.contains("outcome=held"), "\(dump)")
      #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
    }
  }
}
