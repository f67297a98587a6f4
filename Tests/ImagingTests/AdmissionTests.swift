import Contract
import Testing

@testable import Imaging

/// Where the doubts of the door begin and end.
@Suite struct AdmissionTests {
  private func judge(
    _ header: TestHeader, _ role: FileRole = .scan, limits: IntakeLimits = IntakeLimits()
  ) -> Verdict {
    Admission(role: role, limits: limits).judge(header.file()).verdict
  }

  /// 15 x 13 x 14 voxels, of which a fifth is a whole number: 546 of 2730. The others are 19, 20.04 and 21 %.
  @Test(
    arguments: [
      (519, nil), (546, nil), (547, .labelTooLarge), (574, .labelTooLarge),
    ] as [(Int, ReasonCode?)])
  func aLesionMaskFillsAtMostAFifthOfItsGrid(voxels: Int, reason: ReasonCode?) {
    var header = TestHeader()
    header.put(Int16(15), at: 42)
    header.voxels = (0..<2730).flatMap { index -> [UInt8] in [index < voxels ? 1 : 0, 0] }
    let verdict = judge(header, .label)
    #expect(verdict.reason == reason)
    if reason == nil {
      #expect(verdict.outcome == .accept && verdict.foreground == voxels)
    } else {
      #expect(verdict.outcome == .hold)
      #expect(verdict.numbers.last == Verdict.Number("most", "20 %"))
    }
  }

  /// A copier may have reserved the file and not filled it yet. A web page has no voxels.
  @Test func zerosAtTheEndAreSaid() {
    var header = TestHeader()
    header.put(Int16(300), at: 46)
    let (count, tail) = (12 * 13 * 300, 32768)
    let says = { (filled: Int) in
      header.voxels = (0..<count).flatMap { index -> [UInt8] in [index < filled ? UInt8(index % 97 + 1) : 0, 0] }
      return judge(header).warnings.contains(Verdict.tailZero)
    }
    #expect(!says(count) && !says(count - tail + 1) && says(count - tail))
    // Not a voxel is written: what is said of the voxels is not believed yet either.
    header.voxels = [UInt8](repeating: 0, count: 2 * count)
    #expect(judge(header).outcome != .accept && judge(header).warnings.contains(Verdict.tailZero))
    // The header is the copier's last.
    header.bytes.replaceSubrange(344..<348, with: [1, 1, 1, 1])
    header.put(Int32(1), at: 0)
    #expect(judge(header).outcome == .reject && judge(header).warnings == [Verdict.tailZero])
    let page = Admission(role: .scan, limits: IntakeLimits()).judge(Array("<html>".utf8)).verdict
    #expect(page.warnings == [])
  }

  /// Every field of free text, at its place in a NIfTI-1 header.
  @Test(arguments: [("descrip", 148, 80), ("aux_file", 228, 24), ("db_name", 14, 18)])
  func aPersonNamedInTextIsHeld(field: String, place: Int, count: Int) {
    for text in ["DOE^JANE", "Patient 7", "PATIENT", "of a patient"] {
      var header = TestHeader()
      header.bytes.put(text: text, at: place, count: count)
      let verdict = judge(header)
      #expect(verdict.outcome == .hold && verdict.reason == .personalData, "\(text)")
      #expect(verdict.numbers == [Verdict.Number("found in", field)], "\(text)")
    }
    var header = TestHeader()
    header.bytes.put(text: "popcorn", at: place, count: count)
    #expect(judge(header).outcome == .accept)
  }

  @Test func everyFieldThatNamesAPersonIsSaid() {
    var header = TestHeader()
    header.bytes.put(text: "PATIENT", at: 14, count: 18)
    header.bytes.put(text: "popcorn", at: 148, count: 80)
    header.bytes.put(text: "DOE^JANE", at: 228, count: 24)
    #expect(judge(header).numbers == [Verdict.Number("found in", "aux_file, db_name")])
    var limits = IntakeLimits()
    limits.personalData = .warn
    let warned = judge(header, limits: limits)
    #expect(warned.outcome == .accept && warned.warnings.contains("PERSONAL_DATA:aux_file, db_name"))
    limits.personalData = .ignore
    let ignored = judge(header, limits: limits)
    #expect(ignored.outcome == .accept && !ignored.warnings.contains { $0.hasPrefix("PERSONAL_DATA") })
  }
}
