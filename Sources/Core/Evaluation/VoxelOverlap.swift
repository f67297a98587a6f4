/// How two binary masks of one image agree, voxel by voxel.
public struct VoxelOverlap: Sendable, Hashable, Codable {
  /// Voxels in both masks.
  public let truePositives: Int
  /// Voxels in the mask and not in the truth.
  public let falsePositives: Int
  /// Voxels in the truth and not in the mask.
  public let falseNegatives: Int

  /// Counts over two masks of equal length; every value but 0 is lesion.
  public init(truth: [UInt8], mask: [UInt8]) {
    precondition(truth.count == mask.count, "masks of one image have one size")
    var (both, onlyMask, onlyTruth) = (0, 0, 0)
    for index in truth.indices {
      switch (truth[index] != 0, mask[index] != 0) {
      case (true, true): both += 1
      case (false, true): onlyMask += 1
      case (true, false): onlyTruth += 1
      case (false, false): break
      }
    }
    (truePositives, falsePositives, falseNegatives) = (both, onlyMask, onlyTruth)
  }

  private var isEmpty: Bool { truePositives + falsePositives + falseNegatives == 0 }

  /// 2 TP / (2 TP + FP + FN), in 0 ... 1; 1 where both masks are empty, 0 where one is.
  public var dice: Double {
    isEmpty ? 1 : Double(2 * truePositives) / Double(2 * truePositives + falsePositives + falseNegatives)
  }

  /// TP / (TP + FP + FN), in 0 ... 1; 1 where both masks are empty, 0 where one is.
  public var jaccard: Double {
    isEmpty ? 1 : Double(truePositives) / Double(truePositives + falsePositives + falseNegatives)
  }

  /// |Vp - Vt| / Vt, 0 and up (Vp, Vt: volumes of mask and truth); 0 where both masks are empty, nil (undefined) where
  /// only the truth is.
  public var volumeDifference: Double? {
    if isEmpty { return 0 }
    let truth = truePositives + falseNegatives
    return truth > 0 ? Double(abs(falsePositives - falseNegatives)) / Double(truth) : nil
  }

  /// Positive predictive value TP / (TP + FP); 1 where both masks are empty, nil (undefined) where only the mask is.
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }

  /// True positive rate TP / (TP + FN); 1 where both masks are empty, nil (undefined) where only the truth is.
  public var sensitivity: Double? { ratio(truePositives, truePositives + falseNegatives) }

  private func ratio(_ part: Int, _ whole: Int) -> Double? {
    if isEmpty { return 1 }
    return whole > 0 ? Double(part) / Double(whole) : nil
  }
}
