import Glibc
import Testing

/// Generations come and go in a running service.
@Suite(.serialized) struct RetentionTests {
  /// Weights in the state, by generation, as the ledger's digests name them.
  private func weights(_ scene: Scene) -> Int {
    scene.files(beneath: "state/store").count { $0.hasSuffix(".safetensors") }
  }

  private func models(_ scene: Scene) -> [String] {
    scene.files(beneath: "root/outbox/models").filter { $0.hasSuffix(".safetensors") }
  }

  /// Files of the store that are in none of the ledger's final facts: of masks those have the newest alone.
  private func strays(_ scene: Scene) async throws -> [String] {
    let facts = try await scene.ask("dump").text
    return scene.files(beneath: "state/store").compactMap { path in
      path.split(separator: "/").last.map { String($0.prefix(64)) }
    }.filter { !facts.contains($0) }
  }

  /// Drops more scans and lets the service work until nothing is left to do.
  private func round(_ number: Int, _ scene: Scene, fault: String? = nil) async throws -> Int32 {
    for scan in 1...4 {
      try scene.write(Scene.image("R\(number)-\(scan)"), at: "root/inbox/unlabeled/r\(number)s\(scan)_FLAIR.nii.gz")
    }
    return try await scene.start(once: true, fault: fault).end()
  }

  @Test func whatIsNotToBeKeptGoesFromStateAndOutbox() async throws {
    let scene = try Scene()
    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(
      Array(configuration.replacing("[output]\n", with: "[output]\nkeep_generations = 1\n").utf8), at: "popcornd.toml")
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    for number in 1...2 { #expect(try await round(number, scene) == 0) }
    let last = models(scene).last?.dropFirst("popcorn_gen-".count).prefix(4)
    let newest = try #require(last.flatMap { Int($0) })
    #expect(newest >= 3)
    #expect(models(scene).count == 2)
    // Weights and Adam's state of each.
    #expect(weights(scene) == 4)
    #expect(try await scene.ask("models", "list").text.contains("not kept"))
    let log = scene.read("log") ?? ""
    #expect(log.contains("no longer kept"))

    // Of cycles that are over nothing is left but what the pool is measured with, and what was ordered.
    let train = scene.files(beneath: "state/train")
    #expect(Set(train.compactMap { $0.split(separator: "/").first }).count == 2)
    #expect(
      Set(train.compactMap { $0.split(separator: "/").dropFirst().first.map { String($0) } }) == [
        "cycle.json", "latents",
      ])
    // Every mask in the outbox cites a generation that is there.
    let kept = models(scene).compactMap { Int($0.dropFirst("popcorn_gen-".count).prefix(4)) }
    let sidecars = scene.files(beneath: "root/outbox").filter { $0.hasSuffix("_mask.json") && !$0.contains("expert") }
    #expect(sidecars.contains { $0.contains("Gen000") })
    for name in sidecars {
      let text = scene.read("root/outbox/\(name)") ?? ""
      #expect(kept.contains { text.contains("\"Generation\": \($0),") }, "\(name)")
    }
    #expect(try await scene.ask("audit", "verify").status == 0)
    let audit = try await scene.ask("audit", "tail", "-n", "10000").text
    #expect(audit.contains("generation_retired") && audit.contains("masks_retired"))
  }

  /// Killed after it was written what goes and before anything went: the next start removes it.
  @Test func whatAKillLeftIsRemovedAtTheNextStart() async throws {
    let scene = try Scene()
    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(
      Array(configuration.replacing("[output]\n", with: "[output]\nkeep_generations = 0\n").utf8), at: "popcornd.toml")
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    var wasKilled = false
    for passage in 1...2 where !wasKilled {
      wasKilled = try await round(passage, scene, fault: "crash@retire") == -SIGKILL
    }
    #expect(wasKilled)
    #expect(try await !strays(scene).isEmpty)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await strays(scene) == [])
    #expect(models(scene).count == 1)
    #expect(weights(scene) == 2)
    #expect(try await scene.ask("audit", "verify").status == 0)
  }
}
