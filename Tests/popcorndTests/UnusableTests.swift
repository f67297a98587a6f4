import Contract
import Glibc
import Testing

/// An expert's scan shows only in training that nothing can be made of it: it alone waits for a person then. And what is
/// counted for the next cycle is what the ledger counts, before a restart as after it.
@Suite(.serialized) struct UnusableTests {
  private func dropLabeled(_ scene: Scene, _ name: String, _ voxels: String) throws {
    try scene.write(Scene.image(voxels), at: "root/inbox/labeled/\(name)_FLAIR.nii.gz")
    try scene.write(Scene.image("mask of \(name)"), at: "root/inbox/labeled/\(name)_mask.nii.gz")
  }

  @Test func aCycleGoesOnWithoutAnExpertsScanThatCannotBeUsed() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try dropLabeled(scene, "native", "head")
    try dropLabeled(scene, "another", "head of another")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.cases(in: "held") == 2)
    let receipts = scene.shelf("done", receipts: true)
    #expect(["native", "another"].allSatisfy { receipts.contains("\($0)_FLAIR.nii.gz.HELD.txt") }, "\(receipts)")
    #expect(scene.read("log")?.contains("Generation 1 is published") == true)
    // One of the two was to be held out; somebody else judges now.
    #expect(scene.read("log")?.contains("; held out: PSN") == true, "\(scene.read("log") ?? "")")
    #expect(try await scene.ask("audit", "verify").status == 0)

    try scene.write(Scene.image("its brain"), at: "root/inbox/labeled/native_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.cases(in: "held") == 1)
    #expect(try await scene.cases(in: "expert") == 5)
    #expect(!scene.shelf("done", receipts: true).contains("native_FLAIR.nii.gz.HELD.txt"))
  }

  @Test func whereTooFewAreLeftTheFirstTrainingWaits() async throws {
    let scene = try Scene()
    for name in ["a", "b"] { try dropLabeled(scene, name, "scan \(name)") }
    try dropLabeled(scene, "native", "head")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.cases(in: "held") == 1)
    #expect(scene.read("root/status/STATUS.txt")?.contains("1 more subjects") == true)
    #expect(scene.read("log")?.contains("is published") == false)
    try scene.write(Scene.image("its brain"), at: "root/inbox/labeled/native_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("log")?.contains("Generation 1 is published") == true)
  }

  /// A first cycle that somebody asked for has no pool either: the scans that came before it still wait for one.
  @Test func scansBeforeTheFirstModelAreCountedAfterARestart() async throws {
    let scene = try Scene(triggerQuiet: "1h")
    try scene.dropCohort()
    var service = try scene.start()
    try await scene.wait(for: "everything taken") { try await scene.status().cases["expert"] == 4 }
    try await scene.wait(for: "everything taken") { try await scene.status().arrivals == 6 }
    #expect(try await scene.ask("train", "now").status == 0)
    try await scene.wait(for: "a model") { try await scene.status().generation == 1 }
    #expect(try await scene.status().arrivals == 6)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
    service = try scene.start()
    try await scene.wait(for: "the start") { (try? await scene.status().generation) == 1 }
    #expect(try await scene.status().arrivals == 6)

    // A scan that is held is none that waits, and counts once when it goes on.
    try scene.write(Scene.image("head"), at: "root/inbox/unlabeled/native_FLAIR.nii.gz")
    try await scene.wait(for: "the scan held") { try await scene.status().cases["held"] == 1 }
    #expect(try await scene.status().arrivals == 6)
    try scene.write(Scene.image("its brain"), at: "root/inbox/unlabeled/native_brainmask.nii.gz")
    try await scene.wait(for: "the scan released") { try await scene.status().cases["held"] ?? 0 == 0 }
    #expect(try await scene.status().arrivals == 7)
    // A scan that an expert has drawn is none of the pool, at once and after a restart.
    let list = try await scene.ask("case", "list", "--state=drafted", "--no-legend").text
    let drawn = try #require(list.split(separator: " ").first)
    try scene.write(Scene.image("M", more: ",\"ownCase\":\"\(drawn)\""), at: "root/inbox/labeled/drawn_mask.nii.gz")
    try await scene.wait(for: "the mask taken") { try await scene.status().cases["expert"] == 5 }
    #expect(try await scene.status().arrivals == 6)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  /// Its size is right and its header too; the rest is zeros that the copier fills yet.
  @Test func aReservedFileIsTakenOnceItIsFilled() async throws {
    let scene = try Scene()
    let place = "root/inbox/unlabeled/r_FLAIR.nii"
    try scene.write(Scene.image("zeros", more: ",\"warnings\":[\"TAIL_ZERO\"]"), at: place)
    let service = try scene.start()
    try await scene.wait(for: "the word of it") { scene.read("log")?.contains("A file waits: INCOMPLETE") == true }
    // Longer than a file may stay incomplete: it reads as whole, and is no such.
    try await Task.sleep(for: .seconds(4))
    #expect(scene.shelf("done") == [] && scene.shelf("rejected") == [])
    try scene.write(Scene.image("filled"), at: place)
    try await scene.wait(for: "the scan") { scene.shelf("done") == ["r_FLAIR.nii"] }
    let done = try #require(scene.files(beneath: "root/done").first { $0.hasSuffix(".nii") })
    #expect(scene.read("root/done/\(done)")?.contains("filled") == true)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  @Test func whoIsHeldIsNotCountedAmongTheExperts() async throws {
    let scene = try Scene(triggerQuiet: "1h")
    for name in ["a", "b", "c"] { try dropLabeled(scene, name, "scan \(name)") }
    let service = try scene.start()
    try await scene.wait(for: "everything taken") { try await scene.status().expertSubjects == 3 }
    let list = try await scene.ask("case", "list", "--state=expert", "--no-legend").text
    let first = try #require(list.split(separator: " ").first.map(String.init))
    #expect(try await scene.ask("hold", first).status == 0)
    let held = try await scene.status()
    #expect(held.expertSubjects == 2 && held.expertsMissing == 1)
    #expect(try await scene.ask("train", "now").status == ExitCode.failure.rawValue)
    #expect(try await scene.ask("release", first).status == 0)
    #expect(try await scene.status().expertSubjects == 3)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  /// What becomes no case leaves no copy behind: here a mask without its scan, and scans that are held or rejected.
  @Test func nothingIsKeptOfWhatIsNoCase() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    let before = scene.files(beneath: "state/store")
    try scene.write(Scene.image("alone"), at: "root/inbox/labeled/alone_mask.nii.gz")
    try scene.write(Scene.image("odd", more: ",\"hold\":\"NOT_FLAIR\""), at: "root/inbox/unlabeled/odd_FLAIR.nii.gz")
    let service = try scene.start()
    try await scene.wait(for: "both looked at") {
      let status = try await scene.status()
      return status.filesWaiting == 1
        && scene.files(beneath: "root").contains { $0.hasSuffix("odd_FLAIR.nii.gz.HELD.txt") }
    }
    try await scene.wait(for: "the store as it was") { scene.files(beneath: "state/store") == before }
    // Its scan comes: the mask is read again.
    try scene.write(Scene.image("its scan"), at: "root/inbox/labeled/alone_FLAIR.nii.gz")
    try await scene.wait(for: "the pair taken") { try await scene.status().cases["expert"] == 5 }
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
    let stored = scene.files(beneath: "state/store")
    #expect(Set(stored).isSuperset(of: before) && stored.count >= before.count + 2)
  }
}
