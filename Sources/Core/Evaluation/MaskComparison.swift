import Contract
import Imaging

/// Everything that is said about one predicted mask against its truth. Encodes as the JSON of `popcorn evaluate`.
public struct MaskComparison: Sendable, Hashable, Codable {
  /// Dice, 0 ... 1.
  public let dice: Double
  /// Positive predictive value; nil where it is undefined.
  public let precision: Double?
  /// True positive rate; nil where it is undefined.
  public let sensitivity: Double?
  /// ISBI's lesion-wise true positive rate; nil where it is undefined.
  public let lesionTruePositiveRate: Double?
  /// ISBI's lesion-wise false positive rate; nil where it is undefined.
  public let lesionFalsePositiveRate: Double?
  /// Lesions in the truth, those of them that were found, lesions in the mask, those of them that are false.
  public let truthLesions, foundLesions, maskLesions, falseLesions: Int
  /// Lesion volumes in mm³.
  public let truthVolume, maskVolume: Double
  /// Average symmetric surface distance in mm; nil where a mask is empty.
  public let averageSurfaceDistance: Double?
  /// 95th percentile of the surface distances in mm; nil where a mask is empty.
  public let surfaceDistance95: Double?
  /// Each lesion of the truth: its voxels and how many of them were found.
  public let lesions: [LesionOverlap.Lesion]

  /// Compares two masks on one grid; every value but 0 is lesion.
  public init(truth: Volume<UInt8>, mask: Volume<UInt8>, geometry: GridGeometry) {
    let voxels = VoxelOverlap(truth: truth.values, mask: mask.values)
    let overlap = LesionOverlap(truth: truth, mask: mask)
    let distance = SurfaceDistance(truth: truth, mask: mask, spacing: geometry.spacing)
    dice = voxels.dice
    precision = voxels.precision
    sensitivity = voxels.sensitivity
    lesionTruePositiveRate = overlap.truePositiveRate
    lesionFalsePositiveRate = overlap.falsePositiveRate
    truthLesions = overlap.truth.count
    foundLesions = overlap.truth.count(where: \.isMet)
    maskLesions = overlap.mask.count
    falseLesions = overlap.mask.count { !$0.isMet }
    truthVolume = Double(voxels.truePositives + voxels.falseNegatives) * geometry.voxelVolume
    maskVolume = Double(voxels.truePositives + voxels.falsePositives) * geometry.voxelVolume
    averageSurfaceDistance = distance?.average
    surfaceDistance95 = distance?.percentile95
    lesions = overlap.truth
  }
}

/// A mean over images, and over how many of them: images where the figure is undefined do not enter.
public struct DefinedMean: Sendable, Hashable, Codable {
  /// The mean; nil where no image has the figure.
  public let mean: Double?
  /// Images that entered.
  public let defined: Int
  /// Images for which the figure is undefined.
  public let undefined: Int

  /// The mean of the values that are there.
  public init(_ values: [Double?]) {
    let present = values.compactMap { $0 }
    mean = present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
    defined = present.count
    undefined = values.count - present.count
  }
}
