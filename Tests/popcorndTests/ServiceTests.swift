import Contract
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// The built service with fakes around it.
@Suite(.serialized) struct ServiceTests {
  /// However a file arrives, it is taken once, and nothing of the user's is lost.
  @Test func everyWayOfArrivingIsTakenOnce() async throws {
    let scene = try Scene()
    let service = try scene.start()
    try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
    let inbox = "root/inbox/unlabeled"
    var names: Set<String> = []

    // cp
    try scene.write(Scene.image("cp"), at: "\(inbox)/cp_FLAIR.nii.gz")
    names.insert("cp_FLAIR.nii.gz")
    // mv
    try scene.write(Scene.image("mv"), at: "drop/mv_FLAIR.nii.gz")
    #expect(rename(scene.path("drop/mv_FLAIR.nii.gz").string, scene.path("\(inbox)/mv_FLAIR.nii.gz").string) == 0)
    names.insert("mv_FLAIR.nii.gz")
    // rsync: a hidden name, then a rename
    try scene.write(Scene.image("rsync"), at: "\(inbox)/.rsync_FLAIR.nii.gz.Ab3dEf")
    #expect(
      rename(
        scene.path("\(inbox)/.rsync_FLAIR.nii.gz.Ab3dEf").string, scene.path("\(inbox)/rsync_FLAIR.nii.gz").string) == 0
    )
    names.insert("rsync_FLAIR.nii.gz")
    // a tree, moved in
    for number in 1...3 {
      try scene.write(Scene.image("tree\(number)"), at: "drop/tree/deep/t\(number)_FLAIR.nii.gz")
      names.insert("tree/deep/t\(number)_FLAIR.nii.gz")
    }
    #expect(rename(scene.path("drop/tree").string, scene.path("\(inbox)/tree").string) == 0)
    // forty at once, one of them the same scan as another under another name
    for number in 1...40 {
      try scene.write(Scene.image("many\(number % 40)"), at: "\(inbox)/many\(number)_FLAIR.nii.gz")
      names.insert("many\(number)_FLAIR.nii.gz")
    }
    try scene.write(Scene.image("many7"), at: "\(inbox)/zz-again_FLAIR.nii.gz")
    // half a file that never becomes whole, and something that is no image
    try scene.write(Array(Scene.image("half", length: 900).prefix(400)), at: "\(inbox)/half_FLAIR.nii.gz")
    try scene.write(Array("login page".utf8), at: "\(inbox)/page_FLAIR.nii.gz")
    // in pieces
    let whole = Scene.image("pieces", length: 1200)
    for end in [300, 600, 900, 1200] {
      try scene.write(Array(whole.prefix(end)), at: "\(inbox)/pieces_FLAIR.nii.gz")
      try await Task.sleep(for: .milliseconds(150))
    }
    names.insert("pieces_FLAIR.nii.gz")

    try await scene.wait(.seconds(60), for: "the last file") {
      scene.shelf("done").count == names.count && scene.shelf("rejected").count == 2
        && scene.shelf("duplicates").count == 1
    }
    #expect(Set(scene.shelf("done")) == names)
    #expect(Set(scene.shelf("rejected")) == ["half_FLAIR.nii.gz", "page_FLAIR.nii.gz"])
    #expect(scene.shelf("duplicates") == ["zz-again_FLAIR.nii.gz"])
    #expect(scene.files(beneath: inbox) == [])
    let listed = try await scene.ask("case", "list", "--json")
    let cases = try JSONDecoder().decode([Line].self, from: Data(listed.text.utf8))
    #expect(cases.count == names.count)
    #expect(Set(cases.map(\.state)) == ["accepted"])

    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  private struct Line: Decodable { let state: String }

  /// Every answer comes at once, whatever the worker does; a bad configuration changes nothing.
  @Test func theServiceAnswersWhileItTrainsAndStopsAtACheckpoint() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    let service = try scene.start(steps: 2000)
    try await scene.wait(for: "training") { try await status(of: scene)?.cycle?.progress != nil }
    let second = try await scene.start().end()
    #expect(second == 75)

    let begun = ContinuousClock.now
    #expect(try await scene.ask("status").status == 0)
    // The whole of popcornctl's run; the answer itself is a small part of it.
    #expect(ContinuousClock.now - begun < .seconds(1))
    #expect(try await scene.ask("case", "show", "PSNAAAAAAAAAA").status == 4)

    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(Array((configuration + "\n[popcorn]\ntreshold = 0.4\n").utf8), at: "popcornd.toml")
    service.send(SIGHUP)
    try await scene.wait(for: "a refused reload") { (scene.read("log") ?? "").contains("was not taken") }
    try scene.write(Array(configuration.utf8), at: "popcornd.toml")

