import Glibc
import Testing

/// Killed at any point, however often: the final facts, masks and weights are those of a run that nobody disturbed.
@Suite(.serialized) struct CrashTests {
  @Test func aKilledRunEndsAsAnUndisturbedOne() async throws {
    let calm = try Scene()
    try calm.dropCohort()
    #expect(try await calm.start(once: true).end() == 0)
    let expected = try await calm.ask("dump").text
    #expect(expected.contains("generation 2"))

    let disturbed = try Scene()
    try disturbed.dropCohort()
    for fault in [
      "copy:3", "commit:2", "rename:1", "carry:1", "rename:2", "rename:7", "carry:2", "commit:9", "train:1",
      "publish:1",
      "publish:2", "draft:2", "order:1", "publish:1", "carry:3",
    ] {
      let end = try await disturbed.start(once: true, fault: "crash@\(fault)").end()
      #expect(end == -SIGKILL || end == 0, "\(fault)")
    }
    #expect(try await disturbed.start(once: true).end() == 0)
    #expect(try await disturbed.ask("dump").text == expected)
    // But for older masks that are kept beside the newest: which there are depends on when a kill came.
    let outboxes = [disturbed, calm].map { scene in
      scene.files(beneath: "root/outbox").filter { !$0.contains("Gen000") }
    }
    #expect(outboxes[0] == outboxes[1])
    #expect(disturbed.files(beneath: "root/done") == calm.files(beneath: "root/done"))
    #expect(disturbed.files(beneath: "root/inbox") == ["README.txt"])
    #expect(try await disturbed.ask("audit", "verify").status == 0)
  }

