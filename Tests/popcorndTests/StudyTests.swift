import Glibc
import Testing

/// Keys that are only for a new study.
@Suite(.serialized) struct StudyTests {
  private func rewrite(_ scene: Scene, _ old: String, _ new: String) throws {
    let configuration = try #require(scene.read("popcornd.toml"))
    try #require(configuration.contains(old))
    try scene.write(Array(configuration.replacing(old, with: new).utf8), at: "popcornd.toml")
  }

  @Test func aStartWithOtherKeysIsRefusedUntilTheyAreSetBack() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    let facts = try await scene.ask("dump").text

    try rewrite(scene, "select_per_step = 3\n", "threshold = 0.4\n")
    #expect(try await scene.start(once: true).end() == 78)
    let words = scene.read("log") ?? ""
    #expect(words.contains("popcorn.threshold: is 0.4, and the study was begun with 0.5"), "\(words)")
    #expect(words.contains("popcornd.toml: popcorn.select_per_step: is 200 by default, and the study was begun with 3"))
    #expect(words.contains("begin a new study"))
    #expect(try await scene.ask("config", "check").status == 78)
    #expect(try await scene.ask("dump").text == facts)

    try rewrite(scene, "threshold = 0.4\n", "select_per_step = 3\n")
    #expect(try await scene.ask("config", "check").status == 0)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("audit", "verify").status == 0)
  }

  /// Nothing was made with them yet.
  @Test func beforeTheFirstScanEverythingMayBeOtherwise() async throws {
    let scene = try Scene()
    #expect(try await scene.start(once: true).end() == 0)
    try rewrite(scene, "select_per_step = 3\n", "select_per_step = 4\n")
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try rewrite(scene, "select_per_step = 4\n", "select_per_step = 3\n")
    #expect(try await scene.start(once: true).end() == 78)
    #expect(scene.read("log")?.contains("is 3, and the study was begun with 4") == true)
  }

  /// A key that the next start would refuse is told at once, where it is changed.
  @Test func aReloadSaysWhatIsOfAnotherStudy() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    let service = try scene.start()
    try await scene.wait(for: "the first case") { scene.read("log")?.contains("is accepted") == true }
    try rewrite(scene, "select_per_step = 3\n", "select_per_step = 3\nwidth = 8\n")
    try rewrite(scene, "threads = 1\n", "threads = 2\n")
    let answer = try await scene.ask("reload")
    #expect(answer.status == 0)
    let words = """
      needs a restart to count: resources.threads; is of another study and has to be set back, or the next start is \
      refused: popcorn.width
      """
    #expect(answer.text.contains(words))
    #expect(scene.read("log")?.contains(words) == true)
    #expect(try await scene.ask("status").text.contains(words))
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
    #expect(try await scene.start(once: true).end() == 78)
  }

  /// Before the first case there is no study yet.
  @Test func beforeTheFirstScanAReloadAsksForARestart() async throws {
    let scene = try Scene()
    let service = try scene.start()
    try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
    try rewrite(scene, "select_per_step = 3\n", "select_per_step = 3\nwidth = 8\n")
    #expect(try await scene.ask("reload").text.contains("needs a restart to count: popcorn.width"))
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }
}
