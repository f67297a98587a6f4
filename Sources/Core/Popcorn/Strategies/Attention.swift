import Contract

/// Multi-task attention (Chen et al. 2019, arXiv 1907.12303; the paper's reference [7]): beside a labelled patch one of the
/// pool, which a second decoder paints again in the two parts that the segmentation tells apart.
///
/// As the paper's authors ran it, both tasks in one step with equal weight; but unlike theirs the segmentation is not asked
/// to make painting easier (`reconstructionLoss`).
public struct AttentionStrategy: Strategy {
  /// A patch of the pool.
  public var companion: Companion { .unlabelled }
  /// The second of its tasks.
  public var reconstructs: Bool { true }

  /// Of the painting, beside equation (1).
  private static let weight = 1.0

  /// Equation (1) of the labelled patch, and the painting of the other.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    guard let other = outcomes.last, let painted = other.reconstruction else {
      return BaselineStrategy().loss(outcomes, scale: scale)
    }
    let painting = reconstructionLoss(painted, image: other.shown.image, probabilities: other.probabilities)
    let gradient = reconstructionLossGradient(painted, image: other.shown.image, probabilities: other.probabilities)
    return supervised(
      outcomes[0], scale: scale, unsupervised: painting, weight: Self.weight,
      others: [
        OutputGradient(
          probabilities: [Float](repeating: 0, count: other.probabilities.count), latent: nil,
          reconstruction: gradient.map { Float(Self.weight) * $0 })
      ])
  }
}
