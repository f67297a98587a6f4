import Contract
import Glibc

/// Consistency under transformations (Bortsova et al. 2019, arXiv 1911.01218; the paper's reference [4]): beside a labelled
/// patch one of the pool twice, in two views of which the network is to make the same.
///
/// In the form in which the paper's authors ran it: the views are flips, each of another image quality.
public struct TransformationStrategy: Strategy {
  /// Two views of a patch of the pool.
  public var companion: Companion { .unlabelledTwice(.flip) }

  /// Equation (1) of the labelled patch, and how far the views are apart.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    viewLoss(outcomes, scale: scale)
  }
}

/// The same with elastic deformations, which Bortsova et al. wrote of; they deform labelled patches too, and judge both
/// branches by their masks, where here the pool's alone are deformed.
public struct ElasticTransformationStrategy: Strategy {
  /// A patch of the pool, and its deformation.
  public var companion: Companion { .unlabelledTwice(.elastic) }

  /// Equation (1) of the labelled patch, and how far the views are apart.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    viewLoss(outcomes, scale: scale)
  }
}

/// What the distance between views counts beside equation (1).
private let viewWeight = 0.1

private func viewLoss(
  _ outcomes: [PatchOutcome], scale: LossScale
) -> (loss: PairLoss, gradients: [OutputGradient]) {
  guard outcomes.count == 3 else { return BaselineStrategy().loss(outcomes, scale: scale) }
  let edge = Int(cbrt(Double(outcomes[1].probabilities.count / 2)).rounded())
  let (apart, gradients) = transformationConsistency(outcomes[1], outcomes[2], edge: edge)
  return supervised(
    outcomes[0], scale: scale, unsupervised: apart, weight: viewWeight,
    others: gradients.map { gradient in
      OutputGradient(probabilities: gradient.map { Float(viewWeight) * $0 }, latent: nil)
    })
}
