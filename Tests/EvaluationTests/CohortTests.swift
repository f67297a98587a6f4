import Contract
import Imaging
import Testing

@testable import Evaluation

@Suite struct CohortTests {
  private let geometry = GridGeometry(size: [8, 1, 1], affine: [10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10, 0])

  /// Voxels of one ml in a row.
  private func compare(_ truth: String, _ mask: String) -> MaskComparison {
    func volume(_ text: String) -> Volume<UInt8> {
      Volume(size: GridSize(8, 1, 1), values: text.utf8.map { $0 == UInt8(ascii: ".") ? 0 : 1 })
    }
    return MaskComparison(truth: volume(truth), mask: volume(mask), geometry: geometry)
  }

  @Test(arguments: VolumePair.golden.indices) func volumesAgreeWithScipy(index: Int) throws {
    let golden = VolumePair.golden[index]
    let agreement = try #require(VolumeAgreement(truth: golden.truth, mask: golden.mask))
    #expect(abs(agreement.bias - golden.bias) < 1e-12)
    #expect(abs(agreement.deviation - golden.deviation) < 1e-12)
    #expect(abs(try #require(agreement.correlation) - golden.correlation) < 1e-12)
    #expect(abs(try #require(agreement.concordance) - golden.concordance) < 1e-12)
    #expect(abs(agreement.limits.upper - golden.bias - 1.96 * golden.deviation) < 1e-12)
    #expect(abs(agreement.limits.lower - golden.bias + 1.96 * golden.deviation) < 1e-12)
  }

  @Test(arguments: MeanPair.golden.indices) func meansLieWhereScipySays(index: Int) throws {
    let golden = MeanPair.golden[index]
    let interval = try #require(MeanInterval(golden.values))
    #expect(abs(interval.mean - interval.reach - golden.low) < 1e-4 * interval.reach)
    #expect(abs(interval.mean + interval.reach - golden.high) < 1e-4 * interval.reach)
    #expect(MeanInterval(Array(golden.values.prefix(2))) == nil)
  }

  @Test func volumesThatDoNotVary() throws {
    #expect(VolumeAgreement(truth: [1], mask: [2]) == nil)
    #expect(VolumeAgreement(truth: [], mask: []) == nil)
    // The mean of three times 0.1 is not 0.1 in binary.
    let same = try #require(VolumeAgreement(truth: [0.1, 0.1, 0.1], mask: [0.1, 0.1, 0.1]))
    #expect(same.bias == 0 && same.deviation == 0 && same.correlation == nil && same.concordance == nil)
    let flat = try #require(VolumeAgreement(truth: [0.1, 0.1, 0.1], mask: [0.2, 0.3, 0.7]))
    #expect(flat.correlation == nil && flat.concordance == 0)
    // Means of one volume over one and three raters differ in the last bit.
    let noisy = try #require(VolumeAgreement(truth: [0.1, (0.1 + 0.1 + 0.1) / 3, 0.1], mask: [0.2, 0.3, 0.7]))
    #expect(noisy.correlation == nil && noisy.concordance == 0)
    let apart = try #require(VolumeAgreement(truth: [1, 1], mask: [2, 2]))
    #expect(apart.correlation == nil && apart.concordance == 0 && apart.bias == 1)
  }

  /// By hand: two lesions of which one is met, three marks of which one is false.
  @Test func scoreOfAnImage() throws {
    let image = compare("tt..tt..", "m.m...mm")
    #expect(image.lesionTruePositiveRate == 0.5 && abs((image.lesionFalsePositiveRate ?? 0) - 2.0 / 3) < 1e-15)
    // Dice 2/8, PPV 1/4: (1/32 + 1/32 + 1/12 + 1/8) * 4/3 = 13/36.
    #expect(abs(try #require(image.challengeScore) - 13.0 / 36) < 1e-15)
  }

