import Contract
import Files
import FoundationEssentials
import Glibc
import Imaging
import SystemPackage
import Testing

@testable import popcorn

/// `popcorn evaluate` on files: 6 x 5 x 4 voxels of 2 x 2 x 3 mm.
@Suite struct EvaluateTests {
  private let files: EvaluationFiles

  init() throws { files = try EvaluationFiles() }

  private var folder: TemporaryFolder { files.folder }

  /// Three cases, one with an empty mask, one with an empty truth; two raters in the first.
  private func cohort() throws {
    try files.write([0, 1, 2, 3], "truth/a_mask1.nii.gz")
    try files.write([0, 1], "truth/a_mask2.nii.gz")
    try files.write([7, 8, 100], "truth/b_mask1.nii.gz")
    try files.write([], "truth/c_mask1.nii.gz")
    try files.write([0, 1, 2, 3], "mask/a_mask.nii.gz")
    try files.write([], "mask/b_mask.nii.gz")
    try files.write([50, 51], "mask/c_mask.nii.gz")
    try files.write([0, 1, 2, 3], "other/a_mask.nii.gz")
    try files.write([7, 8, 100], "other/b_mask.nii.gz")
    try files.write([], "other/c_mask.nii.gz")
  }

  private func parsed(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  @Test func theJSONHasEveryKey() throws {
    try cohort()
    let json = try parsed(files.report(["truth"], "mask", others: ["other"]).json)
    #expect(json["cases"].list.map { $0["name"].text } == ["a", "a", "b", "c"])
    #expect(json["cases"].list.map { $0["rater"].text } == ["mask1", "mask2", "mask1", "mask1"])
    #expect(json["cases"][1]["truth"].text?.hasSuffix("truth/a_mask2.nii.gz") == true)
    // Dice of a by both raters, 1 and 2/3; of b and c it is 0.
    let of2 = 2.0 / 3
    let ofA = (1 + of2) / 2
    let ofAll = ofA / 3
    #expect(json["cases"][1]["figures"]["dice"].number == of2)
    #expect(json["cases"][2]["figures"]["precision"] == .null)
    #expect(json["cases"][3]["figures"]["lesionsWithoutTruth"].number == 1)
    #expect(json["cases"][3]["figures"]["volumeWithoutTruth"].number == 24)
    for entry in json["cases"].list + json["caseMeans"].list { #expect(entry["figures"].keys.count == 25) }
    #expect(json["cases"][0]["truthLesions"][0]["centre"].list.map(\.number) == [3, 0, 0])
    #expect(json["cases"][0]["truthLesions"][0].keys.sorted() == ["centre", "shared", "volume", "voxels"])

    #expect(json["caseMeans"].list.map { $0["raters"].number } == [2, 1, 1])
    #expect(json["caseMeans"][0]["figures"]["dice"].number == ofA)
    #expect(abs(try #require(json["means"]["dice"]["mean"].number) - ofAll) < 1e-12)
    #expect(json["means"]["precision"]["undefined"].number == 1)
    #expect(json["means"].keys.count == 25)

    #expect(json["cohort"]["all"]["cases"].number == 3)
    #expect(json["cohort"]["all"].keys.count == 9)
    // a: 48 of a mean of 36 mm³; b: 0 of 36; c: 24 of 0.
    #expect(abs(try #require(json["cohort"]["all"]["volumeBiasMl"].number)) < 1e-12)
    #expect(json["cohort"]["raters"].list.map { $0["rater"].text } == ["mask1"], "mask2 drew one case only")

    let method = json["methods"][0]
    #expect(method["masks"].text == "other")
    #expect(method["pairs"].number == 3 && method["different"].number == 2)
    #expect(method["statistic"].number == 0 && method["p"].number == 0.5 && method["holmP"].number == 0.5)
    #expect(method["cases"].list.map { $0["otherDice"].number } == [ofA, 1, 1])
  }

  @Test func whatIsNoMaskIsSaidToBeNone() throws {
    func values(_ of: (Int) -> Float) -> MaskValues {
      MaskValues(Volume(size: GridSize(6, 5, 4), values: (0..<120).map(of)))
    }
    #expect(values { _ in 0 } == .empty && values { _ in 255 } == .binary && values { $0 < 7 ? 255 : 0 } == .binary)
    #expect(values { Float($0 % 3) } == .labels([1, 2]))
    #expect(values { Float($0) / 119 } == .shares)
    #expect(values { $0 < 7 ? 0.4 : 0 } == .shares && values { Float($0) / 119 * 1.04 - 0.02 } == .shares)
    #expect(values { Float($0 % 3) - 1 } == .image(values: 3, least: -1, most: 1))
    #expect(values { $0 < 7 ? -1 : 0 } == .image(values: 2, least: -1, most: 0))
    #expect(values { Float($0 % 3) * 1.5 } == .image(values: 3, least: 0, most: 3))
    #expect(values { Float($0) }.refusal?.contains("many values, from 0.0 to 119.0") == true)
    try files.write([0, 1], "truth.nii.gz")
    let geometry = GridGeometry(size: [6, 5, 4], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0])
    let image = Volume<Float>(size: GridSize(6, 5, 4), values: (0..<120).map(Float.init))
    let header = Image(volume: image, geometry: geometry).header
    try files.write(bytes: NiftiFile.encode(scan: image, like: header), "flair.nii.gz")
    #expect(files.complaint("truth.nii.gz", "flair.nii.gz")?.description.contains("is an image and no mask") == true)
  }

  @Test func ratersAreComparedAmongThemselves() throws {
    try cohort()
    try files.write([0, 1, 2, 3], "truth/a_mask3.nii.gz")
    try files.write([7, 8], "truth/b_mask3.nii.gz")
    let report = try files.report(["truth"], "mask")
    // Of a: 4 and 2 voxels, 2 in common; 1 and 3 agree there, and in b by 3 and 2 voxels, 2 in common.
    let agreements = report.raterAgreement
    let pairs = agreements.map { "\($0.first) \($0.second) \($0.cases)" }
    #expect(pairs == ["mask1 mask2 1", "mask1 mask3 2", "mask2 mask3 1"])
    let of2: Double = 2.0 / 3
    #expect(agreements.map(\.meanDice) == [of2, 0.9, of2])
    #expect(report.text.contains("raters mask1 and mask3: Dice 0.900 over 2 cases"))
    #expect(try parsed(report.json)["raterAgreement"][1]["meanDice"].number == 0.9)
    #expect(try files.report(["mask"], "other").raterAgreement.isEmpty)
  }

  @Test func casesWithoutALesionAreToldApart() throws {
    try cohort()
    let free = try #require(try files.report(["truth"], "mask").lesionFree)
    // c has an empty truth, and two voxels of 12 mm³ are marked; a has Dice 5/6 over its raters, b 0.
    #expect(free.cases == 1 && free.marked == 1 && abs(free.meanMaskMl - 0.024) < 1e-12)
    #expect(abs(try #require(free.meanDiceOfOthers) - 5.0 / 12) < 1e-12)
    let other = try files.report(["other"], "mask")
    #expect(try parsed(other.json)["lesionFree"]["meanMaskMl"].number == 0.024)
    let words = "1 without a lesion in the truth, marked in 1, 0.024 ml each; Dice of the others 0.500"
    #expect(other.text.contains(words))
    let whole = try files.report(["other/a_mask.nii.gz"], "mask/a_mask.nii.gz")
    #expect(whole.lesionFree == nil && !whole.text.contains("without a lesion"))
    #expect(try parsed(whole.json)["lesionFree"] == .null)
  }

  @Test func oneCaseIsNoCohort() throws {
    try cohort()
    let report = try files.report(["truth/a_mask1.nii.gz"], "mask/a_mask.nii.gz", others: ["other/a_mask.nii.gz"])
    let json = try parsed(report.json)
    #expect(json.keys.contains("cohort") && json["cohort"] == .null)
    #expect(json["methods"][0]["p"].number == 1)
    #expect(!report.text.contains("Pearson") && report.text.contains("n 1 (0 differ), two-sided p = 1.0000"))
  }

  /// Five of 20 differ, all one way: exactly p is 2 / 2⁵ = 0.0625, but with as many ties it is the normal approximation's.
  @Test func aPThatCouldNotBeExactlySoLowIsToldToBeApproximate() throws {
    for number in 0..<20 {
      let truth = Set(0..<10)
      try files.write(truth, "truth/\(number).nii.gz")
      try files.write(truth, "mask/\(number).nii.gz")
      try files.write(number < 5 ? Set(0..<(9 - number)) : truth, "other/\(number).nii.gz")
    }
    let text = try files.report(["truth"], "mask", others: ["other"]).text
    #expect(
      text.contains(
        "(5 differ), two-sided p = 0.0431; only 5 differ: exactly no p could be below 0.05, and this one is approximate"
      ),
      "\(text)")
  }

