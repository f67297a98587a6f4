import Contract
import Files
import Glibc
import Processes
import SystemPackage
import Testing

/// What operators have the service do, and what they are told.
@Suite(.serialized) struct ControlTests {
  private func end(_ service: Running) async throws {
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  /// Its clients would come to the newcomer.
  @Test func aSocketIsNotTakenFromWhoListensThere() throws {
    let folder = try Scene().path("run")
    try Scene.make(folder)
    let path = folder.appending("control.sock")
    let first = try LocalSocket.listen(at: path, permissions: 0o600)
    let fault = #expect(throws: FileFault.self) { try LocalSocket.listen(at: path, permissions: 0o600) }
    #expect(fault?.errno == .addressInUse)
    #expect(LocalSocket.connect(to: path).map { try? $0.close() } != nil)
    // A service that was killed leaves its socket behind.
    try first.close()
    #expect(access(path.string, F_OK) == 0)
    try LocalSocket.listen(at: path, permissions: 0o600).close()
  }

  @Test func trainNowLiftsAPauseInsideOfACycleToo() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    let service = try scene.start(steps: 20_000)
    try await scene.wait(.seconds(120), for: "a cycle") { try await scene.status().cycle?.progress != nil }
    #expect(try await scene.ask("train", "now").text.contains("running already"))
    #expect(try await scene.ask("train", "pause").status == 0)
    #expect(try await scene.status().paused)
    let answer = try await scene.ask("train", "now")
    #expect(answer.status == 0 && answer.text.contains("goes on"), "\(answer)")
    #expect(try await !scene.status().paused)
    #expect(try await scene.ask("train", "resume").status == 0)
    try await end(service)
    let records = try await scene.ask("audit", "tail", "-n", "200").text
    let commands = records.split(separator: "\n").filter { $0.contains("command_given") }
      .map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
    #expect(commands == ["train now", "train pause", "train now", "train resume"])
  }

  /// A service with a labeled scan whose mask has not come, once its case is in `state`.
  private func labeledScanAlone(
    _ state: String, pairTimeout: String
  ) async throws -> (scene: Scene, service: Running, id: String) {
    let scene = try Scene(pairTimeout: pairTimeout)
    try scene.write(Scene.image("a"), at: "root/inbox/labeled/a_FLAIR.nii.gz")
    let service = try scene.start()
    try await scene.wait(.seconds(120), for: "the scan \(state)") { try await scene.status().cases[state] == 1 }
    let list = try await scene.ask("case", "list", "--no-legend").text
    return (scene, service, try #require(list.split(separator: " ").first.map(String.init)))
  }

  /// Who holds a labeled scan that waits for its mask does not say that it is one without.
  @Test func aScanThatWaitedForItsMaskWaitsAgain() async throws {
    let (scene, service, id) = try await labeledScanAlone("waiting", pairTimeout: "1h")
    for verb in ["retry", "release"] {
      #expect(try await scene.ask("hold", id).status == 0)
      #expect(try await scene.status().cases["held"] == 1)
      #expect(try await scene.ask(verb, id).status == 0)
      #expect(try await scene.status().cases["waiting"] == 1)
    }
    try scene.write(Scene.image("mask of a"), at: "root/inbox/labeled/a_mask.nii.gz")
    try await scene.wait(.seconds(120), for: "its mask") { try await scene.status().cases["expert"] == 1 }
    try await end(service)
  }

  @Test func aMaskThatHasNotComeComesOfNoRetry() async throws {
    let (scene, service, id) = try await labeledScanAlone("held", pairTimeout: "1s")
    let answer = try await scene.ask("retry", id)
    #expect(answer.status == ExitCode.failure.rawValue && answer.text.contains("has not come"))
    #expect(try await scene.status().cases["held"] == 1)
    #expect(try await scene.ask("release", id).status == 0)
    #expect(try await scene.status().cases["accepted"] == 1)
    try await end(service)
  }

  /// A share that hangs when its path is followed: the start waits for it ten seconds, and a reload not at all.
  @Test func aShareThatHangsKeepsNobodyFromStarting() async throws {
    let scene = try Scene()
    try scene.write(Scene.image("a"), at: "root/inbox/unlabeled/a_FLAIR.nii.gz")
    let service = try scene.start(fault: "hang@follow")
    try await scene.wait(.seconds(120), for: "the scan") { try await scene.status().cases["accepted"] == 1 }
    #expect(try await scene.ask("reload").status == 0)
    try await end(service)
  }

  /// What cannot be written is told where somebody looks.
  @Test func pagesAndTablesThatAreOldAreTold() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    let (table, pages) = (scene.path("root/outbox/lesions.tsv"), scene.path("root/status"))
    try scene.write(Array("edited".utf8), at: "root/outbox/lesions.tsv")
    try #require(rename(pages.string, scene.path("root/aside").string) == 0)
    try scene.write([], at: "root/status")
    let service = try scene.start()
    try scene.write(Scene.image("another"), at: "root/inbox/unlabeled/another_FLAIR.nii.gz")
    try await scene.wait(.seconds(120), for: "both told") {
      let trouble = try await scene.status().trouble
      return trouble.contains { $0.contains("lesions.tsv") } && trouble.contains { $0.contains("status pages") }
    }
    #expect(scene.read("root/outbox/lesions.tsv") == "edited")
    try #require(unlink(table.string) == 0 && unlink(pages.string) == 0)
    try #require(rename(scene.path("root/aside").string, pages.string) == 0)
    try scene.write(Scene.image("a third"), at: "root/inbox/unlabeled/third_FLAIR.nii.gz")
    try await scene.wait(.seconds(120), for: "both mended") { try await scene.status().trouble.isEmpty }
    #expect(scene.read("root/outbox/lesions.tsv")?.contains("\t") == true)
    try await end(service)
  }
}
