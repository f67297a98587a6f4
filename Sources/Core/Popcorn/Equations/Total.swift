/// Equation (5): what a pair costs: both segmentation losses (1) plus α times the consistency loss (2).
public func totalLoss(_ i: Double, _ j: Double, consistency: Double, alpha: Double) -> Double {
  i + j + alpha * consistency
}

/// What the patches of an optimizer step cost, by term.
public struct PairLoss: Sendable, Equatable, Codable {
  /// Equation (1) of each labelled patch, 0…1; with cross-entropy beside it unbounded.
  public var segmentation: [Double]
  /// Equation (3), 0…1; 0 where only one patch is labelled.
  public var similarity: Double
  /// Equation (2), 0…2; in the strategies of others what they ask of patches without a label.
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
  /// What was shown, and what is known of it.
  public var shown: ShownPatch
  /// The patch painted again, planar (2, D, H, W); nil where it was not asked for.
  public var reconstruction: [Float]?

  /// (D, H, W), 0, 1 or `unknownVoxel`; empty without a label.
  public var truth: [UInt8] { shown.truth }

  /// What the network made of one patch.
  public init(probabilities: [Float], latent: [Float], shown: ShownPatch, reconstruction: [Float]? = nil) {
    self.probabilities = probabilities
    self.latent = latent
    self.shown = shown
    self.reconstruction = reconstruction
  }

  /// What the network made of one patch, and what it should have been.
  public init(probabilities: [Float], latent: [Float], truth: [UInt8]) {
    self.init(probabilities: probabilities, latent: latent, shown: ShownPatch(image: [], truth: truth))
  }
}

/// A patch as it is shown to the network.
public struct ShownPatch: Sendable {
  /// Intensities, (D, H, W).
  public var image: [Float]
  /// (D, H, W), 0, 1 or `unknownVoxel`; empty without a label.
  public var truth: [UInt8]
  /// What a teacher made of it, where one did.
  public var soft: SoftLabel?
  /// What was done to it after quality and orientation.
  public var warp: Warp
  /// What its label counts in equation (5), 0…1: an expert's counts 1.
  public var trust: Double

  /// A patch as it is shown to the network.
  public init(image: [Float], truth: [UInt8], soft: SoftLabel? = nil, warp: Warp = .none, trust: Double = 1) {
    self.trust = trust
    self.image = image
    self.truth = truth
    self.soft = soft
    self.warp = warp
  }
}

/// The gradients of equation (5) with respect to what the network put out, for one patch of the pair.
public struct OutputGradient: Sendable {
  /// With respect to the probabilities, planar (2, D, H, W).
  public var probabilities: [Float]
  /// With respect to the latent; nil where nothing pulls at it.
  public var latent: [Float]?
  /// With respect to the patch painted again; nil where it was not.
  public var reconstruction: [Float]?

  /// Gradients for one patch.
  public init(probabilities: [Float], latent: [Float]?, reconstruction: [Float]? = nil) {
    self.probabilities = probabilities
    self.latent = latent
    self.reconstruction = reconstruction
  }
}

/// Equations (1) to (5) of one pair, and the gradients of (5) for both patches. At α = 0 nothing pulls at the latents.
public func pairLoss(
  _ i: PatchOutcome, _ j: PatchOutcome, scale: LossScale
) -> (loss: PairLoss, gradients: [OutputGradient]) {
  let segmentation = [segmentationLoss(i, scale: scale), segmentationLoss(j, scale: scale)]
  let alpha = scale.alpha
  let alike = similarity(i.truth, j.truth, tau: scale.tau)
  let consistency = consistencyLoss(distance: latentDistance(i.latent, j.latent), similarity: alike)
  let loss = PairLoss(
    segmentation: segmentation, similarity: alike, consistency: consistency,
    total: totalLoss(
      i.shown.trust * segmentation[0], j.shown.trust * segmentation[1], consistency: consistency, alpha: alpha))
  let pull = alpha == 0 ? nil : consistencyLossGradient(i.latent, j.latent, similarity: alpha * alike)
  return (
    loss,
    [
      OutputGradient(probabilities: trustedGradient(i, scale: scale), latent: pull?.a),
      OutputGradient(probabilities: trustedGradient(j, scale: scale), latent: pull?.b),
    ]
  )
}

/// The gradient of what a patch costs, times what its label counts.
func trustedGradient(_ outcome: PatchOutcome, scale: LossScale) -> [Float] {
  let gradient = segmentationLossGradient(outcome, scale: scale)
  let trust = Float(outcome.shown.trust)
  return trust == 1 ? gradient : gradient.map { trust * $0 }
}