  /// A kill before, in the middle of and after its writing: once started again, each file has its receipt, and one.
  @Test(arguments: ["rename:2", "receipt"]) func aReceiptThatAKillCameUponIsLeftOnce(fault: String) async throws {
    let scene = try Scene()
    try scene.write(Scene.image("U1"), at: "root/inbox/unlabeled/un1_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@\(fault)").end() == -SIGKILL)
    let moved = try #require(scene.files(beneath: "root/done").first { $0.hasSuffix("un1_FLAIR.nii.gz") })
    try scene.write([1], at: "root/done/" + moved.replacing("un1_FLAIR.nii.gz", with: ".popcornd-tmp-1-1"))
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.files(beneath: "root/done") == [moved, moved + ".ACCEPTED.txt"])
    #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
  }

  /// A move has emptied a folder, and its owner removes that before the move is noted.
  @Test func aMoveOutOfAFolderThatIsGoneIsFinished() async throws {
    let scene = try Scene()
    let folder = "root/inbox/unlabeled/sub01/first"
    try scene.write(Scene.image("U1"), at: "\(folder)/un1_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@rename:2").end() == -SIGKILL)
    let moved = try #require(scene.files(beneath: "root/done").first { $0.hasSuffix("sub01/first/un1_FLAIR.nii.gz") })
    for place in [folder, "root/inbox/unlabeled/sub01"] { #expect(rmdir(scene.path(place).string) == 0) }
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.files(beneath: "root/done") == [moved, moved + ".ACCEPTED.txt"])
    #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
    #expect(scene.read("log")?.contains("taking a file") == false)
  }

  /// The same before the move, and the file goes with its folder: nothing is left to be moved.
  @Test func aMoveOfAFileThatIsGoneWithItsFolderIsGivenUp() async throws {
    let scene = try Scene()
    let folder = "root/inbox/unlabeled/sub01"
    try scene.write(Scene.image("U1"), at: "\(folder)/un1_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    #expect(unlink(scene.path("\(folder)/un1_FLAIR.nii.gz").string) == 0 && rmdir(scene.path(folder).string) == 0)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("log")?.contains("taking a file") == false)
    #expect(scene.files(beneath: "root/done") == [] && scene.files(beneath: "root/inbox") == ["README.txt"])
    #expect(try await scene.ask("dump").text.contains("outcome=accepted"))
  }

  /// A file that waits for a person stays in its inbox, and says so whatever came in between.
  @Test func whatIsHeldSaysSoAfterAKill() async throws {
    let scene = try Scene()
    try scene.write(Scene.image("f", more: ",\"hold\":\"FOV\""), at: "root/inbox/unlabeled/f_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    #expect(scene.files(beneath: "root/inbox") == ["README.txt", "unlabeled/f_FLAIR.nii.gz"])
    let expected = ["README.txt", "unlabeled/f_FLAIR.nii.gz", "unlabeled/f_FLAIR.nii.gz.HELD.txt"]
    for _ in 0..<2 {
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.files(beneath: "root/inbox") == expected)
    }
    let words = scene.read("root/inbox/unlabeled/f_FLAIR.nii.gz.HELD.txt") ?? ""
    for text in ["Reason: FOV", "To have it taken as it is, where that can be, move it into inbox/release/."] {
      #expect(words.contains(text), "\(words)")
    }
    // What a person has dealt with owes nobody word.
    let places = ["unlabeled", "release"].map { scene.path("root/inbox/\($0)/f_FLAIR.nii.gz").string }
    #expect(rename(places[0], places[1]) == 0)
    #expect(try await scene.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    for _ in 0..<2 {
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
    }
  }

  /// A share that is mounted after the start has its files put away all the same.
  @Test func aMoveIsFinishedOnceItsInboxIsThere() async throws {
    let scene = try Scene()
    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(
      Array(configuration.replacing("[inbox]", with: "[inbox]\nrequire_marker = true").utf8), at: "popcornd.toml")
    try scene.write([], at: "root/inbox/.popcornd-inbox")
    try scene.write(Scene.image("U1"), at: "root/inbox/unlabeled/un1_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    let (inbox, aside) = (scene.path("root/inbox").string, scene.path("root/aside").string)
    #expect(rename(inbox, aside) == 0)
    let service = try scene.start()
    try await scene.wait(for: "word that the inbox is not there") {
      (scene.read("log") ?? "").contains("Inbox 0 is not there")
    }
    // The start has made a folder at the mount point.
    #expect(rename(inbox, scene.path("root/beneath").string) == 0)
    #expect(rename(aside, inbox) == 0)
    try await scene.wait(for: "the move and its receipt") {
      scene.shelf("done") == ["un1_FLAIR.nii.gz"]
        && scene.shelf("done", receipts: true) == ["un1_FLAIR.nii.gz.ACCEPTED.txt"]
    }
    service.send(SIGTERM)
    #expect(try await service.end() == 0)
  }

  /// A mask that came first waits; the kill comes between its scan and another look at it.
  @Test func aMaskThatWaitedFindsItsScanAfterAKill() async throws {
    let scene = try Scene()
    try scene.write(Scene.image("m"), at: "root/inbox/labeled/m_mask.nii.gz")
    try scene.write(Scene.image("its brain"), at: "root/inbox/labeled/m_brainmask.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("dump").text.contains("outcome=waiting"))
    try scene.write(Scene.image("scan"), at: "root/inbox/labeled/m_FLAIR.nii.gz")
    #expect(try await scene.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    #expect(try await scene.start(once: true).end() == 0)
    let dump = try await scene.ask("dump").text
    #expect(dump.contains("state=expert") && !dump.contains("waiting") && !dump.contains("brain=-"), "\(dump)")
    #expect(scene.files(beneath: "root/inbox") == ["README.txt"])
  }

  /// A brain mask came for a case that has a draft: the draft is made again with it, whatever came in between.
  @Test func aDraftIsMadeAgainWithItsBrainMaskAfterAKill() async throws {
    func masks(of scene: Scene) async throws -> [Substring] {
      try await scene.ask("dump").text.split(separator: "\n").filter { $0.hasPrefix("mask ") }
    }
    let (killed, calm) = (try Scene(), try Scene())
    for scene in [killed, calm] {
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      try scene.write(Scene.image("its brain"), at: "root/inbox/unlabeled/un3_brainmask.nii.gz")
    }
    let before = try await masks(of: killed)
    #expect(try await killed.start(once: true, fault: "crash@rename").end() == -SIGKILL)
    for scene in [killed, calm] { #expect(try await scene.start(once: true).end() == 0) }
    let after = try await masks(of: killed)
    #expect(try await after == masks(of: calm))
    #expect(before.count == after.count && zip(before, after).count { $0 != $1 } == 1)
  }

  /// The same of a case whose scan was put away before the worker could not use it.
  @Test func aHeldCaseSaysSoAfterAKill() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.write(Scene.image("head"), at: "root/inbox/unlabeled/native_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let receipt = try #require(scene.files(beneath: "root/done").first { $0.hasSuffix("native_FLAIR.nii.gz.HELD.txt") })
    let words = scene.read("root/done/\(receipt)")
    // As if a kill had come between the ledger and the receipt.
    #expect(unlink(scene.path("root/done/\(receipt)").string) == 0)
    for _ in 0..<2 {
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.read("root/done/\(receipt)") == words)
    }
  }
}
