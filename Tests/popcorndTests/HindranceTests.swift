import Files
import Glibc
import SystemPackage
import Testing

extension ServiceTests {
  /// One file that cannot be taken, or one share that hangs, holds up nothing else.
  @Suite(.serialized) struct HindranceTests {
    static let setpriv = "/usr/bin/setpriv"

    /// Starts popcornd so that modes count for it, whoever runs the tests.
    private func start(_ scene: Scene, once: Bool = false) throws -> Running {
      guard geteuid() == 0 else { return try scene.start(once: once) }
      let words =
        ["--bounding-set=-dac_override,-dac_read_search", Scene.program("popcornd").string]
        + ["--config", scene.path("popcornd.toml").string] + (once ? ["--once"] : [])
      return try Running(FilePath(Self.setpriv), words, ["FAKE_STEPS=3"], log: scene.path("log"))
    }

    static var modesCount: Bool { geteuid() != 0 || access(setpriv, X_OK) == 0 }

    private func change(_ line: String, to other: String, in scene: Scene) throws {
      let configuration = try #require(scene.read("popcornd.toml"))
      #expect(configuration.contains(line))
      try scene.write(Array(configuration.replacing(line, with: other).utf8), at: "popcornd.toml")
    }

    private func mode(_ mode: mode_t, _ name: String, in scene: Scene) throws {
      try #require(chmod(scene.path(name).string, mode) == 0)
    }

    private func status(of scene: Scene, says words: String) -> Bool {
      scene.read("root/status/STATUS.txt")?.contains(words) == true
    }

