import Contract
import Imaging

/// What the network makes of a held-out case, cut at each of some points. Volumes are not kept: there may be hundreds.
struct HeldOutCase {
  /// Who was scanned.
  var subject: String
  /// Dice of the hard mask on the reference grid, a value a point; the mean over the experts.
  var dice: [Double]
  /// Whether nothing is marked, a value a point.
  var isEmpty: [Bool]
  /// Whether no expert drew anything.
  var truthIsEmpty: Bool

  init(
    _ segmentation: Segmentation, of subject: String, truths: [Volume<UInt8>], points: [OperatingPoint], voxel: Double
  ) {
    self.subject = subject
    let masks = points.lazy.map { $0.mask(segmentation.probability, voxel: voxel) }
    (dice, isEmpty) = ([], [])
    for mask in masks {
      let each = truths.map { Verdict.Overlap(of: mask, and: $0)?.dice ?? 0 }
      dice.append(each.reduce(0, +) / Double(max(1, each.count)))
      isEmpty.append(mask.values.allSatisfy { $0 == 0 })
    }
    truthIsEmpty = truths.allSatisfy { $0.values.allSatisfy { $0 == 0 } }
  }
}

extension Cycle {
  /// Where probabilities become lesions now.
  var point: OperatingPoint {
    OperatingPoint(threshold: position.threshold ?? settings.threshold, floor: recipe.lesionFloor)
  }

  /// The held-out cases under the present weights.
  func heldOut(at points: [OperatingPoint]) throws -> [HeldOutCase] {
    try order.holdout.map { scan in
      HeldOutCase(
        try segmentation(of: scan, during: position.place.phase), of: scan.subject,
        truths: try scan.masks.map { try cases.mask($0, of: scan) },
        points: points, voxel: settings.preparation.voxelVolume)
    }
  }
}
