/// A step with one labelled patch: equation (1) of it, as much as its label counts, plus `weight` times what the others cost.
/// `PairLoss.consistency` is that cost.
func supervised(
  _ labelled: PatchOutcome, scale: LossScale, unsupervised: Double, weight: Double, others: [OutputGradient]
) -> (loss: PairLoss, gradients: [OutputGradient]) {
  let segmentation = segmentationLoss(labelled, scale: scale)
  let loss = PairLoss(
    segmentation: [segmentation], similarity: 0, consistency: unsupervised,
    total: labelled.shown.trust * segmentation + weight * unsupervised)
  return (loss, [OutputGradient(probabilities: trustedGradient(labelled, scale: scale), latent: nil)] + others)
}