  @Test func textIsForPeople() throws {
    try cohort()
    for (name, voxels) in [("a", [0]), ("b", [7]), ("c", [])] as [(String, Set<Int>)] {
      try files.write(voxels, "third/\(name).nii.gz")
    }
    let report = try files.report(["truth"], "mask", others: ["other", "third"])
    let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
    // Scripts read the first table: a line for each case and rater, then the mean.
    #expect(lines[0].split(separator: " ").prefix(4) == ["rater", "Dice", "PPV", "TPR"])
    #expect(lines[1].split(separator: " ").prefix(3) == ["a", "mask1", "1.000"])
    #expect(lines[3].split(separator: " ").prefix(3) == ["a", "mean", "0.833"])
    #expect(lines[4].split(separator: " ").prefix(4) == ["b", "mask1", "0.000", "-"])
    #expect(lines[6].split(separator: " ").prefix(4) == ["mean", "of", "3", "0.278"])
    // Undefined ratios are left out of means, and that is said.
    #expect(lines[7].split(separator: " ").prefix(5) == ["over", "cases", "3", "2", "2"])
    #expect(lines[8].isEmpty)
    for words in ["SensL", "lesions without truth", "Pearson", "mean of raters", "of other", "Holm's p = "] {
      #expect(report.text.contains(words), "\(words)")
    }
    let single = try files.report(["other"], "mask").text
    #expect(!single.contains("rater") && !single.contains("Holm"))
  }

