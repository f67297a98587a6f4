import Contract
import Files
import SystemPackage
import Testing

@testable import Watch

@Suite struct PairingTests {
  private func words(_ names: [String], table: String? = nil) -> [String] {
    let tables = table.map { [PairsTable(Array($0.utf8), in: "t")] } ?? []
    let pairing = Pairing(names: names.map { FilePath($0) }, tables: tables)
    #expect(Pairing(names: names.reversed().map { FilePath($0) }, tables: tables) == pairing, "order of names matters")
    return pairing.pairs.map { "\($0.scan) + \($0.label) \($0.rater ?? "-") \($0.rule)" }
      + pairing.ambiguous.map { "? \($0.file): \($0.candidates.map(\.string).joined(separator: " "))" }
      + pairing.loneLabels.map { "label \($0.label)\($0.caseLabel.map { " of \($0)" } ?? "")" }
      + pairing.waitingScans.map { "scan \($0)" } + pairing.otherContrasts.map { "other \($0)" }
      + pairing.modelOutputs.map { "model \($0)" }
  }

  static let table: [(names: [String], expected: [String])] = [
    (["t/a.nii", "t/a_mask.nii.gz"], ["t/a.nii + t/a_mask.nii.gz - stem"]),
    (["t/a.nii", "u/a_mask.nii.gz"], ["label u/a_mask.nii.gz", "scan t/a.nii"]),
    (["t/A.nii", "t/a_mask.nii"], ["label t/a_mask.nii", "scan t/A.nii"]),
    (["t/a_FLAIR.nii.gz", "t/a_mask.nii.gz"], ["t/a_FLAIR.nii.gz + t/a_mask.nii.gz - stem"]),
    (["t/a_FLAIR.nii.gz", "t/a_FLAIR_mask.nii.gz"], ["t/a_FLAIR.nii.gz + t/a_FLAIR_mask.nii.gz - stem"]),
    (
      [
        "t/training01_01_flair_pp.nii", "t/training01_01_mask1.nii", "t/training01_01_mask2.nii",
        "t/training01_01_t2_pp.nii",
      ],
      [
        "t/training01_01_flair_pp.nii + t/training01_01_mask1.nii 1 stem",
        "t/training01_01_flair_pp.nii + t/training01_01_mask2.nii 2 stem", "other t/training01_01_t2_pp.nii",
      ]
    ),
    (["t/a.nii", "t/a_lesion_mask_rater-Ann.nii"], ["t/a.nii + t/a_lesion_mask_rater-Ann.nii Ann stem"]),
    (["t/a.nii", "t/a_seg_R1.nii"], ["t/a.nii + t/a_seg_R1.nii R1 stem"]),
    (["t/a.nii", "t/a.label.nii"], ["t/a.nii + t/a.label.nii - stem"]),
    (["t/a.nii", "t/a-label.seg.nrrd"], ["t/a.nii + t/a-label.seg.nrrd - stem"]),
    (["t/a.nii", "t/a_mask.nii", "t/a_seg.nii"], ["? t/a.nii: t/a_mask.nii t/a_seg.nii"]),
    (["t/a.nii", "t/a_mask.nii", "t/a_mask1.nii"], ["? t/a.nii: t/a_mask.nii t/a_mask1.nii"]),
    (["t/a.nii", "t/a_mask1.nii", "t/a_seg1.nii"], ["? t/a.nii: t/a_mask1.nii t/a_seg1.nii"]),
    (["t/a.nii", "t/a.nii.gz", "t/a_mask.nii"], ["? t/a_mask.nii: t/a.nii t/a.nii.gz"]),
    (["t/a.nii", "t/a_flair.nii", "t/a_mask.nii"], ["? t/a_mask.nii: t/a.nii t/a_flair.nii"]),
    (["t/mask.nii"], ["scan t/mask.nii"]),
    (["t/e\u{301}.nii", "t/\u{e9}_mask.nii"], ["t/e\u{301}.nii + t/\u{e9}_mask.nii - stem"]),
    (["t/a.hdr", "t/a.img", "t/a_mask.nii"], ["t/a.hdr + t/a_mask.nii - stem"]),
    (["t/a.hdr", "t/a.img", "t/a_mask.hdr", "t/a_mask.img"], ["t/a.hdr + t/a_mask.hdr - stem"]),
    (["t/a.hdr", "t/a.img", "t/a_brainmask.hdr", "t/a_brainmask.img"], ["scan t/a.hdr"]),
    (
      [
        "sub-1/ses-2/anat/sub-1_ses-2_FLAIR.nii.gz",
        "derivatives/x/sub-1_ses-2_space-orig_label-L_mask.nii.gz",
      ],
      [
        "sub-1/ses-2/anat/sub-1_ses-2_FLAIR.nii.gz + derivatives/x/sub-1_ses-2_space-orig_label-L_mask.nii.gz - bids"
      ]
    ),
    (
      ["A/sub-1/sub-1_FLAIR.nii", "B/sub-1/sub-1_FLAIR.nii", "B/derivatives/m/sub-1_label-lesion_dseg.nii"],
      ["B/sub-1/sub-1_FLAIR.nii + B/derivatives/m/sub-1_label-lesion_dseg.nii - bids", "scan A/sub-1/sub-1_FLAIR.nii"]
    ),
    (
      ["sub-1_run-1_FLAIR.nii", "sub-1_run-2_FLAIR.nii", "sub-1_label-L_mask.nii", "sub-1_T1w.nii"],
      [
        "label sub-1_label-L_mask.nii", "scan sub-1_run-1_FLAIR.nii", "scan sub-1_run-2_FLAIR.nii",
        "other sub-1_T1w.nii",
      ]
    ),
    (
      ["sub-1_FLAIR.nii", "sub-1_desc-expertR2_label-L_mask.nii"],
      ["sub-1_FLAIR.nii + sub-1_desc-expertR2_label-L_mask.nii R2 bids"]
    ),
    (["sub-1_FLAIR.nii", "sub-1_desc-brain_mask.nii"], ["scan sub-1_FLAIR.nii"]),
    (["d/imagesTr/k_0000.nii.gz", "d/labelsTr/k.nii.gz"], ["d/imagesTr/k_0000.nii.gz + d/labelsTr/k.nii.gz - nnunet"]),
    (
      ["d/imagesTr/k_0000.nii.gz", "d/imagesTr/k_0001.nii.gz", "d/labelsTr/k.nii.gz"],
      ["? d/labelsTr/k.nii.gz: d/imagesTr/k_0000.nii.gz d/imagesTr/k_0001.nii.gz"]
    ),
    (
      ["m/k.nii", "m/labels/final/k.nii.gz", "m/labels/original/k.nii.gz"],
      ["m/k.nii + m/labels/final/k.nii.gz - monai", "model m/labels/original/k.nii.gz"]
    ),
    (
      ["sub-PSN7Q2ABCDEFG_space-orig_label-L_desc-draft_mask.nii.gz"],
      ["label sub-PSN7Q2ABCDEFG_space-orig_label-L_desc-draft_mask.nii.gz of PSN7Q2ABCDEFG"]
    ),
    (["mine_psn7q2abcdefg_seg.nii"], ["label mine_psn7q2abcdefg_seg.nii of PSN7Q2ABCDEFG"]),
    (["PSN7Q2ABCDEFG0_mask.nii"], ["label PSN7Q2ABCDEFG0_mask.nii"]),
    (["t/a.json", "t/a.dcm", "t/a.zip", "t/x"], []),
  ]

