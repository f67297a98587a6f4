/// Equation (1): one minus the mean, over background and lesion, of the soft Dice overlap of one patch.
///
/// D_c = (2 Σ p_c q_c + `top`) / (Σ p_c + Σ q_c + 1), L = 1 − (D_0 + D_1) / 2.
/// - Parameters:
///   - probabilities: planar (2, D, H, W), background then lesion, each 0…1.
///   - truth: (D, H, W), 1 in a lesion and 0 elsewhere; voxels that are `unknownVoxel` do not count.
///   - top: what is added above: 0 in the recipe `paper`, as the authors' released code has it; 1 scores an empty
///     class that was predicted empty as 1.
/// - Returns: 0…1.
@specialized(where Scalar == Float)
public func diceLoss<Scalar: BinaryFloatingPoint>(
  _ probabilities: [Scalar], truth: [UInt8], top: Double = 0
) -> Double {
  let overlap = Overlap(probabilities, truth: truth)
  return 1 - (overlap.dice(0, top: top) + overlap.dice(1, top: top)) / 2
}

/// The gradient of equation (1) with respect to the probabilities, planar (2, D, H, W):
/// ∂L/∂p = −(2 q S − (2 I + top)) / (2 S²) with I = Σ p q and S = Σ p + Σ q + 1 of the class.
@specialized(where Scalar == Float)
public func diceLossGradient<Scalar: BinaryFloatingPoint>(
  _ probabilities: [Scalar], truth: [UInt8], top: Double = 0
) -> [Scalar] {
  let overlap = Overlap(probabilities, truth: truth)
  let count = truth.count
  var gradient = [Scalar](repeating: 0, count: 2 * count)
  for channel in 0..<2 {
    let sum = overlap.sum[channel] + 1
    let outside = Scalar((2 * overlap.shared[channel] + top) / (2 * sum * sum))
    let inside = outside - Scalar(1 / sum)
    let here = UInt8(channel)
    for voxel in 0..<count {
      let label = truth[voxel]
      gradient[channel * count + voxel] = label == here ? inside : label == unknownVoxel ? 0 : outside
    }
  }
  return gradient
}

/// What a voxel of a truth holds where nobody says whether it is lesion: a pseudo-label that is not sure of it.
public let unknownVoxel: UInt8 = 255

/// Per class: Σ p q, and Σ p + Σ q. Summed in Double, because half a million Floats lose their tail.
private struct Overlap {
  var shared = [0.0, 0.0]
  var sum = [0.0, 0.0]

  @specialized(where Scalar == Float)
  init<Scalar: BinaryFloatingPoint>(_ probabilities: [Scalar], truth: [UInt8]) {
    precondition(probabilities.count == 2 * truth.count, "two planes of probabilities for one of truth")
    let count = truth.count
    for voxel in 0..<count {
      let background = Double(probabilities[voxel])
      let lesion = Double(probabilities[count + voxel])
      let label = truth[voxel]
      if label == unknownVoxel { continue }
      let isLesion = label != 0
      shared[isLesion ? 1 : 0] += isLesion ? lesion : background
      sum[0] += background + (isLesion ? 0 : 1)
      sum[1] += lesion + (isLesion ? 1 : 0)
    }
  }

  func dice(_ channel: Int, top: Double) -> Double { (2 * shared[channel] + top) / (sum[channel] + 1) }
}
