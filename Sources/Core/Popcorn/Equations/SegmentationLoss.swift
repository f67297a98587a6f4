/// The scales of a step's losses.
public struct LossScale: Sendable, Equatable {
  /// α of equation (5).
  public var alpha: Double
  /// τ of equation (3), voxels.
  public var tau: Double
  /// What equation (1) adds above.
  public var top: Double
  /// What cross-entropy counts beside equation (1); 0 in the paper.
  public var crossEntropy: Double

  /// The scales of a step's losses.
  public init(alpha: Double, tau: Double, top: Double, crossEntropy: Double = 0) {
    self.alpha = alpha
    self.tau = tau
    self.top = top
    self.crossEntropy = crossEntropy
  }
}

/// What a labelled patch costs: equation (1), and cross-entropy where the recipe adds it. 0…1 without.
public func segmentationLoss(_ outcome: PatchOutcome, scale: LossScale) -> Double {
  let dice = diceLoss(outcome.probabilities, truth: outcome.truth, top: scale.top)
  guard scale.crossEntropy > 0 else { return dice }
  return dice + scale.crossEntropy * crossEntropy(outcome.probabilities, truth: outcome.truth)
}

/// Its gradient with respect to the probabilities, planar (2, D, H, W).
public func segmentationLossGradient(_ outcome: PatchOutcome, scale: LossScale) -> [Float] {
  var gradient = diceLossGradient(outcome.probabilities, truth: outcome.truth, top: scale.top)
  guard scale.crossEntropy > 0 else { return gradient }
  let weight = Float(scale.crossEntropy)
  let beside = crossEntropyGradient(outcome.probabilities, truth: outcome.truth)
  for place in gradient.indices { gradient[place] += weight * beside[place] }
  return gradient
}
