import Contract

/// Uncertainty-guided pseudo-labels (Sedai et al. 2019, arXiv 2103.02083; the paper's reference [19]): once the network has
/// converged on the labelled, it says by passes with dropout what patches of the pool hold and how sure it is; then it
/// learns from both, the sure voxels counting more.
///
/// The student goes on from the teacher's weights, and the teacher's steps count: all strategies have one budget.
public struct UncertaintyStrategy: Strategy {
  /// A patch of the pool, once the teacher has spoken.
  public var companion: Companion { .unlabelled }
  /// Twenty passes.
  public var teacher: Teacher? { Teacher(passes: 20) }

  /// Equation (1) of the labelled patch, and the soft label of the other.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    guard let other = outcomes.last, let soft = other.shown.soft else {
      return BaselineStrategy().loss(outcomes, scale: scale)
    }
    let (loss, gradient) = softLabelLoss(other.probabilities, soft)
    return supervised(
      outcomes[0], scale: scale, unsupervised: loss, weight: 1,
      others: [OutputGradient(probabilities: gradient, latent: nil)])
  }
}
