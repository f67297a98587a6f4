import Contract
import Files
import FoundationEssentials
import Glibc
import SystemPackage
import Testing
import Watch

@testable import popcorn

/// What names say in a data folder; no file is read.
@Suite struct DataFolderTests {
  /// A folder whose scans are empty files.
  private static func folder(labeled: [String], unlabeled: [String] = []) throws -> TemporaryFolder {
    let folder = try TemporaryFolder("popcorn-data-folder")
    for (part, names) in [("labeled", labeled), ("unlabeled", unlabeled)] {
      try FileManager.default.createDirectory(
        atPath: folder.path.appending(part).string, withIntermediateDirectories: true)
      for name in names {
        try writeDurably([], to: folder.path.appending(part).appending("\(name)_FLAIR.nii.gz").string)
        guard part == "labeled" else { continue }
        try writeDurably([], to: folder.path.appending(part).appending("\(name)_mask.nii.gz").string)
      }
    }
    return folder
  }

  /// One rule tells persons apart for a study and for the service.
  @Test func aPersonIsWhoTheServiceSays() throws {
    let names = [
      "P1_t1", "P1_t2", "P2-s1", "P3_ses-1", "P7_01", "P7_02", "site_01", "site_02", "tabriz-08", "catania-P39-t1",
      "sub-X_ses-1", "sub-X_ses-2", "ph-0046", "a_v1", "b-tp02",
    ]
    let folder = try Self.folder(labeled: names)
    let cases = try DataFolder(folder.path).labeled
    let persons = Dictionary(uniqueKeysWithValues: cases.map { ($0.id, $0.subject) })
    #expect(
      persons == [
        "P1_t1": "P1", "P1_t2": "P1", "P2-s1": "P2", "P3_ses-1": "P3", "P7_01": "P7", "P7_02": "P7",
        "site_01": "site_01", "site_02": "site_02", "tabriz-08": "tabriz-08", "catania-P39-t1": "catania-P39",
        "sub-X_ses-1": "X", "sub-X_ses-2": "X", "ph-0046": "ph-0046", "a_v1": "a", "b-tp02": "b",
      ])
    for scan in cases {
      #expect(Subject(of: FilePath("labeled/\(scan.id)_FLAIR.nii.gz")).key == scan.subject)
    }
  }

  /// `site1_01` and `site1_02` look like two times of one person; a pattern says that they are two.
  @Test func aPatternSaysItOtherwise() throws {
    let folder = try Self.folder(labeled: ["site1_01", "site1_02", "site1_03x9"])
    #expect(Set(try DataFolder(folder.path).labeled.map(\.subject)) == ["site1", "site1_03x9"])
    let pattern = try #require(SubjectPattern("{subject}_FLAIR"))
    let data = try DataFolder(folder.path, subjects: pattern)
    #expect(data.unfitting.isEmpty)
    let marked = try #require(SubjectPattern("{subject}x*"))
    #expect(
      try DataFolder(folder.path, subjects: marked).unfitting.map {
        $0.hasSuffix("site1_01_FLAIR.nii.gz") || $0.hasSuffix("site1_02_FLAIR.nii.gz")
      } == [
        true, true,
      ])
    let split = data.split()
    #expect(split.holdout.count == 1 && split.trainingSet.count == 2)
    let options = try DataOptions.parse(["--data", folder.path.string, "--subject-pattern", "{subject}_FLAIR"])
    #expect(try options.folder().labeled.map(\.subject) == ["site1_01", "site1_02", "site1_03x9"])
    #expect(try DataOptions.parse(options.words).subjectPattern == "{subject}_FLAIR")
    #expect(throws: (any Error).self) { try DataOptions.parse(["--data", "x", "--subject-pattern", "{session}"]) }
  }

  /// A training leaves out of the pool who is held out by chance of names; a study refuses it.
  @Test func thePoolLacksWhoIsHeldOut() throws {
    let folder = try Self.folder(labeled: ["P1_t1", "P2_t1"], unlabeled: ["P1_t2", "P2_t2", "P3_t1"])
    let data = try DataFolder(folder.path)
    let held = try #require(data.split().holdout.first).subject
    let (pool, leftOut) = data.poolBesideHoldout
    #expect(leftOut.map(\.id) == ["\(held)_t2"] && pool.count == 2)
    try data.refuseOverlap([:])
    #expect(throws: Fault.self) { try data.refuseHeldOutInPool() }
  }

  /// Several experts' masks are each of one scan; what is of none, and what only looks like one, is not taken.
  @Test func masksGoWithTheirScans() throws {
    let folder = try Self.folder(labeled: ["a", "a_mask", "b"])
    for name in ["a_mask2.nii.gz", "a_mask10.nii", "b_mask_old.nii.gz"] {
      try writeDurably([], to: folder.path.appending("labeled").appending(name).string)
    }
    let data = try DataFolder(folder.path)
    let masks = data.labeled.map { [$0.id] + $0.masks.compactMap { FilePath($0.path).lastComponent?.string }.sorted() }
    #expect(
      Set(masks) == [
        ["a", "a_mask.nii.gz", "a_mask10.nii", "a_mask2.nii.gz"], ["a_mask", "a_mask_mask.nii.gz"],
        ["b", "b_mask.nii.gz"],
      ])
    #expect(data.ignored == ["labeled/b_mask_old.nii.gz"])
    try writeDurably([], to: folder.path.appending("labeled").appending("c_mask.nii.gz").string)
    let alone = #expect(throws: Fault.self) { try DataFolder(folder.path) }
    #expect(alone?.description.contains("c_mask.nii.gz has no c_FLAIR.nii.gz") == true)
  }

  /// Who opens a pipe waits for a writer, and a name that is no text leads to no file.
  @Test func whatNoProgramCouldReadIsNamed() throws {
    let pipes = try Self.folder(labeled: ["a"])
    #expect(mkfifo(pipes.path.appending("labeled/b_FLAIR.nii.gz").string, 0o600) == 0)
    let pipe = #expect(throws: Fault.self) { try DataFolder(pipes.path) }
    #expect(pipe?.description.contains("b_FLAIR.nii.gz") == true, "\(pipe as Any)")

    let foreign = try Self.folder(labeled: ["a"])
    let name = FilePath(rawBytes: Array("b\u{e9}".unicodeScalars.map { UInt8($0.value) }) + Array("_FLAIR.nii.gz".utf8))
    let path = foreign.path.appending("labeled").appending(name.components)
    #expect(path.withPlatformString { open($0, O_CREAT | O_WRONLY, 0o600) } >= 0)
    let text = #expect(throws: Fault.self) { try DataFolder(foreign.path) }
    #expect(text?.description.contains("UTF-8") == true, "\(text as Any)")
  }
}
