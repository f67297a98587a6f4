import Contract
import Imaging

/// What the network makes of a case with experts' masks, cut at each of some points. Volumes are not kept: there may be
/// hundreds.
struct JudgedCase {
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
    recipe.calibrates && people(in: order.holdout + choosingBesideHeldOut) >= Gate.enoughSubjects
  }

  /// The scans that choose a threshold beside the held-out ones: where those are of too few people, all that an expert drew.
  /// They were learned from, but what a network knows by heart has one Dice at every threshold and chooses nothing.
  private var choosingBesideHeldOut: [CaseReference] {
    guard people(in: order.holdout) < Gate.enoughSubjects else { return [] }
    return order.trainingSet.filter { $0.masks.contains { $0.kind == .expert } }
  }

  private func people(in cases: [CaseReference]) -> Int { Set(cases.map(\.subject)).count }

  /// Where probabilities become lesions now.
  var point: OperatingPoint {
    OperatingPoint(threshold: position.threshold ?? settings.threshold, floor: recipe.lesionFloor)
  }

  /// Cases under the present weights, by what experts drew.
  func judge(_ scans: [CaseReference], at points: [OperatingPoint]) throws -> [JudgedCase] {
    try scans.map { scan in
      let segmentation = try segmentation(of: scan, during: position.place.phase)
      return JudgedCase(
        segmentation, truths: try scan.masks.filter { $0.kind == .expert }.map { try cases.mask($0, of: scan) },
        points: points, voxel: settings.preparation.voxelVolume)
    }
  }

  /// Chooses, where the recipe does and experts drew scans of enough people, the threshold of the best mean Dice.
  /// - Parameter heldOut: the held-out cases at all candidates.
  /// - Returns: its place among the candidates.
  func calibrate(on heldOut: [JudgedCase]) throws -> Int {
    guard calibrates else { return 0 }
    let candidates = candidates
    let judged = heldOut + (try judge(choosingBesideHeldOut, at: candidates))
    // Of equals the one nearest to what was asked for.
    func worth(_ place: Int) -> (dice: Double, nearness: Double) {
      (judged.reduce(0) { $0 + $1.dice[place] }, -abs(candidates[place].threshold - settings.threshold))
    }
    let best = candidates.indices.max { worth($0) < worth($1) } ?? 0
    position.threshold = candidates[best].threshold
    return best
  }
}
