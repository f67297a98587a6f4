import Glibc
import Testing

/// An expert's mask that has nothing in common with a draft that can be trusted, or with the expert's mask before it.
@Suite(.serialized) struct AgreementTests {
  @Test func aMaskThatDisagreesGrosslyIsHeldUntilAPersonReleasesIt() async throws {
    let scene = try Scene(afterAccept: "keep")
    try scene.dropCohort()
    let labeled = "root/inbox/labeled"
    for name in ["far", "near", "tiny"] {
      try scene.write(Scene.image("big \(name)"), at: "root/inbox/unlabeled/\(name)_FLAIR.nii.gz")
    }
    try scene.write(Scene.image("small"), at: "root/inbox/unlabeled/small_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)

    // Corrections come as people send them: the draft's name, with the case's label in it.
    let drafts = scene.files(beneath: "root/outbox").filter { $0.hasSuffix("_mask.nii.gz") }
    #expect(!drafts.isEmpty)
    let whose = try await owners(scene)
    for (name, voxels, foreground) in [
      ("far", "elsewhere 1", 2000), ("near", "here", 2000), ("tiny", "elsewhere 2", 200),
      ("small", "elsewhere 3", 2000),
    ] {
      let id = try #require(whose[name])
      try scene.write(
        Scene.image(voxels, more: ",\"foreground\":\(foreground),\"ownCase\":\"\(id)\""),
        at: "\(labeled)/\(name)_mask.nii.gz")
    }
    #expect(try await scene.start(once: true).end() == 0)
    let held = scene.files(beneath: "root/inbox").filter { $0.hasSuffix(".HELD.txt") }
    #expect(held == ["labeled/far_mask.nii.gz.HELD.txt"])
    let receipt = scene.read("\(labeled)/far_mask.nii.gz.HELD.txt") ?? ""
    #expect(receipt.contains("LABEL_DISAGREES") && receipt.contains("Dice 0.0") && receipt.contains("release"))
    for (name, isExpert) in [("far", false), ("near", true), ("tiny", true), ("small", true)] {
      let shown = try await scene.ask("case", "show", try #require(whose[name])).text
      #expect(shown.contains("expert mask") == isExpert, "\(name)")
    }

    try Scene.make(scene.path("root/inbox/release"))
    #expect(
      rename(
        scene.path("\(labeled)/far_mask.nii.gz").string,
        scene.path("root/inbox/release/far_mask.nii.gz").string) == 0)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await scene.ask("case", "show", try #require(whose["far"])).text.contains("expert mask"))
  }

  /// Names are free again once their files were put away: what comes under a used name may be another patient's.
  @Test func aMaskUnderAUsedNameIsNotTakenForACorrection() async throws {
    let scene = try Scene()
    let (scan, mask) = ("root/inbox/labeled/p_FLAIR.nii.gz", "root/inbox/labeled/p_mask.nii.gz")
    try scene.write(Scene.image("scan A"), at: scan)
    try scene.write(Scene.image("mask A"), at: mask)
    #expect(try await scene.start(once: true).end() == 0)
    try scene.write(Scene.image("mask A, corrected"), at: mask)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(try await revisions(scene) == [1, 2])

    try scene.write(Scene.image("elsewhere, mask B"), at: mask)
    #expect(try await scene.start(once: true).end() == 0)
    let receipt = scene.read("\(mask).HELD.txt") ?? ""
    for words in [
      "LABEL_DISAGREES", "of its scan, case PSN", "Dice 0.0", "drop that scan under its name",
      "move it into inbox/release/",
    ] { #expect(receipt.contains(words), "\(receipt)") }
    #expect(try await revisions(scene) == [1, 2])

    // It is looked at again when its own scan comes.
    try scene.write(Scene.image("scan B"), at: scan)
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.files(beneath: "root/inbox/labeled") == [])
    #expect(try await revisions(scene) == [1, 1, 2])
    let dump = try await scene.ask("dump").text
    #expect(dump.ranges(of: "state=expert").count == 2 && !dump.contains("outcome=held"))
  }

  /// A mask without a lesion has all in common with another such, and nothing with any other.
  @Test(arguments: [
    ("none", "lesions", false), ("lesions", "none", false), ("none", "none, saved anew", true),
    ("lesions", "more lesions", true),
  ])
  func anEmptyMaskAgreesWithAnEmptyOne(first: String, second: String, isTaken: Bool) async throws {
    let scene = try Scene()
    try scene.write(Scene.image("scan"), at: "root/inbox/labeled/p_FLAIR.nii.gz")
    for voxels in [first, second] {
      try scene.write(Scene.image(voxels), at: "root/inbox/labeled/p_mask.nii.gz")
      #expect(try await scene.start(once: true).end() == 0)
    }
    #expect(try await revisions(scene) == (isTaken ? [1, 2] : [1]))
    #expect(scene.files(beneath: "root/inbox/labeled").contains("p_mask.nii.gz.HELD.txt") != isTaken)
  }

  /// The revisions of all expert masks, sorted.
  private func revisions(_ scene: Scene) async throws -> [Int] {
    try await scene.ask("dump").text.split(separator: "\n").filter { $0.hasPrefix("label ") }.compactMap { line in
      line.split(separator: " ").first { $0.hasPrefix("revision=") }.flatMap { Int($0.dropFirst(9)) }
    }.sorted()
  }

  /// The case of each scan, from the receipts beside them.
  private func owners(_ scene: Scene) async throws -> [String: String] {
    var owners: [String: String] = [:]
    for path in scene.files(beneath: "root/inbox/unlabeled") where path.hasSuffix(".ACCEPTED.txt") {
      let words = (scene.read("root/inbox/unlabeled/\(path)") ?? "").split { !$0.isLetter && !$0.isNumber }
      let name = path.prefix { $0 != "_" }
      owners[String(name)] = words.first { $0.hasPrefix("PSN") && $0.count == 13 }.map { String($0) }
    }
    return owners
  }
}
