import Contract
import Files
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Ledger

@Suite struct OutboxTests {
  private func outbox(_ desk: Desk) throws -> Outbox {
    Outbox(try desk.scratch.folder("outbox"), ledger: desk.ledger, by: 0)
  }

  @Test func whatIsPublishedIsReplacedWhileItIsOurs() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    let path: FilePath = "sub-A/anat/x.json"
    #expect(try outbox.publish(Array("1".utf8), at: path) == .published)
    #expect(try outbox.publish(Array("1".utf8), at: path) == .unchanged)
    #expect(try outbox.publish(Array("2".utf8), at: path) == .published)
    #expect(text(path, in: outbox.directory) == "2")
    var status = stat()
    stat(outbox.directory.path.appending("sub-A/anat/x.json").string, &status)
    #expect(status.st_mode & 0o7777 == 0o640)
    #expect(try desk.ledger.outputs().map(\.digest) == [digest("2")])
  }

  /// BIDS labels hold neither umlauts nor other scripts.
  @Test func noTwoRatersShareAFile() {
    let names = OutputNames(subject: "A")
    let raters = ["", "1", "R1", "R_1", "r1", "Müller", "Möller", "Mller", "李", "Анна", "Ольга"]
    #expect(Set(raters.map { names.expert(rater: $0) }).count == raters.count)
    for rater in raters {
      let label = names.expert(rater: rater).string.split(separator: "desc-")[1].prefix { $0 != "_" }
      #expect(label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }
  }

  @Test func whatSomebodyEditedIsNeverOverwritten() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    let path: FilePath = "sub-A/anat/x.nii.gz"
    try outbox.publish(Array("1".utf8), at: path)
    try write("theirs", as: path, in: outbox.directory)
    let expected = Outbox.Outcome.edited(found: digest("theirs"))
    #expect(try outbox.publish(Array("2".utf8), at: path) == expected)
    #expect(try outbox.remove(path) == expected)
    let output = try #require(try desk.ledger.output(at: path))
    #expect(try outbox.inspect(output) == expected)
    #expect(text(path, in: outbox.directory) == "theirs")
    #expect(try desk.ledger.auditRecords().filter { $0.event == .outputEdited }.count == 1)
    // Put back as it was, it is ours again.
    try write("1", as: path, in: outbox.directory)
    #expect(try outbox.publish(Array("2".utf8), at: path) == .published)
  }

  @Test func aStrangersFileIsNotReplacedEvenWhereItIsEqual() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    try write("same", as: "notes.txt", in: outbox.directory)
    #expect(try outbox.publish(Array("same".utf8), at: "notes.txt") == .edited(found: digest("same")))
    #expect(try outbox.remove("notes.txt") == .absent)
    #expect(text("notes.txt", in: outbox.directory) == "same")
    // Nor a link or a folder in its place.
    symlink("notes.txt", outbox.directory.path.appending("link.txt").string)
    #expect(throws: LedgerFault.self) { try outbox.publish(Array("x".utf8), at: "link.txt") }
    #expect(text("notes.txt", in: outbox.directory) == "same")
  }

  /// A crash between the note of what is to be written, the writing, and the note that it is.
  @Test func anInterruptedPublicationIsKnownAsOurs() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    let path: FilePath = "x.txt"
    try desk.ledger.intend(digest("1"), at: path, case: nil, generation: nil)
    #expect(try outbox.publish(Array("1".utf8), at: path) == .published)
    try desk.ledger.intend(digest("2"), at: path, case: nil, generation: nil)
    #expect(try outbox.publish(Array("3".utf8), at: path) == .published)
    try desk.ledger.intend(digest("4"), at: path, case: nil, generation: nil)
    try write("4", as: path, in: outbox.directory)
    #expect(try outbox.publish(Array("4".utf8), at: path) == .unchanged)
    #expect(try desk.ledger.output(at: path)?.digest == digest("4"))
    try desk.ledger.intend(digest("5"), at: path, case: nil, generation: nil)
    try write("5", as: path, in: outbox.directory)
    #expect(try outbox.publish(Array("6".utf8), at: path) == .published)
    #expect(text(path, in: outbox.directory) == "6")
  }

  @Test func litterOfACrashIsRemovedAndNothingElse() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    try outbox.publish(Array("1".utf8), at: "sub-A/anat/x.txt")
    try write("half", as: "sub-A/.popcornd-tmp-1-2", in: outbox.directory)
    try write("theirs", as: "sub-A/.hidden", in: outbox.directory)
    try outbox.removeTemporaries()
    #expect(try outbox.directory.directory("sub-A").names() == [".hidden", "anat"])
  }

  @Test func aMaskOfTheStoreIsCopiedWhole() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    let store = try Store(desk.state)
    let mask = try store.adopt(Array("mask".utf8), as: .image)
    #expect(try outbox.publish(mask, .image, of: store, at: "a/b.nii.gz") == .published)
    #expect(text("a/b.nii.gz", in: outbox.directory) == "mask")
    let path = store.path(mask, .image)
    try write("msak", as: FilePath(path.lastComponent?.string ?? ""), in: Directory(path.removingLastComponent()))
    #expect(throws: LedgerFault.self) { try outbox.publish(mask, .image, of: store, at: "a/c.nii.gz") }
    #expect(try outbox.directory.directory("a").names() == ["b.nii.gz"])
  }

  @Test func whatAUserRemovedIsNoticedAndMadeAgainWhenAsked() throws {
    let desk = try Desk()
    let outbox = try outbox(desk)
    try outbox.publish(Array("1".utf8), at: "x.txt")
    unlink(outbox.directory.path.appending("x.txt").string)
    #expect(try outbox.inspect(try #require(try desk.ledger.output(at: "x.txt"))) == .absent)
    #expect(try outbox.publish(Array("1".utf8), at: "x.txt") == .published)
  }

  /// BIDS 1.9: `sub-<label>[_ses-<label>][_space-<label>][_seg-<label>][_label-<label>][_desc-<label>]_<suffix>`.
  @Test(arguments: [("PSN7Q2M4K5TBA", nil), ("01", "02"), ("Émile_Z-1", "a b"), ("x", "--")] as [(String, String?)])
  func namesAreBIDS(subject: String, session: String?) throws {
    let names = OutputNames(subject: subject, session: session)
    let images = [
      names.mask(.draft), names.mask(.pseudo), names.mask(.pseudo, keptOf: 6), names.expert(),
      names.expert(rater: "R_1"), names.probability,
    ]
    let pattern = try Regex(
      "^sub-[A-Za-z0-9]+/(ses-[A-Za-z0-9]+/)?anat/sub-[A-Za-z0-9]+(_ses-[A-Za-z0-9]+)?_space-orig(_seg-popcorn)?"
        + "_label-L(_desc-[A-Za-z0-9]+)?_(mask|probseg)\\.(nii\\.gz|json)$")
    for path in images + images.map(OutputNames.sidecar) {
      #expect(path.string.wholeMatch(of: pattern) != nil, "\(path)")
      let folder = path.components.dropLast(2).map(\.string).joined(separator: "_")
      #expect(path.lastComponent?.string.hasPrefix(folder + "_space") == true)
    }
    #expect(!names.probability.string.contains("desc-"))
  }

  @Test func namesAreThoseOfTheManual() {
    let names = OutputNames(subject: "PSN7Q2M4K5TBA")
    let stem = "sub-PSN7Q2M4K5TBA/anat/sub-PSN7Q2M4K5TBA_space-orig"
    #expect(names.mask(.draft).string == "\(stem)_label-L_desc-draft_mask.nii.gz")
    #expect(OutputNames.sidecar(of: names.mask(.pseudo)).string == "\(stem)_label-L_desc-pseudo_mask.json")
    #expect(names.mask(.pseudo, keptOf: 6).string == "\(stem)_label-L_desc-pseudoGen0006_mask.nii.gz")
    #expect(names.expert(rater: "R1").string == "\(stem)_label-L_desc-expertR1_mask.nii.gz")
    #expect(names.probability.string == "\(stem)_seg-popcorn_label-L_probseg.nii.gz")
    #expect(OutputNames.model(7).string == "models/popcorn_gen-0007.safetensors")
  }
}

