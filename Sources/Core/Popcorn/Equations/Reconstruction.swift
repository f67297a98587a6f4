/// What it costs to paint a patch again in the two parts that the segmentation tells apart (Chen et al. 2019, arXiv
/// 1907.12303; the paper's reference [7]), joined as the paper's authors did: the mean, over both classes and all voxels, of
/// (p_c x − r_c)². Unlike theirs the segmentation is taken as it is: no gradient goes back through it, or it could shrink
/// what is to be painted.
/// - Parameters:
///   - painted: r, planar (2, D, H, W), linear.
///   - image: x, (D, H, W).
///   - probabilities: p, planar (2, D, H, W).
public func reconstructionLoss(_ painted: [Float], image: [Float], probabilities: [Float]) -> Double {
  var sum = 0.0
  for place in painted.indices {
    let apart = Double(probabilities[place] * image[place % image.count] - painted[place])
    sum += apart * apart
  }
  return sum / Double(painted.count)
}

/// The gradient of `reconstructionLoss` with respect to `painted`.
public func reconstructionLossGradient(_ painted: [Float], image: [Float], probabilities: [Float]) -> [Float] {
  let scale = 2 / Float(painted.count)
  return painted.indices.map { scale * (painted[$0] - probabilities[$0] * image[$0 % image.count]) }
}
