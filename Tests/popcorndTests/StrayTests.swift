import Glibc
import Testing

extension ServiceTests {
  /// What lies in an inbox and is not taken: links, pipes, DICOM series.
  @Suite(.serialized) struct StrayTests {
    private func link(_ name: String, to target: String, in scene: Scene) throws {
      try Scene.make(scene.path(name).removingLastComponent())
      try #require(symlink(target, scene.path(name).string) == 0)
    }

    private func remove(_ name: String, in scene: Scene) throws {
      try #require(unlink(scene.path(name).string) == 0)
    }

    /// Everything in the inbox but the README.
    private func inbox(_ scene: Scene) -> [String] {
      scene.files(beneath: "root/inbox").filter { $0 != "README.txt" }
    }

    private func stamps(of names: [String], in scene: Scene) throws -> [[Int]] {
      try names.map { name in
        var status = stat()
        try #require(lstat(scene.path("root/inbox/\(name)").string, &status) == 0)
        return [Int(status.st_ino), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
      }
    }

    @Test func aLinkGetsOneReceiptUntilItIsGoneOrAFile() async throws {
      let scene = try Scene()
      try scene.write(Scene.image("elsewhere"), at: "drop/real.nii.gz")
      try link("root/inbox/unlabeled/l_FLAIR.nii.gz", to: "../../../drop/real.nii.gz", in: scene)
      try link("root/inbox/labeled/b_mask.nii.gz", to: "../.git/annex/objects/aa/b.nii.gz", in: scene)
      try link("root/inbox/unlabeled/notes", to: "nowhere", in: scene)
      try #require(mkfifo(scene.path("root/inbox/unlabeled/pipe_FLAIR.nii").string, 0o644) == 0)
      #expect(try await scene.start(once: true).end() == 0)
      let receipts = [
        "labeled/b_mask.nii.gz.HELD.txt", "unlabeled/l_FLAIR.nii.gz.HELD.txt", "unlabeled/pipe_FLAIR.nii.HELD.txt",
      ]
      let there = [
        "labeled/b_mask.nii.gz", receipts[0], "unlabeled/l_FLAIR.nii.gz", receipts[1], "unlabeled/notes",
        "unlabeled/pipe_FLAIR.nii", receipts[2],
      ]
      #expect(inbox(scene) == there)
      let reasons = ["ANNEX_NOT_FETCHED", "SYMLINK", "NOT_REGULAR"]
      for (name, reason) in zip(receipts, reasons) {
        #expect(scene.read("root/inbox/\(name)")?.contains("Reason: \(reason)\n") == true)
      }
      #expect(scene.read("log")?.contains("A file is not taken: SYMLINK") == true)

      // The next run has nothing to add.
      let before = try stamps(of: receipts, in: scene)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try stamps(of: receipts, in: scene) == before && inbox(scene) == there)
      #expect(scene.read("log")?.contains("not taken") == false)

      // While nobody listens, and while the service runs.
      try remove("root/inbox/unlabeled/pipe_FLAIR.nii", in: scene)
      let service = try scene.start()
      try remove("root/inbox/unlabeled/l_FLAIR.nii.gz", in: scene)
      try scene.write(Scene.image("itself"), at: "root/inbox/unlabeled/l_FLAIR.nii.gz")
      try await scene.wait(for: "the file") {
        scene.shelf("done") == ["l_FLAIR.nii.gz"]
          && inbox(scene) == ["labeled/b_mask.nii.gz", receipts[0], "unlabeled/notes"]
      }
      try remove("root/inbox/labeled/b_mask.nii.gz", in: scene)
      try await scene.wait(for: "no receipt") { inbox(scene) == ["unlabeled/notes"] }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
      #expect(scene.read("drop/real.nii.gz") != nil)
    }