  @Test(arguments: table) func byNames(names: [String], expected: [String]) { #expect(words(names) == expected) }

  @Test func aTableGoesBeforeNames() {
    let names = ["t/a.nii", "t/b.nii", "t/a_mask.nii"]
    #expect(
      words(names, table: "image\tlabel\trater\nb.nii\ta_mask.nii\tAnn\n") == [
        "t/b.nii + t/a_mask.nii Ann table", "scan t/a.nii",
      ])
    #expect(words(names, table: "b.nii\ta_mask.nii") == ["t/b.nii + t/a_mask.nii - table", "scan t/a.nii"])
    #expect(
      words(names, table: "a.nii\ta_mask.nii\nb.nii\ta_mask.nii") == ["? t/a_mask.nii: t/a.nii t/b.nii"])
    // What it says of one mask no other's name disputes; that one needs a person.
    let three = ["t/a.nii", "t/a_mask.nii", "t/a_seg.nii"]
    #expect(
      words(three, table: "a.nii\ta_seg.nii") == ["t/a.nii + t/a_seg.nii - table", "? t/a_mask.nii: t/a.nii"])
    #expect(
      words(three, table: "a.nii\ta_seg.nii\tAnn\na.nii\ta_mask.nii\tBo") == [
        "t/a.nii + t/a_mask.nii Bo table", "t/a.nii + t/a_seg.nii Ann table",
      ])
    #expect(
      words(three, table: "a.nii\ta_seg.nii\na.nii\ta_mask.nii") == ["? t/a.nii: t/a_mask.nii t/a_seg.nii"])
    // The line waits for its image rather than letting a guess in.
    #expect(
      words(names, table: "c.nii\ta_mask.nii") == ["label t/a_mask.nii", "scan t/a.nii", "scan t/b.nii"])
  }

  @Test func aTableIsReadLineByLineAndNeverLeadsOut() {
    let text =
      "\u{FEFF}label\timage\tsubject\r\nm.nii\t a.nii \tS1\r\n\r\n../m.nii\ta.nii\nm.nii\t/etc/passwd\n"
      + "m\0\ta\nonly\n./x/m.nii\tb.nii\tn/a\na\ta\n\t \t\nm.nii\tn/a\nm.nii   a.nii\n"
    let table = PairsTable(Array(text.utf8), in: "t")
    #expect(
      table.rows.map { "\($0.image) \($0.label) \($0.subject ?? "-")" } == [
        "t/a.nii t/m.nii S1", "t/b.nii t/x/m.nii -",
      ])
    #expect(
      table.refusals == [
        .init(line: 4, fault: .escape), .init(line: 5, fault: .escape), .init(line: 6, fault: .notText),
        .init(line: 7, fault: .noTabs), .init(line: 9, fault: .same), .init(line: 11, fault: .unnamed),
        .init(line: 12, fault: .noTabs),
      ])
    #expect(table.refusals.map(\.reason).prefix(3) == [.pathEscape, .pathEscape, nil])
    var generator = SplitMix(state: 3)
    for _ in 0..<300 {
      let bytes = (0..<200).map { _ in Array("a/.\t\n\r\0\u{e9}n".utf8).randomElement(using: &generator) ?? 0 }
      for row in PairsTable(bytes, in: "t").rows {
        #expect(row.image.starts(with: "t") && row.label.starts(with: "t"))
        #expect(!row.image.components.contains { $0.kind != .regular })
      }
    }
  }

  @Test func brainMasksBesideOrInAFolderBeside() {
    func masks(_ names: [String]) -> [String] {
      let found = BrainMasks(names: names.map { FilePath($0) })
      return found.masks.map { "\($0.key) + \($0.value)" }.sorted()
        + found.ambiguous.map { "? \($0.file): \($0.candidates.map(\.string).joined(separator: " "))" }
    }
    #expect(masks(["u/a_FLAIR.nii", "u/a_FLAIR_brainmask.nii"]) == ["u/a_FLAIR.nii + u/a_FLAIR_brainmask.nii"])
    #expect(masks(["u/a_FLAIR.nii", "u/a_brainmask.nii.gz"]) == ["u/a_FLAIR.nii + u/a_brainmask.nii.gz"])
    #expect(masks(["u/a.nii", "brainmasks/a_brainmask.nii"]) == ["u/a.nii + brainmasks/a_brainmask.nii"])
    #expect(masks(["u/a.nii", "u/Brainmasks/a.nii"]) == ["u/a.nii + u/Brainmasks/a.nii"])
    #expect(masks(["u/a.hdr", "u/a.img", "u/a_brainmask.nii"]) == ["u/a.hdr + u/a_brainmask.nii"])
    #expect(masks(["u/a.nii", "u/a_brainmask.hdr", "u/a_brainmask.img"]) == ["u/a.nii + u/a_brainmask.hdr"])
    #expect(masks(["u/a.nii", "v/a_brainmask.nii"]) == [])
    #expect(masks(["u/a.nii", "u/b_brainmask.nii"]) == [])
    #expect(
      masks(["u/a.nii", "u/a_brainmask.nii", "brainmasks/a_brainmask.nii"])
        == ["? u/a.nii: brainmasks/a_brainmask.nii u/a_brainmask.nii"])
    #expect(masks(["u/a.nii", "v/a.nii", "brainmasks/a.nii"]) == ["? brainmasks/a.nii: u/a.nii v/a.nii"])
  }

  /// Every set of at most five out of these names, against a definition that tries all pairs.
  @Test func everySmallFolderAgreesWithItsDefinition() {
    let universe: [(name: String, isLabel: Bool, bases: Set<String>, rater: String?)] = [
      ("a.nii", false, ["a"], nil), ("a.nii.gz", false, ["a"], nil), ("a_flair.nii", false, ["a", "a_flair"], nil),
      ("b.nii", false, ["b"], nil), ("a_mask.nii", true, ["a"], nil), ("a_mask1.nii", true, ["a"], "1"),
      ("a_mask2.nii", true, ["a"], "2"), ("a_flair_seg.nii", true, ["a", "a_flair"], nil),
      ("b_wmh_R1.nii", true, ["b"], "R1"),
      ("c_gt.nii", true, ["c"], nil),
    ]
    for choice in 1..<(1 << universe.count) where choice.nonzeroBitCount <= 5 {
      let folder = universe.indices.filter { choice >> $0 & 1 == 1 }.map { universe[$0] }
      let scans = folder.filter { !$0.isLabel }
      let labels = folder.filter(\.isLabel)
      var partners: [String: [String]] = [:]
      var held: Set<String> = []
      var lone: Set<String> = []
      for label in labels {
        let fitting = scans.filter { !$0.bases.isDisjoint(with: label.bases) }
        if fitting.count == 1 { partners[fitting[0].name, default: []].append(label.name) }
        if fitting.count > 1 { held.insert(label.name) }
        if fitting.isEmpty { lone.insert(label.name) }
      }
      var pairs: Set<String> = []
      for (scan, names) in partners {
        let raters = labels.filter { names.contains($0.name) }.compactMap(\.rater)
        if names.count > 1, Set(raters).count < names.count {
          held.insert(scan)
        } else {
          pairs.formUnion(names.map { "\(scan)+\($0)" })
        }
      }
      let found = Pairing(names: folder.map { FilePath($0.name) })
      #expect(Set(found.pairs.map { "\($0.scan)+\($0.label)" }) == pairs)
      #expect(Set(found.ambiguous.map { "\($0.file)" }) == held)
      #expect(Set(found.loneLabels.map { "\($0.label)" }) == lone)
    }
  }

  @Test func namesOfOtherBytesStayDifferent() {
    let mask = Array("_mask.nii".utf8)
    let scan = Array(".nii".utf8)
    let names = [[0xE9] + scan, [0xE8] + scan, [0xE9] + mask].map { FilePath(rawBytes: $0) }
    let pairing = Pairing(names: names)
    #expect(pairing.pairs.map(\.scan) == [names[0]])
    #expect(pairing.waitingScans == [names[1]])
  }
}

