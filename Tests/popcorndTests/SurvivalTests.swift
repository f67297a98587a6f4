import Glibc
import SystemPackage
import Testing

/// What is wrong with the service's own disk, model or order of arrival is held against no scan.
@Suite(.serialized) struct SurvivalTests {
  private func spoilSecondModel(in scene: Scene) throws {
    let models = scene.files(beneath: "root/outbox/models").filter { $0.hasSuffix(".safetensors") }
    try #require(models.count == 2)
    let sums = try #require(scene.read("root/outbox/models/\(models[1])"))
    let stored = try #require(
      scene.files(beneath: "state/store").first { scene.read("state/store/\($0)") == sums })
    #expect(chmod(scene.path("state/store/\(stored)").string, 0o600) == 0)
    try scene.write(Array("rot".utf8), at: "state/store/\(stored)")
  }

  @Test func aBrainMaskReleasesTheScanThatWasHeldForWantOfOne() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.write(Scene.image("head"), at: "root/inbox/unlabeled/native_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.cases(in: "held") == 1)
    #expect(scene.shelf("done", receipts: true).contains("native_FLAIR.nii.gz.HELD.txt"))
    try scene.write(Scene.image("its brain"), at: "root/inbox/unlabeled/native_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.cases(in: "held") == 0)
    #expect(!scene.shelf("done", receipts: true).contains("native_FLAIR.nii.gz.HELD.txt"))
    let outbox = scene.files(beneath: "root/outbox")
    #expect(outbox.count { $0.hasSuffix("_mask.nii.gz") && !$0.contains("Gen000") } == 11)
  }

  @Test func aScanThatComesWithItsBrainMaskIsNotHeld() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try scene.write(Scene.image("head"), at: "root/inbox/unlabeled/native_FLAIR.nii.gz")
    try scene.write(Scene.image("its brain"), at: "root/inbox/unlabeled/native_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("log")?.contains("is held") == false)
    #expect(try await scene.cases(in: "held") == 0)
  }

  @Test func aFullDiskHoldsNoScan() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try scene.write(Scene.image("full"), at: "root/inbox/unlabeled/u_FLAIR.nii.gz")
    let service = try scene.start()
    try await scene.wait(.seconds(40), for: "the second attempt") {
      try await scene.ask("dump").text.contains("state=accepted") == false
        && scene.files(beneath: "root/done").contains { $0.hasSuffix("u_FLAIR.nii.gz") }
    }
    #expect(try await scene.cases(in: "held") == 0)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  /// Four new scans call for a cycle, which was to go on from a model that is damaged.
  @Test func aCycleGoesOnFromTheModelBeforeADamagedOne() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try spoilSecondModel(in: scene)
    for number in 1...4 {
      try scene.write(Scene.image("new\(number)"), at: "root/inbox/unlabeled/new\(number)_FLAIR.nii.gz")
    }
    #expect(try await scene.start(once: true).end() == 0)
    let log = scene.read("log") ?? ""
    #expect(log.contains("Generation 2 is damaged: generation 1 is used in its place"))
    #expect(log.contains("Generation 3 is published"))
    #expect(try await scene.ask("audit", "verify").status == 0)
  }

  @Test func inPlaceOfADamagedGenerationTheOneBeforeIsUsed() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try spoilSecondModel(in: scene)
    try scene.write(Scene.image("new"), at: "root/inbox/unlabeled/new_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("log")?.contains("Generation 2 is damaged: generation 1 is used in its place") == true)
    #expect(try await scene.cases(in: "held") == 0)
    #expect(scene.read("root/status/STATUS.txt")?.contains("generation 2 is damaged") == true)
    let sidecars = scene.files(beneath: "root/outbox").filter { $0.hasSuffix("desc-draft_mask.json") }
    #expect(sidecars.contains { scene.read("root/outbox/\($0)")?.contains("\"Generation\": 1,") == true })
    #expect(try await scene.ask("audit", "verify").status == 0)
  }
}