  @Test func tablesForOtherPrograms() throws {
    try cohort()
    let report = try files.report(["truth"], "mask")
    let rows = report.tsv.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    #expect(rows.count == 5 && rows.allSatisfy { $0.count == 27 })
    #expect(rows[0].prefix(4) == ["case", "rater", "dice", "precision"])
    #expect(rows[3].prefix(4) == ["b", "mask1", "0.0", "n/a"])
    let lesions = report.lesions.split(separator: "\n").map(String.init)
    #expect(report.tsv.hasPrefix(EvaluationReport.heads.joined(separator: "\t") + "\t"))
    #expect(report.lesions.hasPrefix(EvaluationReport.lesionHeads.joined(separator: "\t") + "\t"))
    #expect(
      lesions == [
        "case\trater\tside\tnumber\tvoxels\tvolume_mm3\tx_mm\ty_mm\tz_mm\tshared_voxels\tmet",
        "a\tmask1\ttruth\t1\t4\t48.000\t3.000\t0.000\t0.000\t4\tyes",
        "a\tmask1\tmask\t1\t4\t48.000\t3.000\t0.000\t0.000\t4\tyes",
        "a\tmask2\ttruth\t1\t2\t24.000\t1.000\t0.000\t0.000\t2\tyes",
        "a\tmask2\tmask\t1\t4\t48.000\t3.000\t0.000\t0.000\t2\tyes",
        // 7 and 8 are x 1 and 2 of row 1; 100 is x 4, row 1, slice 3.
        "b\tmask1\ttruth\t1\t2\t24.000\t3.000\t2.000\t0.000\t0\tno",
        "b\tmask1\ttruth\t2\t1\t12.000\t8.000\t2.000\t9.000\t0\tno",
        "c\tmask1\tmask\t1\t2\t24.000\t5.000\t6.000\t3.000\t0\tno",
      ])
  }

  /// What would be another cell, another row, or a word to the terminal.
  @Test func aNameIsOneCell() throws {
    let hostile = "\"a\tb\r\nc\u{1b}[31m\u{2028}d"
    for folder in ["truth", "anna\nbert", "mask", "other\u{1b}\n"] {
      try files.write([1], "\(folder)/\(hostile).nii.gz")
    }
    let report = try files.report(["truth", "anna\nbert"], "mask", others: ["other\u{1b}\n"])
    #expect(report.tsv.split(separator: "\n")[1].hasPrefix("'a?b??c?[31m?d\ttruth\t1.0"))
    #expect(report.lesions.split(separator: "\n").count == 5)
    #expect(report.text.contains("anna?bert") && report.text.contains("of other?? "))
    #expect(report.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
  }

  @Test func aTableReplacesFilesOnly() throws {
    let path = folder.file("figures.tsv")
    for text in ["older", "newer"] { try OutputFile(path).write(Array(text.utf8)) }
    #expect(try BoundedReader.read(FilePath(path)) == Array("newer".utf8))
    for name in [folder.path.string, "", folder.file("nowhere/figures.tsv")] {
      #expect(throws: (any Error).self, "\(name)") { try OutputFile(name) }
    }
    try OutputFile("/dev/null").write([1])
    #expect(throws: Fault.self) { try OutputFile(image: path + ".nii", besides: [], replacing: false) }
  }

  /// Under another spelling of its path, or another name: a file that is read stays.
  @Test func whatIsReadIsNotReplaced() throws {
    try files.write([1], "truth/a.nii.gz")
    let truth = folder.file("truth/a.nii.gz")
    try #require(link(truth, folder.file("linked.tsv")) == 0)
    for output in [truth, folder.file("truth/../truth/a.nii.gz"), folder.file("linked.tsv")] {
      #expect(throws: Fault.self, "\(output)") { try OutputFile(output, besides: [truth]) }
    }
    _ = try OutputFile(folder.file("other.tsv"), besides: [truth])
  }

  /// A scan whose name was given by mistake stays; a table of a former run is replaced.
  @Test func onlyATableOfTheSameKindIsReplaced() throws {
    try files.write([1], "scans/a_FLAIR.nii.gz")
    try files.write(bytes: Array("case\trater\tdice\n".utf8), "old.tsv")
    try files.write(bytes: Array("case\trater\tside\n".utf8), "lesions.tsv")
    try files.write(bytes: Array("case\trater\tdice of mine\n".utf8), "mine.tsv")
    try files.write(bytes: [], "empty.tsv")
    func table(_ name: String) throws {
      _ = try TableFile(folder.file(name), besides: [], heads: EvaluationReport.heads)
    }
    for name in ["old.tsv", "empty.tsv", "new.tsv"] { try table(name) }
    for name in ["scans/a_FLAIR.nii.gz", "new.nii.gz", "lesions.tsv", "mine.tsv"] {
      #expect(throws: Fault.self, "\(name)") { try table(name) }
    }
    #expect(symlink(folder.file("scans"), folder.file("linked")) == 0)
    #expect(absolute(real: folder.file("linked/x.tsv")) == absolute(real: folder.file("scans/../scans/x.tsv")))
  }

  /// Everything that cannot be judged is said at once.
  @Test func allThatIsWrongIsSaid() throws {
    for name in ["a", "b", "c"] { try files.write([1], "truth/\(name).nii.gz") }
    try files.write([1], "mask/a.nii.gz", size: [6, 5, 5])
    try files.write([1], "mask/b.nii.gz")
    try files.write(bytes: Array("no image".utf8), "mask/c.nii.gz")
    let (truth, mask) = (folder.path.appending("truth"), folder.path.appending("mask"))
    let cases = try MaskPairing(truths: [truth], masks: [mask]).cases()
    let fault = #expect(throws: Fault.self) { _ = try EvaluateCommand.judge(cases) }
    #expect(fault?.code == .dataError)
    for words in ["mask/a.nii.gz has 6 x 5 x 5", "mask/c.nii.gz is no mask"] {
      #expect(fault?.description.contains(words) == true, "\(words)")
    }
  }

  @Test func valuesThatAreNoNumbersAreNoMask() throws {
    try files.write([0, 1], "truth.nii.gz")
    let geometry = GridGeometry(size: [6, 5, 4], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0])
    let mask = Volume<Float>(size: GridSize(6, 5, 4), values: (0..<120).map { $0 == 0 ? .nan : $0 < 3 ? 1 : 0 })
    let header = Image(volume: mask, geometry: geometry).header
    try files.write(bytes: NiftiFile.encode(scan: mask, like: header), "mask.nii.gz")
    #expect(files.complaint("truth.nii.gz", "mask.nii.gz")?.description.contains("no numbers") == true)
  }

  @Test func whatCannotBeCompared() throws {
    try files.write([1], "truth.d/a.nii.gz")
    try files.write([1], "size.d/a.nii.gz", size: [6, 5, 5])
    try files.write([1], "place.d/a.nii.gz", shift: 0.6)
    try files.write([1], "near.d/a.nii.gz", shift: 0.4)
    try files.write(bytes: Array("no image".utf8), "text.d/a.nii.gz")
    try files.write(bytes: [], "nothing.d/a.nii.gz")
    let whole = try BoundedReader.read(folder.path.appending("truth.d/a.nii.gz"))
    try files.write(bytes: Array(whole.dropLast(20)), "cut.d/a.nii.gz")
    let complaints: [(String, Contract.ExitCode, String)] = [
      ("size.d", .dataError, "6 x 5 x 5 voxels"), ("place.d", .dataError, "0.60 mm away"),
      ("text.d", .dataError, "no mask that can be read"), ("cut.d", .dataError, "no mask that can be read"),
      ("nothing.d", .dataError, "no mask that can be read"),
    ]
    for (mask, code, words) in complaints {
      let fault = try #require(files.complaint("truth.d/a.nii.gz", "\(mask)/a.nii.gz"))
      #expect(fault.code == code && fault.description.contains(words), "\(fault)")
      #expect(fault.description.contains("\(mask)/a.nii.gz"))
    }
    #expect(files.complaint("truth.d/a.nii.gz", "near.d/a.nii.gz") == nil)
    #expect(files.complaint("truth.d/a.nii.gz", "nowhere.nii")?.code == .noInput)
    #expect(files.complaint("nowhere.nii", "truth.d/a.nii.gz")?.code == .noInput)
  }
}

/// JSON as a test reads it.
private enum JSON: Decodable, Equatable {
  case null, flag(Bool), number(Double), text(String), list([JSON]), fields([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .fields(try value.decode([String: JSON].self))
    }
  }

  subscript(key: String) -> JSON {
    if case .fields(let fields) = self { fields[key] ?? .text("absent") } else { .text("absent") }
  }
  subscript(place: Int) -> JSON { list.indices.contains(place) ? list[place] : .text("absent") }
  var list: [JSON] { if case .list(let list) = self { list } else { [] } }
  var keys: [String] { if case .fields(let fields) = self { Array(fields.keys) } else { [] } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
}
