import Contract
import Imaging

/// What the network makes of a held-out case, cut at each of some points. Volumes are not kept: there may be hundreds.
struct HeldOut {
  /// Dice of the hard mask on the reference grid, a value a point; the mean over the experts.
  var dice: [Double]
  /// Whether nothing is marked, a value a point.
  var isEmpty: [Bool]
  /// Whether no expert drew anything.
  var truthIsEmpty: Bool

  init(_ segmentation: Segmentation, truths: [Volume<UInt8>], points: [OperatingPoint], voxel: Double) {
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
  /// The points that the recipe has to choose from; the one that was asked for where it does not choose.
  var candidates: [OperatingPoint] {
    let thresholds = calibrates ? Array(stride(from: 0.05, to: 0.96, by: 0.05)) : [settings.threshold]
    return thresholds.map { OperatingPoint(threshold: $0, floor: recipe.lesionFloor) }
  }

  private var calibrates: Bool {
    recipe.calibrates && Set(order.holdout.map(\.subject)).count >= Gate.enoughSubjects
  }

  /// Where probabilities become lesions now.
  var point: OperatingPoint {
    OperatingPoint(threshold: position.threshold ?? settings.threshold, floor: recipe.lesionFloor)
  }

  /// The held-out cases under the present weights.
  func heldOut(at points: [OperatingPoint]) throws -> [HeldOut] {
    try order.holdout.map { scan in
      let segmentation = try segmentation(of: scan, during: position.place.phase)
      return HeldOut(
        segmentation, truths: try scan.masks.map { try cases.mask($0, of: scan) }, points: points,
        voxel: settings.preparation.voxelVolume)
    }
  }

  /// Chooses, where the recipe does and enough people are held out, the threshold of the best mean Dice over the held-out cases, which
  /// were looked at at all candidates. Answers its place among them.
  @discardableResult func calibrate(on cases: [HeldOut]) -> Int {
    guard calibrates else { return 0 }
    let candidates = candidates
    // Of equals the one nearest to what was asked for.
    func worth(_ place: Int) -> (dice: Double, nearness: Double) {
      (cases.reduce(0) { $0 + $1.dice[place] }, -abs(candidates[place].threshold - settings.threshold))
    }
    let best = candidates.indices.max { worth($0) < worth($1) } ?? 0
    position.threshold = candidates[best].threshold
    return best
  }
}