@Suite struct ContrastTests {
  static let names: [(name: String, contrast: Contrast)] = [
    ("sub-1_FLAIR.nii", .flair), ("a_flair_pp.nii", .flair), ("3DFLAIR.nii", .flair), ("T2-FLAIR.nii.gz", .flair),
    ("t2flair.nii", .flair),
    ("P1-t1_FLAIR.nii", .flair), ("sub-1_T1w.nii", .other("t1w")), ("a_T2.nii", .other("t2")),
    ("a_t1_pp.nii", .other("t1")),
    ("MPRAGE.nii", .other("mprage")), ("a-bold-1.nii", .other("bold")), ("sub-1_dwi.nii", .other("dwi")),
    ("a.nii", .unknown),
    ("P1-t1.nii", .unknown), ("P1-t2.nii", .unknown), ("T1-t2.nii", .other("t1")), ("T1000.nii", .unknown),
    ("petra.nii", .unknown),
  ]

  @Test(arguments: names) func byName(name: String, contrast: Contrast) {
    #expect(Contrast(name: FileName(name.utf8)) == contrast)
  }

  static let sidecars: [(text: String, contrast: Contrast)] = [
    (#"{"SeriesDescription": "t2_tirm_FLAIR_sag"}"#, .flair), (#"{"SeriesDescription": "t1 mprage"}"#, .other("t1")),
    (#"{"SeriesDescription": 7, "ProtocolName": "Flair"}"#, .flair), (#"{"InversionTime": 2.5}"#, .flair),
    (#"{"InversionTime": 0.9}"#, .unknown), (#"{"InversionTime": "x"}"#, .unknown), ("{", .unknown), ("", .unknown),
    (String(repeating: "[", count: 100_000), .unknown),
  ]

  @Test(arguments: sidecars) func bySidecar(text: String, contrast: Contrast) {
    #expect(Contrast(name: FileName("a.nii".utf8), sidecar: Array(text.utf8)) == contrast)
    #expect(Contrast(name: FileName("a_flair.nii".utf8), sidecar: Array(text.utf8)) == .flair)
  }
}

@Suite struct SubjectTests {
  static let paths: [(path: String, subject: Subject)] = [
    ("sub-01/ses-2/anat/sub-01_ses-2_FLAIR.nii.gz", Subject(key: "01", session: "2")),
    ("sub-07/anat/scan.nii", Subject(key: "07")),
    ("training01_02_flair_pp.nii", Subject(key: "training01", session: "02")),
    ("training01_03_flair_pp.nii", Subject(key: "training01", session: "03")),
    ("patient_07_FLAIR.nii", Subject(key: "patient_07")), ("patient_08_FLAIR.nii", Subject(key: "patient_08")),
    ("P1-t1_FLAIR.nii", Subject(key: "P1", session: "t1")), ("P1-s2.nii", Subject(key: "P1", session: "s2")),
    ("P1_ses-3_FLAIR.nii", Subject(key: "P1", session: "3")), ("Meier.nii", Subject(key: "Meier")),
    ("P001/flair.nii.gz", Subject(key: "P001")),
    ("site/P001/2019-03-01/3D_FLAIR.nii", Subject(key: "P001", session: "2019-03-01")),
    ("batch/case12.nii", Subject(key: "case12")), ("flair.nii", Subject(key: "flair")),
  ]

  @Test(arguments: paths) func byPath(path: String, subject: Subject) {
    #expect(Subject(of: FilePath(path)) == subject)
  }

  @Test func aPatternFindsTheKeys() throws {
    let pattern = try #require(SubjectPattern("MS{subject}_v{session}_*"))
    #expect(pattern.subject(in: "MS12_v3_flair") == Subject(key: "12", session: "3"))
    #expect(pattern.subject(in: "XX12_v3_flair") == nil)
    #expect(pattern.subject(in: "MS12") == nil)
    #expect(Subject(of: "MS12_v3_flair.nii", pattern: pattern) == Subject(key: "12", session: "3"))
    #expect(SubjectPattern("*_{subject}")?.subject(in: "a_b") == Subject(key: "b"))
    for text in ["", "abc", "{subject}{session}", "{subject}*", "{subject}_{subject}", "{sub}"] {
      #expect(SubjectPattern(text) == nil)
    }
  }

  @Test func aTablesSubjectGoesBeforeTheName() {
    let row = PairsTable(Array("P1-t1.nii\tm.nii\t\tX\t9".utf8), in: "").rows.first
    #expect(Subject(of: "P1-t1.nii", row: row) == Subject(key: "X", session: "9"))
  }
}
