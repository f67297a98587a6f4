import Glibc

/// Cross-entropy of one patch: the mean of −ln p over its voxels, p being the probability given to what the voxel is.
/// The recipe's compound loss adds it to equation (1), whose gradient vanishes where a patch has little lesion or none.
/// - Parameters:
///   - probabilities: planar (2, D, H, W), background then lesion, each 0…1.
///   - truth: (D, H, W), 0, 1 or `unknownVoxel`, which does not count.
/// - Returns: 0 or more; at most −ln of `crossEntropyFloor`.
@specialized(where Scalar == Float)
public func crossEntropy<Scalar: BinaryFloatingPoint>(_ probabilities: [Scalar], truth: [UInt8]) -> Double {
  let count = truth.count
  var (sum, counted) = (0.0, 0)
  for voxel in 0..<count where truth[voxel] != unknownVoxel {
    sum -= log(max(crossEntropyFloor, Double(probabilities[(truth[voxel] != 0 ? count : 0) + voxel])))
    counted += 1
  }
  return sum / Double(max(1, counted))
}

/// The gradient of `crossEntropy` with respect to the probabilities, planar (2, D, H, W): −1 / (n p) for the true class.
@specialized(where Scalar == Float)
public func crossEntropyGradient<Scalar: BinaryFloatingPoint>(
  _ probabilities: [Scalar], truth: [UInt8]
) -> [Scalar] {
  let count = truth.count
  let share = 1 / Double(max(1, truth.count { $0 != unknownVoxel }))
  var gradient = [Scalar](repeating: 0, count: 2 * count)
  for voxel in 0..<count where truth[voxel] != unknownVoxel {
    let place = (truth[voxel] != 0 ? count : 0) + voxel
    gradient[place] = Scalar(-share / max(crossEntropyFloor, Double(probabilities[place])))
  }
  return gradient
}

/// The smallest probability that is told from 0: what saturates in single precision still has a way back.
public let crossEntropyFloor = 1e-7
