/// How far two views of one patch are apart once they are brought to one frame (Bortsova et al. 2019, arXiv 1911.01218; the
/// paper's reference [4], in the form in which its authors ran it): D(p¹_bg, p²_bg) + D(p¹_les, p²_les), with D of
/// `SoftOverlap`. Both views get a gradient.
///
/// Flipped views are flipped back. Of an elastic deformation W the first view is the patch itself and the second W of it:
/// W p¹ is compared with p², where it reads inside of the patch.
/// - Returns: the loss, 0…2, and its gradients with respect to the probabilities of both views, planar (2, D, H, W).
public func transformationConsistency(
  _ first: PatchOutcome, _ second: PatchOutcome, edge: Int
) -> (loss: Double, gradients: [[Float]]) {
  if case .elastic(let random) = second.shown.warp {
    return elasticConsistency(first.probabilities, second.probabilities, ElasticField(edge: edge, random: random))
  }
  func axis(_ outcome: PatchOutcome) -> Int { if case .flip(let axis) = outcome.shown.warp { axis } else { -1 } }
  let (a, b) = (axis(first), axis(second))
  let (loss, gradients) = compare(
    planes(flipped(first.probabilities, along: a, edge: edge)),
    planes(flipped(second.probabilities, along: b, edge: edge)), where: nil)
  return (
    loss,
    [
      flipped(gradients.map(\.a).flatMap(\.self), along: a, edge: edge),
      flipped(gradients.map(\.b).flatMap(\.self), along: b, edge: edge),
    ]
  )
}

private func elasticConsistency(
  _ first: [Float], _ second: [Float], _ field: ElasticField
) -> (loss: Double, gradients: [[Float]]) {
  let (loss, gradients) = compare(planes(first).map { field.pull($0) }, planes(second), where: field.isInside)
  return (loss, [gradients.flatMap { field.push($0.a) }, gradients.flatMap(\.b)])
}

private func planes(_ probabilities: [Float]) -> [[Float]] {
  let count = probabilities.count / 2
  return [Array(probabilities[..<count]), Array(probabilities[count...])]
}

private func compare(
  _ first: [[Float]], _ second: [[Float]], where counts: [Bool]?
) -> (loss: Double, gradients: [(a: [Float], b: [Float])]) {
  var loss = 0.0
  let gradients = zip(first, second).map { a, b in
    let overlap = SoftOverlap(a, b, where: counts)
    loss += overlap.loss
    func gradient(_ other: [Float]) -> [Float] {
      other.indices.map { counts?[$0] ?? true ? overlap.gradient(bySecondWhere: other[$0]) : 0 }
    }
    return (a: gradient(b), b: gradient(a))
  }
  return (loss, gradients)
}
