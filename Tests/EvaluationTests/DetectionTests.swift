import Imaging
import Testing

@testable import Evaluation

/// Lesions as MSSEG 2016 counts them.
@Suite struct DetectionTests {
  private func volume(_ layers: [UInt64]) -> Volume<UInt8> {
    Volume(size: GridSize(8, 8, 8), values: layers.flatMap { layer in (0..<64).map { UInt8(layer >> $0 & 1) } })
  }

  /// A line of voxels: a letter is a lesion's voxel, a dot is background.
  private func line(_ text: String) -> Volume<UInt8> {
    Volume(size: GridSize(text.utf8.count, 1, 1), values: text.utf8.map { $0 == UInt8(ascii: ".") ? 0 : 1 })
  }

  private func detection(_ truth: String, _ mask: String) -> LesionDetection {
    LesionDetection(truth: line(truth), mask: line(mask), voxelVolume: 3.5)
  }

  @Test(arguments: DetectionPair.golden.indices) func agreesWithTheProcedureAsDescribed(index: Int) {
    let golden = DetectionPair.golden[index]
    let detection = LesionDetection(
      truth: volume(golden.truth), mask: volume(golden.mask), voxelVolume: golden.voxelVolume)
    #expect(detection.truthLesions == golden.lesions)
    #expect(detection.detectedTruthLesions == golden.detected)
    #expect(detection.maskLesions == golden.marks)
    #expect(detection.detectedMaskLesions == golden.right)
  }

  @Test func moreThanATenthMustBeCovered() {
    #expect(detection("tttttttttt", "m.........").detectedTruthLesions == 0)
    #expect(detection("ttttttttt.", "m.........").detectedTruthLesions == 1)
  }

  @Test func atMostSevenTenthsOfACoveringLesionLieOutside() {
    #expect(detection(".......ttt", "mmmmmmmmmm").detectedTruthLesions == 1)
    #expect(detection("........tt", "mmmmmmmmmm").detectedTruthLesions == 0)
  }

  @Test func whatCoversLittleMayLieOutsideOnceEnoughIsExplained() {
    // 13 of the 20 covered voxels come with the first lesion: 0.65; what comes after is not asked. 12 of 20 are too few.
    let outside = String(repeating: "m", count: 40)
    func truth(_ n: Int) -> String { String(repeating: "t", count: n) + String(repeating: ".", count: 40) }
    let enough = String(repeating: "m", count: 13) + "." + String(repeating: "m", count: 7) + outside
    #expect(detection(truth(21), enough).detectedTruthLesions == 1)
    let little = String(repeating: "m", count: 12) + "." + String(repeating: "m", count: 8) + outside
    #expect(detection(truth(21), little).detectedTruthLesions == 0)
  }

  @Test func ofEqualPartsTheLargerLesionIsAskedFirst() {
    // Four of eight covered voxels are one mark's, two each the others'. The larger of these lies outside for the most
    // part and is asked, wherever it stands; were the smaller asked, six of eight would be enough.
    #expect(detection("........tttttttttt", "mmmmmmmmmm.mmmm.mm").detectedTruthLesions == 0)
    #expect(detection("tttttttttt........", "mm.mmmm.mmmmmmmmmm").detectedTruthLesions == 0)
    #expect(detection("tttttttttt........", "mm.mmmm.mmmmm.....").detectedTruthLesions == 1)
  }

  /// Voxels of 1 mm³: three together are no lesion, four are.
  @Test func smallLesionsAreBackground() {
    let small = LesionDetection(truth: line("ttt.tttt"), mask: line("mmm.mmm."), voxelVolume: 1)
    #expect(small.truthLesions == 1 && small.maskLesions == 0)
    #expect(small.sensitivity == 0 && small.precision == nil && small.f1 == 0)
    // Were the truth's three voxels on the left no background, both lesions would be detected.
    let outside = LesionDetection(truth: line("ttt..tttt"), mask: line("mmmmmm..."), voxelVolume: 1)
    #expect(outside.maskLesions == 1 && outside.detectedMaskLesions == 0)
    #expect(outside.detectedTruthLesions == 0)
  }

  @Test(arguments: [
    (1.0, 4), (0.75, 5), (0.750_000_04, 5), (0.749_999_96, 5), (0.4, 8), (2.97, 2), (3, 2), (3.5, 1), (8, 1),
  ])
  func fewestVoxels(voxelVolume: Double, voxels: Int) {
    #expect(LesionDetection.Criteria().fewestVoxels(ofVolume: voxelVolume) == voxels)
  }

  @Test(arguments: [0, -1, Double.nan, .infinity, 1e-300]) func noVolumeIsNoCrash(voxelVolume: Double) {
    let detection = LesionDetection(truth: line("tttt"), mask: line("mm.."), voxelVolume: voxelVolume)
    #expect(detection.truthLesions == (voxelVolume == .infinity ? 1 : 0))
  }

  @Test func emptyMasks() {
    let nothing = detection("....", "....")
    #expect(nothing.sensitivity == 1 && nothing.precision == 1 && nothing.f1 == 1)
    #expect(nothing.withoutTruth?.lesions == 0 && nothing.withoutTruth?.volume == 0)
    let missed = detection("tt..", "....")
    #expect(missed.sensitivity == 0 && missed.precision == nil && missed.f1 == 0 && missed.withoutTruth == nil)
    let invented = detection("....", "mm.m")
    #expect(invented.sensitivity == nil && invented.precision == 0 && invented.f1 == nil)
    #expect(invented.withoutTruth?.lesions == 2 && invented.withoutTruth?.volume == 10.5)
    let apart = detection("tt..", "...m")
    #expect(apart.sensitivity == 0 && apart.precision == 0 && apart.f1 == 0)
  }

  /// A truth of lesions that are too small to count is not empty: missing them is no full score.
  @Test func aTruthOfSmallLesionsAloneSaysNothing() {
    func of1mm(_ truth: String, _ mask: String) -> LesionDetection {
      LesionDetection(truth: line(truth), mask: line(mask), voxelVolume: 1)
    }
    for mask in [".......", "m......", "....mmm"] {
      let detection = of1mm("ttt....", mask)
      #expect(detection.sensitivity == nil && detection.precision == nil && detection.f1 == nil)
      #expect(detection.withoutTruth == nil)
    }
    let invented = of1mm("ttt....", "...mmmm")
    #expect(invented.sensitivity == nil && invented.precision == 0 && invented.f1 == nil)
    let same = of1mm("ttt....", "mmm....")
    #expect(same.sensitivity == 1 && same.precision == 1 && same.f1 == 1)
    // Specks where there is nothing.
    let specks = of1mm(".......", "m.mm...")
    #expect(specks.sensitivity == nil && specks.precision == nil && specks.f1 == nil)
    #expect(specks.withoutTruth?.lesions == 0)
  }
}
