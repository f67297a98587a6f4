import Contract
import Imaging

/// Everything that is said about one predicted mask against its truth.
public struct MaskComparison: Sendable, Hashable {
  /// Voxel by voxel.
  public let voxels: VoxelOverlap
  /// Lesion by lesion, as ISBI 2015 counts.
  public let lesions: LesionOverlap
  /// Lesion by lesion, as MSSEG 2016 decides.
  public let detection: LesionDetection
  /// Between the surfaces; nil where a mask is empty.
  public let distance: SurfaceDistance?
  /// Lesion volumes in mm³.
  public let truthVolume, maskVolume: Double

  /// Compares two masks on one grid; every value but 0 is lesion.
  public init(truth: Volume<UInt8>, mask: Volume<UInt8>, geometry: GridGeometry) {
    voxels = VoxelOverlap(truth: truth.values, mask: mask.values)
    lesions = LesionOverlap(truth: truth, mask: mask, geometry: geometry)
    detection = LesionDetection(truth: truth, mask: mask, voxelVolume: geometry.voxelVolume)
    distance = SurfaceDistance(truth: truth, mask: mask, spacing: geometry.spacing)
    truthVolume = Double(voxels.truePositives + voxels.falseNegatives) * geometry.voxelVolume
    maskVolume = Double(voxels.truePositives + voxels.falsePositives) * geometry.voxelVolume
  }

  /// Dice, 0 ... 1.
  public var dice: Double { voxels.dice }
  /// Positive predictive value, 0 ... 1; nil where it is undefined.
  public var precision: Double? { voxels.precision }
  /// True positive rate, 0 ... 1; nil where it is undefined.
  public var sensitivity: Double? { voxels.sensitivity }
  /// ISBI's lesion-wise true positive rate, 0 ... 1; nil where it is undefined.
  public var lesionTruePositiveRate: Double? { lesions.truePositiveRate }
  /// ISBI's lesion-wise false positive rate, 0 ... 1; nil where it is undefined.
  public var lesionFalsePositiveRate: Double? { lesions.falsePositiveRate }
  /// ISBI's score without the correlation of volumes, times 4/3, 0 ... 1; nil where a term is undefined.
  public var challengeScore: Double? {
    ChallengeScore.withoutCorrelation(
      dice: dice, precision: precision, lesionFalsePositiveRate: lesionFalsePositiveRate,
      lesionTruePositiveRate: lesionTruePositiveRate)
  }
}
