import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import popcorn

/// Which files `popcorn evaluate` lays beside each other.
@Suite struct MaskPairingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("popcorn-pairing") }

  /// Makes empty files in a folder of that name.
  private func make(_ name: String, _ files: [String]) throws -> FilePath {
    let made = try Directory(folder.path).directory(making: FilePath(name))
    for file in files { try DurableFile.write([UInt8](), as: FilePath(file), in: made) }
    return folder.path.appending(name)
  }

  private func fault(_ truths: [FilePath], _ masks: [FilePath]) -> Fault? {
    do {
      _ = try MaskPairing(truths: truths, masks: masks).cases()
      return nil
    } catch {
      return Fault(error)
    }
  }

  @Test(
    arguments: [
      ("s1_mask.nii.gz", "s1", nil), ("s1_mask2.nii.gz", "s1", "mask2"), ("s1_mask12.nii", "s1", "mask12"),
      ("s1_dseg.nii.gz", "s1", nil), ("s1_seg.nii", "s1", nil), ("s1.nii.gz", "s1", nil), ("s12.nii.gz", "s12", nil),
      ("mask1.nii", "mask1", nil), ("a_mask_b.nii", "a_mask_b", nil), ("s1_mask٣.nii", "s1_mask٣", nil),
      ("S1_MASK.NII.GZ", "S1", nil), ("s1_lesion_R2.nii", "s1", "R2"), ("s1_manual.nii", "s1", nil),
      ("s1_FLAIR.nii", "s1", nil), ("sub-01_ses-2_space-orig_label-L_desc-popcorn_mask.nii.gz", "sub-01_ses-2", nil),
      ("sub-01_ses-2_FLAIR.nii", "sub-01_ses-2", nil), ("s1_FLAIR_mask2.nii", "s1", "mask2"),
      ("sub-01_label-L_desc-expertAnna_mask.nii.gz", "sub-01", "Anna"),
      ("sub-01_label-L_desc-expert2_mask.nii.gz", "sub-01", "mask2"),
      ("sub-01_label-L_desc-expert_mask.nii.gz", "sub-01", nil),
    ] as [(String, String, String?)])
  func names(file: String, stem: String, rater: String?) {
    #expect(MaskName(file).stem == stem)
    #expect(MaskName(file).rater == rater)
  }

  @Test func foldersPairUpByName() throws {
    let truth = try make("truth", ["b_mask.nii.gz", "a_dseg.nii", "a_FLAIR.nii.gz", "a_brainmask.nii.gz", "notes.txt"])
    let mask = try make("mask", ["a_mask.nii", "b.nii.gz", "more_mask.nii.gz"])
    let other = try make("other", ["a.nii", "b_seg.nii"])
    let pairing = MaskPairing(truths: [truth], masks: [mask, other])
    let cases = try pairing.cases()
    #expect(try pairing.masksWithoutTruth(beside: cases) == [mask.appending("more_mask.nii.gz")])
    #expect(cases.map(\.name) == ["a", "b"])
    #expect(cases[0].truths == [.init(rater: "truth", path: truth.appending("a_dseg.nii"))])
    #expect(cases[1].masks == [mask.appending("b.nii.gz"), other.appending("b_seg.nii")])
  }

  @Test func numberedMasksAreRaters() throws {
    let truth = try make("truth", ["a_mask1.nii.gz", "a_mask2.nii.gz", "b_mask.nii.gz"])
    let mask = try make("mask", ["a_mask.nii", "b_mask.nii"])
    let cases = try MaskPairing(truths: [truth], masks: [mask]).cases()
    #expect(cases.map { $0.truths.map(\.rater) } == [["mask1", "mask2"], ["truth"]])
  }

  @Test func foldersAreRaters() throws {
    let (first, second) = (try make("anna", ["a_mask.nii"]), try make("bert", ["a_mask1.nii", "a_mask2.nii"]))
    let mask = try make("mask", ["a_mask.nii"])
    let cases = try MaskPairing(truths: [first, second], masks: [mask]).cases()
    #expect(cases.map { $0.truths.map(\.rater) } == [["anna", "bert/mask1", "bert/mask2"]])
    // Two folders of one name are told apart by their paths.
    let namesake = try make("more/anna", ["a_mask.nii"])
    let raters = try MaskPairing(truths: [first, namesake], masks: [mask]).cases()[0].truths.map(\.rater)
    #expect(raters == [first.string, namesake.string])
  }

  /// Who drew a part of the cases judges that part, whether raters are folders or numbers.
  @Test func aCaseIsJudgedByThoseWhoDrewIt() throws {
    let (anna, bert) = (
      try make("anna", ["a_mask.nii", "b_mask.nii"]), try make("bert", ["b_mask.nii", "c_mask.nii"])
    )
    let numbered = try make("numbered", ["a_mask1.nii", "b_mask1.nii", "b_mask2.nii", "c_mask2.nii"])
    let mask = try make("mask", ["a_mask.nii", "b_mask.nii", "c_mask.nii"])
    for (truths, raters) in [([anna, bert], ["anna", "bert"]), ([numbered], ["mask1", "mask2"])] {
      let cases = try MaskPairing(truths: truths, masks: [mask]).cases()
      #expect(cases.map(\.name) == ["a", "b", "c"])
      #expect(cases.map { $0.truths.map(\.rater) } == [[raters[0]], raters, [raters[1]]])
      let undrawn = MaskPairing.undrawn(in: cases)
      #expect(undrawn.map(\.rater) == raters && undrawn.map(\.cases) == [["c"], ["a"]])
    }
  }

  /// A BIDS dataset, as the service's outbox is one; and masks that have their scans' names.
  @Test func subjectsFoldersAndScansNames() throws {
    let truth = try make("truth", ["sub-1_FLAIR.nii.gz", "sub-1_mask.nii.gz", "sub-2_mask.NII.GZ", "s3_mask.nii"])
    let outbox = try make("outbox", ["s3_FLAIR.nii", "README"])
    _ = try make(
      "outbox/sub-1/anat",
      ["sub-1_space-orig_label-L_desc-popcorn_mask.nii.gz", "sub-1_space-orig_seg-popcorn_label-L_probseg.nii.gz"])
    _ = try make("outbox/sub-2/ses-9/anat", ["sub-2_space-orig_label-L_desc-popcorn_mask.nii.gz"])
    _ = try make("outbox/models", ["sub-3_mask.nii"])
    let pairing = MaskPairing(truths: [truth], masks: [outbox])
    let cases = try pairing.cases()
    #expect(cases.map(\.name) == ["s3", "sub-1", "sub-2"])
    #expect(cases[0].masks == [outbox.appending("s3_FLAIR.nii")])
    #expect(cases[1].masks[0].string.contains("outbox/sub-1/anat/sub-1_space-orig_label-L"))
    #expect(try pairing.masksWithoutTruth(beside: cases).isEmpty)
  }

  /// Of what the service leaves in its outbox experts' masks are the truth, and of its own those of this generation are judged.
  @Test func theOutboxOfTheService() throws {
    let outbox = try make("outbox", ["dataset_description.json"])
    let ours = { (subject: String, description: String) in
      "\(subject)_space-orig_label-L_desc-\(description)_mask.nii.gz"
    }
    _ = try make(
      "outbox/sub-1/anat",
      ["expertAnna", "expertBert", "pseudo", "pseudoGen0001", "draftGen10000"].map { ours("sub-1", $0) })
    _ = try make("outbox/sub-2/anat", ["expert", "draft"].map { ours("sub-2", $0) })
    let cases = try MaskPairing(truths: [outbox], masks: [outbox]).cases()
    #expect(cases.map { $0.truths.map(\.rater) } == [["Anna", "Bert"], ["truth"]])
    #expect(
      cases.map { $0.masks.compactMap(\.lastComponent?.string) } == [
        [ours("sub-1", "pseudo")], [ours("sub-2", "draft")],
      ])
    // Where nobody drew, there is one mask, and it is not its own truth.
    _ = try make("outbox/sub-3/anat", [ours("sub-3", "draft")])
    #expect(fault([outbox], [outbox])?.description.contains("is given as truth and as a mask to judge") == true)
  }

  /// What a BIDS name says to be of something else than lesions is no mask of lesions.
  @Test func tissuesAndBrainsAreNoLesions() throws {
    let lesions = ["sub-1_label-lesion_mask.nii", "sub-2_desc-manual_label-WMH_dseg.nii", "sub-3_mask.nii"]
    let truth = try make("truth", lesions + ["sub-1_desc-brain_mask.nii", "sub-2_label-GM_mask.nii", "sub-2_T1w.json"])
    let mask = try make(
      "mask", ["sub-1_mask.nii", "sub-2_mask.nii", "sub-3_label-L_mask.nii", "sub-3_label-WM_mask.nii"])
    let cases = try MaskPairing(truths: [truth], masks: [mask]).cases()
    #expect(cases.map(\.truths[0].path.lastComponent?.string) == lesions)
    #expect(cases[2].masks == [mask.appending("sub-3_label-L_mask.nii")])
    let tissue = try make("tissue", ["sub-1_label-GM_mask.nii", "sub-2_desc-brain_mask.nii"])
    #expect(fault([truth], [tissue])?.description.contains("holds no mask for sub-1 and 2 more") == true)
  }

  @Test func filesAreOneCase() throws {
    let truth = try make("truth", ["a_mask1.nii", "a_mask2.nii"])
    let mask = try make("mask", ["x.nii"]).appending("x.nii")
    let drawn = ["a_mask1.nii", "a_mask2.nii"].map { truth.appending($0) }
    let one = try MaskPairing(truths: [drawn[0]], masks: [mask]).cases()
    #expect(one == [.init(name: "a", truths: [.init(rater: "truth", path: drawn[0])], masks: [mask])])
    let two = try MaskPairing(truths: drawn, masks: [mask]).cases()
    #expect(two.map { $0.truths.map(\.rater) } == [["a_mask1.nii", "a_mask2.nii"]])
  }

  /// One clear complaint each, with the file that it is about.
  @Test func whatDoesNotPairUp() throws {
    let truth = try make("truth", ["a_mask.nii", "b_mask.nii"])
    let lacking = try make("lacking", ["a_mask.nii"])
    let twice = try make("twice", ["a_mask.nii", "a_seg.nii", "b_mask.nii"])
    let empty = try make("empty", ["README"])
    let file = truth.appending("a_mask.nii")
    let foreign = try make("foreign", ["a_mask.nii", "b_mask.hdr", "b_mask.img"])
    let pipe = try make("pipe", ["a_mask.nii"])
    try #require(mkfifo(pipe.appending("b.nii").string, 0o600) == 0)
    let mask = try make("mask", ["a_mask.nii", "b_mask.nii"])
    let (linked, other) = (folder.path.appending("linked"), folder.path.appending("linked/../mask"))
    try #require(symlink(truth.string, linked.string) == 0)
    let complaints: [(Fault?, Contract.ExitCode, String)] = [
      (fault([truth], [lacking]), .noInput, "\(lacking) holds no mask for b"),
      (fault([truth], [truth, lacking]), .noInput, "\(lacking) holds no mask for b"),
      (fault([truth, lacking], [lacking]), .noInput, "\(lacking) holds no mask for b"),
      (fault([lacking, truth], [lacking]), .noInput, "\(lacking) holds no mask for b"),
      (fault([twice], [truth]), .dataError, "are both for a"),
      (fault([truth], [twice]), .dataError, "are both for a"),
      (fault([empty], [truth]), .noInput, "\(empty) holds no mask"),
      (fault([truth], [file]), .noInput, "\(file) is not"),
      (fault([truth], ["/nowhere"]), .noInput, "cannot open /nowhere"),
      (fault(["/nowhere"], [truth]), .noInput, "cannot open /nowhere"),
      (fault(["/nowhere", truth], [truth]), .noInput, "cannot open /nowhere"),
      (fault([truth], [truth, lacking, truth]), .usage, "given twice"),
      (fault([truth], [foreign]), .dataError, "b_mask.hdr cannot be read here"),
      (fault([foreign], [truth]), .dataError, "b_mask.hdr cannot be read here"),
      (fault([truth], [pipe]), .dataError, "b.nii is no file"),
      (fault([truth, truth], [truth]), .usage, "given twice"),
      (fault([truth, linked], [mask]), .usage, "\(linked) is given twice"),
      (fault([truth], [mask, other]), .usage, "\(other) is given twice"),
      (fault([truth], [linked]), .usage, "is given as truth and as a mask to judge"),
      (fault([file], [file]), .usage, "\(file) is given as truth and as a mask to judge"),
      (fault([mask], [lacking]), .noInput, "of which \(mask)/b_mask.nii is taken for the truth"),
      (fault([truth, file], [truth]), .usage, "not both"),
      (fault([file], [truth]), .usage, "\(truth) is a folder"),
    ]
    for (fault, code, words) in complaints {
      #expect(fault?.code == code, "\(words): \(fault?.description ?? "no complaint")")
      #expect(fault?.description.contains(words) == true, "\(words): \(fault?.description ?? "no complaint")")
    }
  }
}