    @Test func manyLinksGetOneReceiptAFolderAndADatasetOneInAll() async throws {
      let scene = try Scene()
      for number in 1...9 { try link("root/inbox/unlabeled/many/s\(number)_FLAIR.nii.gz", to: "nowhere", in: scene) }
      for number in 1...3 {
        let name = "root/inbox/unlabeled/ds/sub-\(number)/anat/sub-\(number)_FLAIR.nii.gz"
        try link(name, to: "../../.git/annex/objects/aa/b.nii.gz", in: scene)
      }
      try scene.write(Array("{}".utf8), at: "root/inbox/unlabeled/ds/dataset_description.json")
      let service = try scene.start()
      let words = { scene.files(beneath: "root/inbox/unlabeled").filter { $0.hasSuffix(".txt") } }
      try await scene.wait(for: "the receipts") { words() == ["ds/links.HELD.txt", "many/links.HELD.txt"] }
      let folder = scene.read("root/inbox/unlabeled/many/links.HELD.txt") ?? ""
      #expect(folder.contains("In this folder some names of images are no files: 9 links, not followed."), "\(folder)")
      let dataset = scene.read("root/inbox/unlabeled/ds/links.HELD.txt") ?? ""
      #expect(dataset.contains("Reason: ANNEX_NOT_FETCHED") && dataset.contains("datalad unlock"), "\(dataset)")
      #expect(dataset.contains("In this dataset") && dataset.contains("3 links of git-annex"), "\(dataset)")

      try remove("root/inbox/unlabeled/many/s9_FLAIR.nii.gz", in: scene)
      let few = (1...8).map { "many/s\($0)_FLAIR.nii.gz.HELD.txt" }
      try await scene.wait(for: "a receipt for each") { words() == ["ds/links.HELD.txt"] + few }
      try link("root/inbox/unlabeled/many/s0_FLAIR.nii.gz", to: "nowhere", in: scene)
      try await scene.wait(for: "one again") { words() == ["ds/links.HELD.txt", "many/links.HELD.txt"] }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func aDICOMSeriesGetsOneReceiptWithItsCount() async throws {
      let scene = try Scene()
      let (series, receipt) = ("root/inbox/unlabeled/series", "unlabeled/series/DICOM files.REJECTED.txt")
      for number in 1...40 { try scene.write(Array("dicom".utf8), at: "\(series)/IM\(number).dcm") }
      try scene.write(Array("dicom".utf8), at: "root/inbox/unlabeled/cd/DICOMDIR")
      try scene.write(Scene.image("scan"), at: "\(series)/a_FLAIR.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
      let receipts = ["unlabeled/cd/DICOM files.REJECTED.txt", receipt]
      #expect(inbox(scene).filter { $0.hasSuffix(".txt") } == receipts)
      let words = scene.read("root/inbox/\(receipt)") ?? ""
      for text in ["Reason: DICOM", "These are DICOM files: 40 in this folder.", "dcm2niix"] {
        #expect(words.contains(text), "\(words)")
      }
      // The scan among them is taken; they stay, and the ledger has none of them.
      #expect(scene.shelf("done") == ["series/a_FLAIR.nii.gz"] && scene.shelf("rejected") == [])
      #expect(try await !scene.ask("dump").text.contains("DICOM"))
      #expect(scene.read("log")?.contains("40 files are not taken: DICOM") == true)
      let before = try stamps(of: receipts, in: scene)
      #expect(try await scene.start(once: true).end() == 0)
      #expect(try stamps(of: receipts, in: scene) == before)

      let service = try scene.start()
      try scene.write(Array("dicom".utf8), at: "\(series)/IM41.DCM")
      try await scene.wait(for: "the other count") {
        scene.read("root/inbox/\(receipt)")?.contains("41 in this folder") == true
      }
      #expect(inbox(scene).filter { $0.hasSuffix(".txt") } == receipts)
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
      for name in scene.files(beneath: series) where name.lowercased().hasSuffix(".dcm") {
        try remove("\(series)/\(name)", in: scene)
      }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(inbox(scene) == ["unlabeled/cd/DICOM files.REJECTED.txt", "unlabeled/cd/DICOMDIR"])
    }

    @Test func whatLiesOutOfPlaceIsSaidUntilItIsMoved() async throws {
      let scene = try Scene()
      let deep = "root/inbox/unlabeled/top/" + Array(repeating: "d", count: 70).joined(separator: "/")
      try scene.write(Scene.image("deep"), at: "\(deep)/deep_FLAIR.nii.gz")
      try scene.write(Scene.image("loose"), at: "root/inbox/loose_FLAIR.nii.gz")
      try scene.write(Scene.image("good"), at: "root/inbox/unlabeled/good_FLAIR.nii.gz")
      // What an earlier run said is taken back all the same.
      try scene.write(
        Array("gone_FLAIR.nii: waits for a person. Nothing was deleted.\nReason: SYMLINK\n".utf8),
        at: "root/inbox/unlabeled/gone_FLAIR.nii.HELD.txt")
      #expect(try await scene.start(once: true).end() == 0)
      let receipts = ["loose_FLAIR.nii.gz.HELD.txt", "unlabeled/top.HELD.txt"]
      #expect(inbox(scene).filter { $0.hasSuffix(".txt") } == receipts)
      for name in receipts {
        #expect(scene.read("root/inbox/\(name)")?.contains("Reason: OUT_OF_PLACE\n") == true, "\(name)")
      }
      let status = scene.read("root/status/STATUS.txt") ?? ""
      #expect(status.contains("2 files and folders lie beside unlabeled/ and labeled/, or too deep"), "\(status)")
      #expect(scene.read("log")?.contains("A file is not taken: OUT_OF_PLACE") == true)
      #expect(scene.shelf("done") == ["good_FLAIR.nii.gz"])

      // The next run has nothing to add. Moved to where they belong they are taken.
      let before = try stamps(of: receipts, in: scene)
      let service = try scene.start()
      try await scene.wait(for: "the trouble") { try await scene.status().trouble.count == 1 }
      #expect(try stamps(of: receipts, in: scene) == before)
      for (from, to) in [("inbox/loose_FLAIR.nii.gz", "loose"), ("\(deep.dropFirst(5))/deep_FLAIR.nii.gz", "deep")] {
        let place = scene.path("root/inbox/unlabeled/\(to)_FLAIR.nii.gz").string
        #expect(rename(scene.path("root/\(from)").string, place) == 0)
      }
      let left = "root/inbox/unlabeled/top" + String(repeating: "/d", count: 60)
      #expect(rename(scene.path(left).string, scene.path("drop/rest").string) == 0)
      try await scene.wait(for: "both") {
        scene.shelf("done") == ["deep_FLAIR.nii.gz", "good_FLAIR.nii.gz", "loose_FLAIR.nii.gz"]
          && inbox(scene).isEmpty
      }
      try await scene.wait(for: "no trouble") { try await scene.status().trouble.isEmpty }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    @Test func manyImagesBesideTheTreesGetOneReceipt() async throws {
      let scene = try Scene()
      for number in 1...9 { try scene.write(Scene.image("\(number)"), at: "root/inbox/s\(number)_FLAIR.nii.gz") }
      #expect(try await scene.start(once: true).end() == 0)
      #expect(inbox(scene).filter { $0.hasSuffix(".txt") } == ["images.HELD.txt"])
      let words = scene.read("root/inbox/images.HELD.txt") ?? ""
      #expect(words.contains("9 images lie beside unlabeled/ and labeled/"), "\(words)")
      #expect(scene.read("log")?.contains("9 files are not taken: OUT_OF_PLACE") == true)
    }

    @Test func theStatusCountsWhatIsPassedOver() async throws {
      let scene = try Scene()
      for name in ["a.docx", "b.xyz", ".hidden", "c.txt"] {
        try scene.write([1], at: "root/inbox/unlabeled/\(name)")
      }
      #expect(try await scene.start(once: true).end() == 0)
      let status = scene.read("root/status/STATUS.txt") ?? ""
      #expect(status.contains("0 files to take") && status.contains(", 3 passed over"), "\(status)")
    }
  }
}
