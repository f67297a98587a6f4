import Contract
import Glibc
import Testing

@testable import popcornd

/// What the journal says of training and of files that wait.
@Suite(.serialized) struct JournalTests {
  private func lines(_ scene: Scene, with words: String) -> [Substring] {
    (scene.read("log") ?? "").split(separator: "\n").filter { $0.contains(words) }
  }

  @Test func aRollbackNamesTheCasesOfItsLastBatch() async throws {
    let scene = try Scene()
    try scene.tellWorker("FAKE_OUTCOME=diverged")
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    let said = try #require(lines(scene, with: "Training went back").first)
    #expect(said.hasPrefix("Training went back from optimizer step 3 to 0: TRAIN_DIVERGED; the last batch was of PSN"))
    #expect(said.ranges(of: "PSN").count == 2)
  }

  @Test func theGateNamesTheDiceOfEachHeldOutCase() async throws {
    let scene = try Scene()
    try scene.tellWorker("FAKE_OUTCOME=refused")
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    let refused = try #require(lines(scene, with: "made no generation").first)
    #expect(refused.contains("; held out: PSN") && refused.contains(" 0.7"))

    let other = try Scene()
    try other.dropCohort()
    #expect(try await other.start(once: true).end() == 0)
    let published = try #require(lines(other, with: "Generation 1 is published").first)
    #expect(published.contains("as good as before; held out: PSN") && published.contains(" 0.7"))
  }

  @Test func progressIsSaidOnceAMinute() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true, steps: 20).end() == 0)
    #expect(lines(scene, with: "Cycle 1: ").map { String($0) } == ["Cycle 1: preparing"])
  }

  @Test func progressInWords() {
    let progress = TrainingProgress(
      phase: "training", step: 2, epoch: 1, done: 40, total: 500, loss: 0.53149, secondsLeft: 7740)
    #expect(progress.words == "training, step 2, epoch 1, 40 of 500 optimizer steps, loss 0.531, 02:09 left")
    #expect(TrainingProgress(phase: "preparing").words == "preparing")
  }

  @Test func aFileThatWaitsIsNamedOnceByItsReason() async throws {
    let scene = try Scene()
    let service = try scene.start()
    try scene.write(Scene.image("mask"), at: "root/inbox/labeled/a_mask.nii.gz")
    let half = Array(Scene.image("half", length: 900).prefix(400))
    try scene.write(half, at: "root/inbox/unlabeled/half_FLAIR.nii.gz")
    try scene.write(Scene.image("which"), at: "root/inbox/unlabeled/which.nii.gz")
    try await scene.wait(for: "the end of the wait") { scene.shelf("rejected") == ["half_FLAIR.nii.gz"] }
    #expect(lines(scene, with: "A file waits: WAITING_PAIR").count == 1)
    #expect(lines(scene, with: "A file waits: INCOMPLETE").count == 1)
    #expect(lines(scene, with: "is taken with a remark: CONTRAST_ASSUMED").count == 1)
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }
}
