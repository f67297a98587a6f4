import Contract

/// A case and its latent vector h.
public struct LatentCase: Sendable, Equatable {
  /// The case.
  public var id: String
  /// Its latent vector, 16 · width entries.
  public var latent: [Float]
  /// A case and its latent vector.
  public init(id: String, latent: [Float]) {
    self.id = id
    self.latent = latent
  }
}

/// Equation (6): the Euclidean distance ‖hᵢ − hⱼ‖ of two latents, in Double.
public func euclideanDistance(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "two latents of one length")
  var squared = 0.0
  for index in a.indices {
    let difference = Double(a[index]) - Double(b[index])
    squared += difference * difference
  }
  return squared.squareRoot()
}

/// Equation (6) for every i ∈ U and j ∈ T, as far as equation (7) needs it: of each case of the pool the `neighbours`
/// nearest of the training set, and the sum of their distances. In the order of `pool`.
///
/// Distances are found by sgemm in blocks, never the whole matrix; whatever might be among the nearest by the error
/// bound of that product is measured again in Double, so that the answer is that of exact arithmetic on the latents.
/// Equal distances are ordered by case. A training set with fewer than `neighbours` cases gives all it has.
/// - Precondition: all latents have one length, are finite, and `trusted` is not empty.
public func proximity(of pool: [LatentCase], to trusted: [LatentCase], neighbours: Int) -> [ProximityFigures] {
  precondition(!trusted.isEmpty && neighbours > 0, "proximity needs something to be near to")
  let scan = CandidateScan(trusted, neighbours: neighbours)
  return scan.blocks(of: pool) { row, candidates in
    let nearest =
      candidates
      .map { (id: trusted[$0].id, distance: euclideanDistance(pool[row].latent, trusted[$0].latent)) }
      .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
      .prefix(neighbours)
    return ProximityFigures(
      id: pool[row].id, sum: nearest.reduce(0) { $0 + $1.distance },
      nearest: nearest.map { ProximityFigures.Neighbour(id: $0.id, distance: $0.distance) })
  }
}