  @Test func scoreOfACohort() throws {
    // Volumes 1, 2, 3 against 1, 2, 3 with everything met: all terms 1.
    let perfect = ["t.......", "tt......", "ttt....."].map { [compare($0, $0)] }
    #expect(abs(try #require(Cohort(perfect)?.challengeScore) - 1) < 1e-12)
    // Volumes 1, 2 against 2, 1: Corr is -1. Dice 2/3 both, PPV 1/2 and 1, every lesion met.
    let crossed = [[compare("t.......", "mm......")], [compare("tt......", "m.......")]]
    let cohort = try #require(Cohort(crossed))
    #expect(cohort.volumes.correlation == -1)
    let terms = 2 / 24.0 + 0.75 / 8 + 0.25 + 0.25
    #expect(abs(try #require(cohort.challengeScoreWithoutCorrelation) - terms * 4 / 3) < 1e-12)
    #expect(abs(try #require(cohort.challengeScore) - (terms - 0.25)) < 1e-12)
    #expect(Cohort([crossed[0]]) == nil && Cohort([]) == nil)
  }

  /// An empty mask has no PPV and no LFPR, and must not vanish from the score for it.
  @Test func missingEverythingCostsScore() throws {
    let found = [compare("tt......", "mm......")]
    let cohort = try #require(Cohort([found, [compare("tttt....", "........")]]))
    // Dice 1/2, LTPR 1/2 over both; PPV 1 and LFPR 0 of the first alone.
    let terms = 0.5 / 8 + 1 / 8.0 + 0.25 + 0.5 / 4
    #expect(abs(try #require(cohort.challengeScoreWithoutCorrelation) - terms * 4 / 3) < 1e-12)
    let nothing = try #require(Cohort([[compare("tt......", "........")], [compare("t.......", "........")]]))
    #expect(nothing.challengeScore == nil && nothing.challengeScoreWithoutCorrelation == nil)
  }

  @Test func aCaseCountsOnceHoweverManyDrewIt() throws {
    let twice = [compare("tt......", "mm......"), compare("tttt....", "mm......")]
    let once = [compare("t.......", "........")]
    #expect(abs((DefinedMean(ofCases: [twice, once]) { $0.dice }.mean ?? 0) - (1 + 2 / 3.0) / 4) < 1e-15)
    let precision = DefinedMean(ofCases: [twice, once], \.precision)
    #expect(precision.mean == 1 && precision.defined == 1 && precision.undefined == 1)
    // 3 ml and 1 ml of truth, 2 ml and none of mask.
    let volumes = try #require(Cohort([twice, once])?.volumes)
    #expect(abs(volumes.bias + 1) < 1e-12 && volumes.deviation < 1e-12)
  }

  /// The words that scripts read: adding is free, renaming is not.
  @Test func keysAreStable() {
    #expect(
      Figure.all.map(\.key) == [
        "dice", "precision", "sensitivity", "jaccard", "volumeDifference", "truthVolume", "maskVolume",
        "averageSurfaceDistance", "surfaceDistance95", "lesionTruePositiveRate", "lesionFalsePositiveRate",
        "challengeScore", "truthLesions", "foundLesions", "maskLesions", "falseLesions", "lesionSensitivity",
        "lesionPrecision", "lesionF1", "countedTruthLesions", "detectedTruthLesions", "countedMaskLesions",
        "detectedMaskLesions", "lesionsWithoutTruth", "volumeWithoutTruth",
      ])
    let comparison = compare("tt......", ".mm.....")
    let values = Dictionary(uniqueKeysWithValues: Figure.all.map { ($0.key, $0.value(comparison)) })
    let expected: [String: Double?] = [
      "dice": 0.5, "jaccard": 1.0 / 3, "truthVolume": 2000, "maskVolume": 2000, "truthLesions": 1, "foundLesions": 1,
      "maskLesions": 1, "falseLesions": 0, "lesionsWithoutTruth": nil, "lesionF1": 1, "detectedTruthLesions": 1,
    ]
    for (key, value) in expected { #expect(values[key] == value, "\(key)") }
  }

  /// Values of scipy 1.17's `spearmanr`.
  @Test func ranksCorrelateAsInScipy() {
    let first: [Double] = [3.5, 1, 4, 1, 5, 9, 2.25, 6, 5, 3]
    let second: [Double] = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8]
    #expect(abs((rankCorrelation(first, second) ?? 9) - 0.10552236409952809) < 1e-12)
    #expect(abs((rankCorrelation([1, 2, 3, 4], [10, 20, 30, 5]) ?? 9) + 0.2) < 1e-12)
    #expect(rankCorrelation([1, 1], [1, 2]) == nil && rankCorrelation([1], [2]) == nil)
    #expect(rankCorrelation(first, first.map { $0 * $0 }) == 1)
  }
}
