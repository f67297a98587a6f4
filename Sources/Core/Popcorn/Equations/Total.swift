/// Equation (5): what a pair costs: both segmentation losses (1) plus α times the consistency loss (2).
public func totalLoss(_ i: Double, _ j: Double, consistency: Double, alpha: Double) -> Double {
  i + j + alpha * consistency
}

/// What a pair cost, by term.
public struct PairLoss: Sendable, Equatable, Codable {
  /// Equation (1) of both patches, each 0…1.
  public var segmentation: [Double]
  /// Equation (3), 0…1.
  public var similarity: Double
  /// Equation (2), 0…2.
  public var consistency: Double
  /// Equation (5).
  public var total: Double

  /// What a pair cost, by term.
  public init(segmentation: [Double], similarity: Double, consistency: Double, total: Double) {
    self.segmentation = segmentation
    self.similarity = similarity
    self.consistency = consistency
    self.total = total
  }
}

/// What the network made of one patch, and what it should have been.
public struct PatchOutcome: Sendable {
  /// Planar (2, D, H, W), background then lesion.
  public var probabilities: [Float]
  /// The bottleneck's channel means h, 16 · width of them.
  public var latent: [Float]
  /// (D, H, W), 0 or 1.
  public var truth: [UInt8]

  /// What the network made of one patch, and what it should have been.
  public init(probabilities: [Float], latent: [Float], truth: [UInt8]) {
    self.probabilities = probabilities
    self.latent = latent
    self.truth = truth
  }
}

/// The gradients of equation (5) with respect to what the network put out, for one patch of the pair.
public struct OutputGradient: Sendable {
  /// With respect to the probabilities, planar (2, D, H, W).
  public var probabilities: [Float]
  /// With respect to the latent; nil where nothing pulls at it.
  public var latent: [Float]?

  /// Gradients for one patch.
  public init(probabilities: [Float], latent: [Float]?) {
    self.probabilities = probabilities
    self.latent = latent
  }
}

/// Equations (1) to (5) of one pair, and the gradients of (5) for both patches.
/// - Parameters:
///   - alpha: α of equation (5); at 0 nothing pulls at the latents.
///   - tau: τ of equation (3), voxels.
///   - top: see `diceLoss`.
public func pairLoss(
  _ i: PatchOutcome, _ j: PatchOutcome, alpha: Double, tau: Double, top: Double
) -> (loss: PairLoss, gradients: [OutputGradient]) {
  let segmentation = [
    diceLoss(i.probabilities, truth: i.truth, top: top), diceLoss(j.probabilities, truth: j.truth, top: top),
  ]
  let alike = similarity(i.truth, j.truth, tau: tau)
  let consistency = consistencyLoss(distance: latentDistance(i.latent, j.latent), similarity: alike)
  let loss = PairLoss(
    segmentation: segmentation, similarity: alike, consistency: consistency,
    total: totalLoss(segmentation[0], segmentation[1], consistency: consistency, alpha: alpha))
  let pull = alpha == 0 ? nil : consistencyLossGradient(i.latent, j.latent, similarity: alpha * alike)
  return (
    loss,
    [
      OutputGradient(
        probabilities: diceLossGradient(i.probabilities, truth: i.truth, top: top), latent: pull?.a),
      OutputGradient(
        probabilities: diceLossGradient(j.probabilities, truth: j.truth, top: top), latent: pull?.b),
    ]
  )
}