    @Test func noCycleWaitsForAFileThatIsNotWhole() async throws {
      let scene = try Scene()
      try change("incomplete_timeout = \"3s\"", to: "incomplete_timeout = \"1h\"", in: scene)
      try scene.dropCohort()
      let half = "root/inbox/unlabeled/half_FLAIR.nii.gz"
      try scene.write(Array(Scene.image("half", length: 900).prefix(400)), at: half)
      let service = try scene.start()
      try await scene.wait(for: "a generation") { try await scene.ask("dump").text.contains("generation 1") }
      #expect(scene.read(half) != nil && scene.shelf("rejected") == [])
      // It is taken all the same once it is whole.
      try scene.write(Scene.image("half", length: 900), at: half)
      try await scene.wait(for: "the other half") { scene.shelf("done").contains("half_FLAIR.nii.gz") }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test(.enabled(if: modesCount)) func whatMayNotBeReadIsToldToItsOwnerAndTakenOnceItMay() async throws {
      let scene = try Scene()
      try scene.dropCohort()
      let inbox = "root/inbox/unlabeled"
      let (secret, closed) = ("\(inbox)/secret_FLAIR.nii.gz", "\(inbox)/closed")
      try scene.write(Scene.image("secret"), at: secret)
      try scene.write(Scene.image("within"), at: "\(closed)/within_FLAIR.nii.gz")
      try mode(0, secret, in: scene)
      try mode(0, closed, in: scene)
      let service = try start(scene)
      try await scene.wait(for: "the receipts") {
        scene.read("\(secret).HELD.txt") != nil && scene.read("\(closed).HELD.txt") != nil
      }
      for (name, line) in [(secret, "chmod g+r FILE"), (closed, "chmod g+rx FOLDER")] {
        let words = scene.read("\(name).HELD.txt") ?? ""
        #expect(words.contains("Reason: NO_PERMISSION") && words.contains(line), "\(words)")
      }
      try await scene.wait(for: "a generation") { try await scene.ask("dump").text.contains("generation 1") }
      try await scene.wait(for: "the status") {
        status(of: scene, says: "2 files and folders in inbox 0 may not be read")
      }
      try mode(0o644, secret, in: scene)
      try mode(0o755, closed, in: scene)
      try await scene.wait(for: "both scans") {
        Set(scene.shelf("done")).isSuperset(of: ["secret_FLAIR.nii.gz", "closed/within_FLAIR.nii.gz"])
      }
      try await scene.wait(for: "nothing left to be said") {
        scene.files(beneath: inbox) == [] && !status(of: scene, says: "may not be read")
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// A share that is mounted after the start. Until then there is the bare mount point, in which nothing may be made: only
    /// who does not wait gives up.
    @Test(.enabled(if: modesCount)) func aShareThatComesLateIsWaitedFor() async throws {
      let scene = try Scene()
      try change("[inbox]", to: "[inbox]\nrequire_marker = true", in: scene)
      try scene.write([], at: "root/inbox/.popcornd-inbox")
      try scene.write(Scene.image("late"), at: "root/inbox/unlabeled/late_FLAIR.nii.gz")
      let (inbox, share) = (scene.path("root/inbox").string, scene.path("root/share").string)
      try #require(rename(inbox, share) == 0)
      try Scene.make(scene.path("root/inbox"))
      try mode(0o555, "root/inbox", in: scene)
      #expect(try await start(scene, once: true).end() == 73)
      let service = try start(scene)
      try await scene.wait(for: "the status") {
        status(of: scene, says: "cannot make \(inbox)/unlabeled: Permission denied: mount its share")
      }
      try #require(rename(inbox, scene.path("root/bare").string) == 0)
      try #require(rename(share, inbox) == 0)
      try await scene.wait(for: "the scan") { scene.shelf("done") == ["late_FLAIR.nii.gz"] }
      try await scene.wait(for: "nothing left to be said") { !status(of: scene, says: "cannot make") }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// A run that ends leaves word, and the next one takes it back.
    @Test(.enabled(if: modesCount)) func aRunOnceEndsBesideAFileThatMayNotBeRead() async throws {
      let scene = try Scene()
      let secret = "root/inbox/unlabeled/secret_FLAIR.nii.gz"
      try scene.write(Scene.image("secret"), at: secret)
      try mode(0, secret, in: scene)
      for _ in 0..<2 {
        #expect(try await start(scene, once: true).end() == 0)
        #expect(
          scene.files(beneath: "root/inbox/unlabeled") == ["secret_FLAIR.nii.gz", "secret_FLAIR.nii.gz.HELD.txt"])
      }
      #expect(try await !scene.ask("dump").text.contains("outcome=held"))
      try mode(0o644, secret, in: scene)
      #expect(try await start(scene, once: true).end() == 0)
      #expect(scene.files(beneath: "root/inbox/unlabeled") == [] && scene.shelf("done") == ["secret_FLAIR.nii.gz"])
    }

    @Test(.enabled(if: modesCount)) func aReceiptThatCannotBeLeftIsSpokenOf() async throws {
      let scene = try Scene(afterAccept: "keep")
      let inbox = "root/inbox/unlabeled"
      try scene.write(Scene.image("a"), at: "\(inbox)/a_FLAIR.nii.gz")
      try mode(0o555, inbox, in: scene)
      let service = try start(scene)
      try await scene.wait(for: "the status") {
        status(of: scene, says: "receipts cannot be left in inbox 0: Permission denied")
      }
      try mode(0o755, inbox, in: scene)
      try scene.write(Scene.image("b"), at: "\(inbox)/b_FLAIR.nii.gz")
      try await scene.wait(for: "a receipt") { scene.read("\(inbox)/b_FLAIR.nii.gz.ACCEPTED.txt") != nil }
      try await scene.wait(for: "the status") { !status(of: scene, says: "receipts cannot be left") }
      try await scene.wait(for: "the receipt of before") { scene.read("\(inbox)/a_FLAIR.nii.gz.ACCEPTED.txt") != nil }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// A folder that may not be written lets nothing go and takes no word: that is made up for once it may, whatever became of
    /// the files.
    @Test(.enabled(if: modesCount)) func whatMayNotBeMovedGetsItsReceiptOnceThatCanBeLeft() async throws {
      let scene = try Scene()
      let inbox = "root/inbox/unlabeled"
      try scene.write(Scene.image("a"), at: "\(inbox)/a_FLAIR.nii.gz")
      try scene.write(Array("login page".utf8), at: "\(inbox)/b_FLAIR.nii.gz")
      try mode(0o555, inbox, in: scene)
      let service = try start(scene)
      try await scene.wait(for: "both decisions") {
        let dump = try await scene.ask("dump").text
        return dump.contains("outcome=accepted") && dump.contains("outcome=rejected")
      }
      try await scene.wait(for: "the status") { status(of: scene, says: "receipts cannot be left in inbox 0") }
      #expect(scene.files(beneath: inbox) == ["a_FLAIR.nii.gz", "b_FLAIR.nii.gz"])
      try mode(0o755, inbox, in: scene)
      try await scene.wait(for: "both receipts") {
        scene.files(beneath: inbox).filter { $0.hasSuffix(".txt") }
          == ["a_FLAIR.nii.gz.ACCEPTED.txt", "b_FLAIR.nii.gz.REJECTED.txt"]
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// Runs a program to its end; answers its status.
    private static func call(_ program: String, _ words: String...) async -> Int32 {
      let running = try? Running(FilePath(program), words, [], log: FilePath("/dev/null"))
      return await (try? running?.end()) ?? 127
    }

    /// A share that is full takes a file away from its inbox and has no room for word of it: that comes once there is some,
    /// also after a restart.
    @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/mount", X_OK) == 0), arguments: [false, true])
    func aReceiptComesOnceAShareHasRoom(isStartedAnew: Bool) async throws {
      let scene = try Scene()
      let root = scene.path("root").string
      guard await Self.call("/usr/bin/mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", root) == 0 else {
        try Test.cancel("nothing may be mounted here")
      }
      defer { umount2(root, Int32(MNT_DETACH)) }
      for tree in ["unlabeled", "labeled"] { try Scene.make(scene.path("root/inbox/\(tree)")) }
      var service = try scene.start()
      try await scene.wait(for: "the start") { scene.read("root/status/STATUS.txt") != nil }
      // Of each folder that is made on the way a page is needed, of receipts one more.
      try Scene.make(scene.path("root/done/\(Self.month)/unlabeled"))
      let filler = try FileDescriptor.open(
        scene.path("root/filler"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
      try scene.write(Scene.image("full"), at: "root/full_FLAIR.nii.gz")
      let page = [UInt8](repeating: 1, count: 4096)
      while (try? filler.writeAll(page)) != nil {}
      try filler.close()
      let place = scene.path("root/inbox/unlabeled/full_FLAIR.nii.gz").string
      #expect(rename(scene.path("root/full_FLAIR.nii.gz").string, place) == 0)
      try await scene.wait(for: "word in the journal") {
        (scene.read("log") ?? "").contains("Receipts cannot be left in inbox 0")
      }
      #expect(scene.shelf("done") == ["full_FLAIR.nii.gz"] && scene.shelf("done", receipts: true) == [])
      if isStartedAnew {
        service.send(SIGKILL)
        #expect(try await service.end() == -SIGKILL)
        service = try scene.start()
      }
      #expect(unlink(scene.path("root/filler").string) == 0)
      try await scene.wait(for: "the receipt") {
        scene.shelf("done", receipts: true) == ["full_FLAIR.nii.gz.ACCEPTED.txt"]
      }
      #expect(scene.shelf("done") == ["full_FLAIR.nii.gz"])
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    private static var month: String {
      var now = time(nil)
      var parts = tm()
      gmtime_r(&now, &parts)
      let month = parts.tm_mon + 1
      return "\(parts.tm_year + 1900)-\(month < 10 ? "0" : "")\(month)"
    }

    /// Of two inboxes one hangs: the other is served, and the service ends when it is asked to.
    @Test func anInboxThatHangsHoldsUpNoOther() async throws {
      let scene = try Scene()
      let inbox = "\"\(scene.folder)/root/inbox\""
      try change("path = [\(inbox)]", to: "path = [\(inbox), \"\(scene.folder)/other/inbox\"]", in: scene)
      try scene.write(Scene.image("a"), at: "root/inbox/unlabeled/a_FLAIR.nii.gz")
      try scene.write(Scene.image("b"), at: "other/inbox/unlabeled/b_FLAIR.nii.gz")
      let taken = { scene.shelf("done") + scene.files(beneath: "other/done").filter { $0.hasSuffix(".gz") } }
      let service = try scene.start(fault: "hang@list")
      try await scene.wait(for: "a scan of the other") { taken().count == 1 }
      #expect(try await scene.ask("status").status == 0)
      service.send(SIGTERM)
      #expect(try await service.end(within: .seconds(40)) == 0)

      #expect(try await scene.start(once: true).end() == 0)
      #expect(taken().count == 2)
    }

    /// A mask that was rejected, and one that was held and that its owner took away: the corrected ones come under other
    /// names, and nothing disputes them. A start in between changes nothing.
    @Test(arguments: [false, true]) func masksThatAreGoneDisputeNothing(isStartedAnew: Bool) async throws {
      let scene = try Scene()
      let inbox = "root/inbox/labeled"
      for name in ["a", "b"] { try scene.write(Scene.image(name), at: "\(inbox)/\(name)_FLAIR.nii.gz") }
      try scene.write(Array("login page".utf8), at: "\(inbox)/a_mask.nii.gz")
      try scene.write(Scene.image("soft", more: ",\"hold\":\"LABEL_SOFT\""), at: "\(inbox)/b_mask.nii.gz")
      var service = try scene.start()
      try await scene.wait(for: "what comes of the masks") {
        scene.shelf("rejected") == ["a_mask.nii.gz"] && scene.read("\(inbox)/b_mask.nii.gz.HELD.txt") != nil
      }
      if isStartedAnew {
        service.send(SIGTERM)
        #expect(try await service.end() == 0)
      }
      try #require(unlink(scene.path("\(inbox)/b_mask.nii.gz").string) == 0)
      if isStartedAnew { service = try scene.start() }
      for name in ["a", "b"] { try scene.write(Scene.image("mask \(name)"), at: "\(inbox)/\(name)_lesion.nii.gz") }
      try await scene.wait(for: "both masks") {
        try await scene.ask("dump").text.ranges(of: "state=expert").count == 2
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }
  }
}
