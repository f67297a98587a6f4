/// One number that a comparison of two masks has: the word for it in JSON and tables, and how it is read. Text, TSV and
/// JSON follow from the list of these alone.
public struct Figure: Sendable {
  /// Its key in JSON and its column in TSV; never changed once released.
  public let key: String
  /// Its column in a printed table, with the unit.
  public let heading: String
  /// Decimals that are worth printing.
  public let decimals: Int
  /// Whether it is a whole number for one mask and one truth.
  public let isCount: Bool
  /// The number; nil where it is undefined.
  public let value: @Sendable (MaskComparison) -> Double?

  private init(
    _ key: String, _ heading: String, decimals: Int = 3, _ value: @escaping @Sendable (MaskComparison) -> Double?
  ) {
    (self.key, self.heading, self.decimals, self.value) = (key, heading, decimals, value)
    isCount = false
  }

  private init(count key: String, _ heading: String, _ value: @escaping @Sendable (MaskComparison) -> Int?) {
    (self.key, self.heading, decimals, isCount) = (key, heading, 0, true)
    self.value = { value($0).map(Double.init) }
  }

  /// Voxels, volumes and surfaces.
  public static let ofVoxels: [Figure] = [
    Figure("dice", "Dice") { $0.dice },
    Figure("precision", "PPV") { $0.precision },
    Figure("sensitivity", "TPR") { $0.sensitivity },
    Figure("jaccard", "Jaccard") { $0.voxels.jaccard },
    Figure("volumeDifference", "VD") { $0.voxels.volumeDifference },
    Figure("truthVolume", "truth mm³", decimals: 1) { $0.truthVolume },
    Figure("maskVolume", "mask mm³", decimals: 1) { $0.maskVolume },
    Figure("averageSurfaceDistance", "ASSD mm") { $0.distance?.average },
    Figure("surfaceDistance95", "HD95 mm") { $0.distance?.percentile95 },
  ]

  /// Lesions as ISBI 2015 counts them, and its score.
  public static let ofISBI: [Figure] = [
    Figure("lesionTruePositiveRate", "LTPR") { $0.lesionTruePositiveRate },
    Figure("lesionFalsePositiveRate", "LFPR") { $0.lesionFalsePositiveRate },
    Figure("challengeScore", "ISBI") { $0.challengeScore },
    Figure(count: "truthLesions", "lesions") { $0.lesions.truth.count },
    Figure(count: "foundLesions", "found") { $0.lesions.truth.count(where: \.isMet) },
    Figure(count: "maskLesions", "marks") { $0.lesions.mask.count },
    Figure(count: "falseLesions", "false") { $0.lesions.mask.count { !$0.isMet } },
  ]

  /// Lesions as MSSEG 2016 counts them.
  public static let ofMSSEG: [Figure] = [
    Figure("lesionSensitivity", "SensL") { $0.detection.sensitivity },
    Figure("lesionPrecision", "PPVL") { $0.detection.precision },
    Figure("lesionF1", "F1") { $0.detection.f1 },
    Figure(count: "countedTruthLesions", "> 3 mm³") { $0.detection.truthLesions },
    Figure(count: "detectedTruthLesions", "detected") { $0.detection.detectedTruthLesions },
    Figure(count: "countedMaskLesions", "marks") { $0.detection.maskLesions },
    Figure(count: "detectedMaskLesions", "true") { $0.detection.detectedMaskLesions },
  ]

  /// What the mask claims where the truth is empty, by MSSEG 2016.
  public static let ofEmptyTruth: [Figure] = [
    Figure(count: "lesionsWithoutTruth", "lesions without truth") { $0.detection.withoutTruth?.lesions },
    Figure("volumeWithoutTruth", "mm³", decimals: 1) { $0.detection.withoutTruth?.volume },
  ]

  /// All of them, in the order of tables.
  public static let all = ofVoxels + ofISBI + ofMSSEG + ofEmptyTruth
}