    #expect(try await scene.ask("train", "pause").status == 0)
    try await scene.wait(for: "the pause") { (scene.read("log") ?? "").contains("paused at a checkpoint") }
    #expect(try await scene.ask("train", "resume").status == 0)
    service.send(SIGTERM)
    #expect(try await service.end(within: .seconds(10)) == 0)
    #expect(try await scene.ask("status").status == 3)
    #expect(try await scene.ask("audit", "verify").status == 0)
  }

  private func status(of scene: Scene) async throws -> ServiceStatus? {
    let answer = try await scene.ask("status", "--json")
    return answer.status == 0 ? try JSONDecoder().decode(ServiceStatus.self, from: Data(answer.text.utf8)) : nil
  }

  /// A scan that the worker dies of twice is held; the others get their drafts.
  @Test func aScanThatKillsTheWorkerIsHeldAndTheOthersAreNot() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.write(Scene.image("crash"), at: "root/inbox/unlabeled/un0_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("state=held reason=WORKER_CRASHED"))
    #expect(dump.split(separator: "\n").count { $0.hasPrefix("mask ") } == 6)
  }

  @Test func whatNeedsAPersonIsHeldWithAReceiptAndReleasedByMovingIt() async throws {
    let scene = try Scene()
    try scene.write(Scene.image("lab"), at: "root/inbox/labeled/a_FLAIR.nii.gz")
    try scene.write(
      Scene.image("far", more: ",\"affine\":[1,0,0,3,0,1,0,0,0,0,1,0]"), at: "root/inbox/labeled/a_mask.nii.gz")
    try scene.write(Scene.image("t1"), at: "root/inbox/unlabeled/b_T1w.nii.gz")
    try scene.write(
      Scene.image("own", more: ",\"ownCase\":\"PSNAAAAAAAAAA\""), at: "root/inbox/unlabeled/c_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let receipts = scene.files(beneath: "root/inbox").filter { $0.hasSuffix(".HELD.txt") }
    #expect(
      receipts == [
        "labeled/a_mask.nii.gz.HELD.txt", "unlabeled/b_T1w.nii.gz.HELD.txt", "unlabeled/c_FLAIR.nii.gz.HELD.txt",
      ])
    #expect(scene.read("root/inbox/labeled/a_mask.nii.gz.HELD.txt")?.contains("LABEL_GEOMETRY") == true)
    let status = try #require(scene.read("root/status/STATUS.txt"))
    #expect(status.contains("3: NAME.HELD.txt beside each says why"))

    #expect(
      rename(
        scene.path("root/inbox/labeled/a_mask.nii.gz").string,
        scene.path("root/inbox/release/a_mask.nii.gz").string) == 0)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("dump").text.contains("state=expert"))
    // Nobody has to look at it any more.
    #expect(!scene.files(beneath: "root/inbox").contains("labeled/a_mask.nii.gz.HELD.txt"))
  }

  /// What popcorn-admit itself would hold it takes of a person who wants it so; where it would not, the receipt says so.
  @Test func whatTheReaderHeldIsReleasedToo() async throws {
    let scene = try Scene()
    for (name, reason) in [("a", "FOV"), ("b", "LABEL_SOFT")] {
      try scene.write(
        Scene.image(name, more: ",\"hold\":\"\(reason)\""), at: "root/inbox/unlabeled/\(name)_FLAIR.nii.gz")
    }
    #expect(try await scene.start(once: true).end() == 0)
    let words = { (name: String) in scene.read("root/inbox/unlabeled/\(name)_FLAIR.nii.gz.HELD.txt") ?? "" }
    #expect(words("a").contains("To release it as it is, move it into inbox/release/."))
    #expect(words("b").contains("As it is it cannot be released"))
    for name in ["a", "b"] {
      let file = "\(name)_FLAIR.nii.gz"
      #expect(
        rename(
          scene.path("root/inbox/unlabeled/\(file)").string, scene.path("root/inbox/release/\(file)").string) == 0)
    }
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.shelf("done") == ["a_FLAIR.nii.gz"])
    #expect(
      scene.files(beneath: "root/inbox") == [
        "README.txt", "release/b_FLAIR.nii.gz", "release/b_FLAIR.nii.gz.HELD.txt",
      ])
  }

  /// Which of two masks counts a person says by releasing it; the receipts offer that.
  @Test func oneOfTwoMasksForAScanIsReleased() async throws {
    let scene = try Scene()
    for name in ["p_FLAIR", "p_mask", "p_seg"] {
      try scene.write(Scene.image(name), at: "root/inbox/labeled/\(name).nii.gz")
    }
    #expect(try await scene.start(once: true).end() == 0)
    for name in ["p_mask", "p_seg"] {
      let words = scene.read("root/inbox/labeled/\(name).nii.gz.HELD.txt") ?? ""
      #expect(words.contains("PAIR_AMBIGUOUS") && words.contains("move it into inbox/release/"), "\(words)")
    }
    #expect(
      rename(
        scene.path("root/inbox/labeled/p_seg.nii.gz").string, scene.path("root/inbox/release/p_seg.nii.gz").string)
        == 0)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("dump").text.contains("state=expert"))
  }

  /// A labeled scan stays one: its mask, which waited, is taken with it.
  @Test func aReleasedScanFindsTheMaskThatWaitedForIt() async throws {
    let scene = try Scene()
    try scene.write(Scene.image("p", more: ",\"hold\":\"FOV\""), at: "root/inbox/labeled/p_FLAIR.nii.gz")
    try scene.write(Scene.image("mask"), at: "root/inbox/labeled/p_mask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.files(beneath: "root/inbox/labeled").contains("p_FLAIR.nii.gz.HELD.txt"))
    #expect(
      rename(
        scene.path("root/inbox/labeled/p_FLAIR.nii.gz").string,
        scene.path("root/inbox/release/p_FLAIR.nii.gz").string) == 0)
    #expect(try await scene.start(once: true).end() == 0)
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("state=expert") && !dump.contains("outcome=held") && !dump.contains("outcome=waiting"))
    #expect(scene.shelf("done") == ["p_FLAIR.nii.gz", "p_mask.nii.gz"])
    #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
  }

  @Test func aMaskThatComesFirstWaitsForItsScanAndABrainMaskIsPaired() async throws {
    let scene = try Scene(afterAccept: "keep")
    try scene.write(Scene.image("mask"), at: "root/inbox/labeled/p_mask.nii.gz")
    try scene.write(Scene.image("brain"), at: "root/inbox/labeled/p_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("dump").text.contains("role=label outcome=waiting"))
    try scene.write(Scene.image("scan"), at: "root/inbox/labeled/p_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("state=expert"))
    #expect(!dump.contains("brain=-"))
    #expect(!dump.contains("waiting"))
    // Nothing was moved: the files stay as their owner left them.
    #expect(scene.files(beneath: "root/inbox/labeled").filter { !$0.hasSuffix(".txt") }.count == 3)
  }

  /// Deaths count until training gets further than it ever was: steps that are done again are none, and words neither.
  @Test(arguments: [("steps", true), ("preparing", false)])
  func aWorkerThatDiesIsTriedAgainAsLongAsItGetsFurther(death: String, ends: Bool) async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.tellWorker("FAKE_DEATH=\(death)")
    let status = try await scene.start(once: true, steps: 4).end()
    #expect(status == (ends ? 0 : ExitCode.software.rawValue))
    #expect(try await scene.ask("dump").text.contains("generation 1") == ends)
  }

  /// As after an upgrade in the middle of the first training: no other mask has to come for another cycle to begin.
  @Test func whereNothingCanGoOnFromACheckpointAnotherCycleBegins() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    let service = try scene.start(steps: 10_000)
    try await scene.wait(for: "a checkpoint") { scene.read("state/train/cycle-0001/checkpoint") != nil }
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
    try scene.write(Array("half of a".utf8), at: "state/train/cycle-0001/checkpoint")
    #expect(try await scene.start(once: true).end() == 0)
    let log = scene.read("log") ?? ""
    #expect(log.contains("Cycle 1 cannot go on: the checkpoint is of another version"))
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("generation 1"))
    #expect(scene.files(beneath: "root/outbox").count { $0.hasSuffix("_mask.nii.gz") && !$0.contains("Gen000") } == 10)
    #expect(scene.files(beneath: "state/train").allSatisfy { !$0.hasPrefix("cycle-0001") })
    #expect(try await scene.ask("audit", "verify").status == 0)
  }

  /// A disk that keeps no checkpoint whole makes no cycle after cycle for ever.
  @Test func aCycleIsNotReplacedWithoutEnd() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.tellWorker("FAKE_DEATH=checkpoint")
    #expect(try await scene.start(once: true).end() == ExitCode.software.rawValue)
    let log = scene.read("log") ?? ""
    #expect(log.contains("Cycle 3 cannot go on") && !log.contains("Cycle 4"))
    #expect(scene.read("root/status/STATUS.txt")?.contains("cycle 3 was given up: the checkpoint") == true)
    // It is said again after a restart, for nothing calls for a cycle then.
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("root/status/STATUS.txt")?.contains("cycle 3 was given up: popcornctl train now") == true)
  }

  /// Drafts are drawn between the steps of a training: a worker that dies of it is held against no scan.
  @Test func aTrainingThatKillsTheWorkerIsHeldAgainstNoScan() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.tellWorker("FAKE_DEATH=second")
    let service = try scene.start()
    // Each time the draft that was asked for is made alone, and then training is tried again.
    try await scene.wait(.seconds(60), for: "the third death") {
      (scene.read("log") ?? "").split(separator: "\n").count { $0.contains("The worker ") && $0.contains("signal 9") }
        >= 3
    }
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
    #expect(try await !scene.ask("dump").text.contains("state=held"))
    #expect(!scene.shelf("done", receipts: true).contains { $0.hasSuffix(".HELD.txt") })
  }

  /// The cycle goes on without it, and everybody who should hears of it: journal, status, the case's facts.
  @Test func aScanThatTrainingCannotReadIsSaidToBeLeftOut() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.write(Scene.image("unreadable"), at: "root/inbox/unlabeled/un0_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let log = scene.read("log") ?? ""
    let said = try #require(log.split(separator: "\n").first { $0.contains("went on without case") })
    let id = try #require(said.split(separator: " ").first { $0.hasPrefix("PSN") }).prefix { $0 != ":" }
    #expect(said.hasSuffix("the gzip stream ends early"))
    #expect(scene.read("root/status/STATUS.txt")?.contains("could not read 1 scan of the pool (\(id))") == true)
    let shown = try await scene.ask("case", "show", String(id)).text
    #expect(shown.contains("cycle 2 could not read it: the gzip stream ends early"))
    #expect(shown.contains("drafted"))
    let next = try #require(scene.read("root/status/LABEL-NEXT.tsv")).split(separator: "\n")
    #expect(next.count > 1 && next[1].contains("PSN") && next[1].hasSuffix("_desc-draft_mask.nii.gz"))
    // It is said again after a restart.
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("root/status/STATUS.txt")?.contains("could not read 1 scan") == true)
  }

  @Test func aRefusedGenerationChangesNothing() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.tellWorker("FAKE_OUTCOME=refused")
    #expect(try await scene.start(once: true).end() == 0)
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("attempt cycle=1"))
    #expect(!dump.contains("generation 1"))
    #expect(!dump.contains("state=pseudo"))
  }

  /// An outbox that hangs holds up results alone: scans are taken, training goes on, answers come; and nothing is lost.
  @Test func anOutboxThatHangsHoldsUpNobodyElse() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    let service = try scene.start(fault: "hang@carry")
    try await scene.wait(for: "a generation that nobody can fetch") {
      try await status(of: scene)?.generation != nil
    }
    #expect(!scene.files(beneath: "root/outbox").contains { $0.hasSuffix(".nii.gz") || $0.hasSuffix(".safetensors") })
    try scene.write(Scene.image("late"), at: "root/inbox/unlabeled/late_FLAIR.nii.gz")
    try await scene.wait(for: "the late scan") {
      scene.files(beneath: "root/done").contains { $0.hasSuffix("/late_FLAIR.nii.gz") }
    }
    let begun = ContinuousClock.now
    #expect(try await scene.ask("train", "now").status == 0)
    #expect(ContinuousClock.now - begun < .seconds(1))
    service.send(SIGTERM)
    #expect(try await service.end(within: .seconds(15)) == 0)

    #expect(try await scene.start(once: true).end() == 0)
    let outbox = scene.files(beneath: "root/outbox")
    #expect(outbox.count { $0.hasSuffix("_mask.nii.gz") && !$0.contains("Gen000") } == 11)
    #expect(outbox.contains("models/popcorn_gen-0001.safetensors"))
    #expect(try await scene.ask("audit", "verify").status == 0)
  }
}