/// A study's outbox, from the first draft to an expert's correction.
@Suite struct PublisherTests {
  @Test func theOutboxFollowsTheLedger() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let store = try Store(desk.state)
    let outbox = Outbox(try desk.scratch.folder("outbox"), ledger: ledger, by: 0)
    let publisher = Publisher(ledger: ledger, store: store, outbox: outbox)
    try Dataset(name: "ms \"one\"", version: "1.0").publish(in: outbox)

    let expert = try ledger.create(scan("e"), as: .accepted, by: 0).label
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    let model = try store.adopt(Array("model".utf8), as: .weights)
    try ledger.beginCycle(1, cause: "labels", order: digest("order"), by: 0)
    _ = try ledger.endCycle(
      1, with: result(.publish), model: model, optimizer: digest("adam"), files: [:], by: 0)
    try publisher.publishModels()
    #expect(text("models/CURRENT", in: outbox.directory) == "popcorn_gen-0001.safetensors\n")
    #expect(text("models/SHA256SUMS", in: outbox.directory) == "\(model)  popcorn_gen-0001.safetensors\n")

    let mask = try store.adopt(Array("mask".utf8), as: .image)
    let probability = try store.adopt(Array("probability".utf8), as: .image)
    var figures = figures("a")
    figures.maskDigest = mask.description
    figures.probabilityDigest = probability.description
    try ledger.recordMask(of: name, generation: 1, threshold: 0.5, latent: nil, figures: figures, by: 0)
    let names = OutputNames(subject: name)
    #expect(try publisher.publish(case: name).values.allSatisfy { $0 == .published })
    #expect(try publisher.publish(case: name).values.allSatisfy { $0 == .unchanged })
    #expect(text(names.mask(.draft), in: outbox.directory) == "mask")
    try expectSidecar(names.mask(.draft), in: outbox, manual: false, kind: "draft", mask: mask)

