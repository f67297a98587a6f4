import Contract
import Glibc
import Testing

extension ServiceTests {
  /// Files that cannot be judged, that wait in vain, or that nobody has looked at.
  @Suite(.serialized) struct TroubleTests {
    private func reasons(_ scene: Scene) -> [String: String] {
      let receipts = scene.files(beneath: "root/inbox").filter { $0.hasSuffix(".HELD.txt") }
      return Dictionary(
        uniqueKeysWithValues: receipts.map { name in
          let line = scene.read("root/inbox/\(name)")?.split(separator: "\n").first { $0.hasPrefix("Reason: ") }
          return (String(name.prefix { $0 != "_" }), String(line?.dropFirst(8) ?? ""))
        })
    }

    /// Its reader dies, is killed, or cannot read: each is tried again, later each time, and held in the end.
    @Test func aFileThatCannotBeJudgedIsHeld() async throws {
      let scene = try Scene()
      let service = try scene.start()
      for word in ["CRASH", "KILL", "BROKEN"] {
        try scene.write(Array(word.utf8), at: "root/inbox/unlabeled/\(word)_FLAIR.nii")
      }
      try scene.write(Scene.image("good"), at: "root/inbox/unlabeled/zz_FLAIR.nii")
      let expected = [
        "unlabeled/CRASH": "WORKER_CRASHED", "unlabeled/KILL": "WORKER_CRASHED",
        "unlabeled/BROKEN": "IO_ERROR",
      ]
      try await scene.wait(for: "the receipts") { reasons(scene).count == expected.count }
      #expect(reasons(scene) == expected)
      for (word, measured) in [
        ("CRASH", ["signal 11", "tries: 2"]), ("KILL", ["signal 9", "tries: 5"]),
        ("BROKEN", ["errno: 5", "tries: 5"]),
      ] {
        let words = scene.read("root/inbox/unlabeled/\(word)_FLAIR.nii.HELD.txt") ?? ""
        for text in measured { #expect(words.contains(text), "\(words)") }
      }
      #expect(scene.shelf("done") == ["zz_FLAIR.nii"])
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func aFileThatTakesTooLongIsHeld() async throws {
      let scene = try Scene(admitTimeout: "1s")
      try scene.write(Array("SLEEP".utf8), at: "root/inbox/unlabeled/s_FLAIR.nii")
      #expect(try await scene.start(once: true).end() == 0)
      let words = scene.read("root/inbox/unlabeled/s_FLAIR.nii.HELD.txt") ?? ""
      for text in ["WORKER_DEADLINE", "over 1s", "tries: 2"] { #expect(words.contains(text), "\(words)") }
    }

    /// A reader that is not there, or that leaves without having read, says nothing about a file.
    @Test(arguments: [
      ("[\"/nowhere/popcorn-admit\"]", "No such file or directory"),
      ("[\"/bin/sh\", \"-c\", \"exit 64\"]", "it left with status 64"),
    ])
    func withoutAReaderFilesWait(admit: String, why: String) async throws {
      let scene = try Scene()
      let configuration = try #require(scene.read("popcornd.toml"))
      let line = try #require(configuration.split(separator: "\n").first { $0.hasPrefix("admit = ") })
      try scene.write(Array(configuration.replacing(line, with: "admit = \(admit)").utf8), at: "popcornd.toml")
      try scene.write(Scene.image("waits"), at: "root/inbox/unlabeled/w_FLAIR.nii")
      let service = try scene.start()
      try await Task.sleep(for: .seconds(4))
      #expect(scene.files(beneath: "root/inbox/unlabeled") == ["w_FLAIR.nii"])
      service.send(SIGUSR1)
      try await scene.wait(for: "the status") {
        scene.read("root/status/STATUS.txt")?.contains("popcorn-admit could not be started: \(why)") == true
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func aMaskAndAScanThatWaitInVainAreHeldWithReceipts() async throws {
      let scene = try Scene(pairTimeout: "2s")
      let service = try scene.start()
      try scene.write(Scene.image("mask"), at: "root/inbox/labeled/a_mask.nii.gz")
      try scene.write(Scene.image("scan"), at: "root/inbox/labeled/b_FLAIR.nii.gz")
      let receipts = ["b_FLAIR.nii.gz.ACCEPTED.txt", "b_FLAIR.nii.gz.HELD.txt"]
      try await scene.wait(for: "the receipts") {
        scene.shelf("done", receipts: true) == receipts && reasons(scene) == ["labeled/a": "PAIR_TIMEOUT"]
      }
      let held = try #require(scene.files(beneath: "root/done").first { $0.hasSuffix(".HELD.txt") })
      let words = try #require(scene.read("root/done/\(held)"))
      #expect(words.contains("PAIR_TIMEOUT") && words.contains("Case: PSN") && words.contains("inbox/release/"))
      #expect(try await scene.ask("dump").text.contains("state=held reason=PAIR_TIMEOUT"))

      // Neither is too late.
      try scene.write(Scene.image("its scan"), at: "root/inbox/labeled/a_FLAIR.nii.gz")
      try scene.write(Scene.image("its mask"), at: "root/inbox/labeled/b_mask.nii.gz")
      try await scene.wait(for: "the partners") {
        try await scene.ask("dump").text.ranges(of: "state=expert").count == 2
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// By its voxels: a viewer has saved it anew, so that not a byte of the file is ours.
    @Test func aDraftThatComesBackUneditedIsHeld() async throws {
      let scene = try Scene()
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      let receipt = try #require(
        scene.files(beneath: "root/done").first { $0.hasSuffix("un1_FLAIR.nii.gz.ACCEPTED.txt") })
      let line = scene.read("root/done/\(receipt)")?.split(separator: "\n").first { $0.hasPrefix("Case: ") }
      let own = ",\"ownCase\":\"\(try #require(line).dropFirst(6))\""
      try scene.write(Scene.image("draft of U1", more: own), at: "root/inbox/labeled/same_mask.nii")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(reasons(scene) == ["labeled/same": "UNEDITED"])
      try scene.write(Scene.image("draft of U1, edited", more: own), at: "root/inbox/labeled/edited_mask.nii")
      #expect(try await scene.start(once: true).end() == 0)
      #expect(scene.shelf("done").contains("edited_mask.nii"))
    }
  }
}
