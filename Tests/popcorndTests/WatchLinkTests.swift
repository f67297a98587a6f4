import Glibc
import Testing

extension ServiceTests {
  /// What popcorn-watch says of an inbox, by a shell in its place.
  @Suite(.serialized) struct WatchLinkTests {
    private func change(_ beginning: String, to line: String, in scene: Scene) throws {
      let configuration = try #require(scene.read("popcornd.toml"))
      let old = try #require(configuration.split(separator: "\n").first { $0.hasPrefix(beginning) })
      try scene.write(Array(configuration.replacing(old, with: line).utf8), at: "popcornd.toml")
    }

    /// Whatever it cannot watch it names before it says that it is ready: that is listed often all the same.
    @Test(arguments: [#"G 0\0R\0"#, #"L 0 unlabeled\0R\0"#, #"X 0 13 unlabeled\0R\0"#])
    func whatIsNotWatchedIsPolled(records: String) async throws {
      let scene = try Scene()
      try scene.write(
        Array("printf '\(records)'\ntouch \(scene.path("told"))\nexec sleep 600\n".utf8), at: "watch.sh")
      try change("rescan = ", to: "rescan = \"1h\"", in: scene)
      try change("watch = \"", to: "watch = \"auto\"", in: scene)
      try change("watch = [", to: "watch = [\"/bin/sh\", \"\(scene.path("watch.sh"))\"]", in: scene)
      let service = try scene.start()
      try await scene.wait(for: "the watcher's words") { scene.read("told") != nil }
      // They make it look once, which must be over.
      try await Task.sleep(for: .seconds(3))
      try scene.write(Scene.image("a"), at: "root/inbox/unlabeled/a_FLAIR.nii.gz")
      try await scene.wait(for: "the scan") { scene.shelf("done") == ["a_FLAIR.nii.gz"] }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }
  }
}