    try publisher.publishTable()
    #expect(
      text("lesions.tsv", in: outbox.directory)?.split(separator: "\n").last
        == "\(try ledger.case(name).subject)\tn/a\t\(name)\t1\tdraft\t3\t40\t0.04\t0.02\t0.75\tn/a\t\(mask)")

    // Selected: desc-draft becomes desc-pseudo.
    try ledger.beginCycle(2, cause: "arrivals", order: digest("order"), by: 0)
    var cycle = result(.publish, selecting: [name])
    cycle.selections[0].proximity.nearest = [ProximityFigures.Neighbour(id: expert, distance: 2.5)]
    _ = try ledger.endCycle(
      2, with: cycle, model: model, optimizer: digest("adam"), files: selectionFiles([name]), by: 0)
    #expect(try publisher.publish(case: name)[names.mask(.draft)] == .removed)
    #expect(text(names.mask(.draft), in: outbox.directory) == nil)
    try expectSidecar(names.mask(.pseudo), in: outbox, manual: false, kind: "pseudo", mask: mask)
    let sidecar = text(OutputNames.sidecar(of: names.mask(.pseudo)), in: outbox.directory) ?? ""
    #expect(sidecar.contains("\"SelectionRank\": 1") && sidecar.contains("\"Kind\": \"expert\""))

    // Edited in place, then corrected properly: what was edited stays.
    try write("edited", as: names.mask(.pseudo), in: outbox.directory)
    let drawn = try store.adopt(Array("drawn".utf8), as: .image)
    try ledger.promote(
      name,
      with: NewLabel(
        digest: drawn, inputDigest: digest("i"), owner: 1000, foreground: 12, lesionCount: 2, largestMl: 0.009),
      by: 1000)
    #expect(try publisher.publish(case: name)[names.mask(.pseudo)] == .edited(found: digest("edited")))
    #expect(text(names.mask(.pseudo), in: outbox.directory) == "edited")
    try expectSidecar(names.expert(), in: outbox, manual: true, kind: "expert", mask: drawn)
    #expect(try ledger.maskPath(of: ledger.case(name)) == names.expert())

    try publisher.publishTable()
    let table = (text("lesions.tsv", in: outbox.directory) ?? "").split(separator: "\n").map {
      $0.split(separator: "\t").map { String($0) }
    }
    #expect(table.count == 2 && table.allSatisfy { $0.count == 12 })
    #expect(table.last?[2] == name && table.last?[4] == "expert")
    #expect(table.last?[5...8] == ["2", "12", "0.012", "0.009"])

    // Withdrawn: what is ours goes, what somebody edited stays.
    try ledger.change(name, to: .withdrawn, by: 0)
    try publisher.publish(case: name)
    #expect(text(names.expert(), in: outbox.directory) == nil)
    #expect(text(names.mask(.pseudo), in: outbox.directory) == "edited")
    #expect(try ledger.verifyAudit().isWhole)
  }

  private func expectSidecar(
    _ image: FilePath, in outbox: Outbox, manual: Bool, kind: String, mask: Digest
  ) throws {
    let content = try #require(text(OutputNames.sidecar(of: image), in: outbox.directory))
    let sidecar = try JSONDecoder().decode(ReadSidecar.self, from: Data(content.utf8))
    #expect(sidecar.Type == "Lesion" && sidecar.Manual == manual && sidecar.SpatialReference == "orig")
    #expect(sidecar.Popcornd.Kind == kind && sidecar.Popcornd.MaskSHA256 == mask.description)
    #expect(sidecar.Popcornd.VoxelVolume_mm3 == 1)
  }

  @Test func theDatasetsDescriptionIsJSONWhateverTheStudyIsCalled() throws {
    struct Description: Decodable {
      let Name: String, BIDSVersion: String, DatasetType: String
      let DatasetLinks: [String: String]
    }
    let name = "\"a\"\\b\n\u{1}é"
    let text = Dataset(name: name, version: "1").description
    let read = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
    #expect(read.Name == name && read.DatasetType == "derivative" && read.DatasetLinks["inbox"] != nil)
  }
}

/// What a reader takes from a sidecar; the names are those of the file.
private struct ReadSidecar: Decodable {
  struct Ours: Decodable {
    let Kind: String, MaskSHA256: String
    let VoxelVolume_mm3: Double
  }
  let `Type`: String, SpatialReference: String
  let Manual: Bool
  let Popcornd: Ours
}
