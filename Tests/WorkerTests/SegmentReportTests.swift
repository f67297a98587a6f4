import Contract
import Testing

@testable import popcorn

@Suite struct SegmentReportTests {
  @Test func itSaysWhatTheMaskMeasures() throws {
    let figures = MaskFigures(
      maskDigest: "aa", probabilityDigest: nil, lesionCount: 2, voxelCount: 9, volumeMl: 0.5, largestMl: 0.25,
      meanProbability: 0.75, preparation: [], warnings: ["SOMETHING"])
    let report = SegmentReport(
      mask: "out/m.nii.gz", probability: nil, modelDigest: "bb", threshold: 0.5, figures: figures,
      worker: WorkerIdentity(version: "1", isa: "avx2", threads: 2, oneDNN: "3"))
    let text = try report.text()
    for words in [
      "\"mask\" : \"out/m.nii.gz\"", "\"modelDigest\" : \"bb\"", "\"lesionCount\" : 2", "\"volumeMl\" : 0.5",
      "\"SOMETHING\"", "\"threads\" : 2",
    ] { #expect(text.contains(words), "\(text)") }
    #expect(!text.contains("\"probability\""))
  }
}
