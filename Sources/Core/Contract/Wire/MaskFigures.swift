/// What a mask measures.
public struct MaskFigures: Codable, Sendable, Equatable {
  /// SHA-256 of the mask's file.
  public var maskDigest: String
  /// SHA-256 of the mask's voxels as `Verdict.voxelDigest` has it: a mask that comes back is known by it. nil in
  /// records that are older than the figure.
  public var voxelDigest: String?
  /// SHA-256 of the probability map's file.
  public var probabilityDigest: String?
  /// Lesions: components of the mask connected by faces, edges or corners.
  public var lesionCount: Int
  /// Voxels of the mask.
  public var voxelCount: Int
  /// Volume of the mask.
  public var volumeMl: Double
  /// Volume of the largest lesion.
  public var largestMl: Double
  /// Mean probability inside the mask; 0 where it is empty.
  public var meanProbability: Double
  /// The steps of the preparation with their figures, for the sidecar.
  public var preparation: [PreparationStep]
  /// What is unusual: `EMPTY_MASK`, for instance.
  public var warnings: [String]
  /// Probability from which a voxel is lesion; nil in records that are older than the figure.
  public var threshold: Double?
  /// Volume of the smallest lesion, mm³; nil where all are kept.
  public var smallestLesion: Double?

  /// What a mask measures.
  public init(
    maskDigest: String, probabilityDigest: String?, lesionCount: Int, voxelCount: Int, volumeMl: Double,
    largestMl: Double, meanProbability: Double, preparation: [PreparationStep], warnings: [String],
    voxelDigest: String? = nil, threshold: Double? = nil, smallestLesion: Double? = nil
  ) {
    self.threshold = threshold
    self.smallestLesion = smallestLesion
    self.maskDigest = maskDigest
    self.voxelDigest = voxelDigest
    self.probabilityDigest = probabilityDigest
    self.lesionCount = lesionCount
    self.voxelCount = voxelCount
    self.volumeMl = volumeMl
    self.largestMl = largestMl
    self.meanProbability = meanProbability
    self.preparation = preparation
    self.warnings = warnings
  }
}
