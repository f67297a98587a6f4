/// Equation (2): the consistency loss of a pair, its latents' distance (4) weighted by how alike its segmentations
/// are (3). Images with like segmentations are pulled together at the bottleneck; unlike ones are left alone.
/// - Returns: 0…2.
public func consistencyLoss(distance: Double, similarity: Double) -> Double { distance * similarity }

/// The gradients of equation (2) with respect to both latents; both branches receive theirs.
@specialized(where Scalar == Float)
public func consistencyLossGradient<Scalar: BinaryFloatingPoint>(
  _ a: [Scalar], _ b: [Scalar], similarity: Double
) -> (a: [Scalar], b: [Scalar]) {
  let gradient = latentDistanceGradient(a, b)
  let weight = Scalar(similarity)
  return (a: gradient.a.map { weight * $0 }, b: gradient.b.map { weight * $0 })
}
