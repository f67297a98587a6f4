/// A strategy: one way to learn from scans without an expert's mask. In the order of the paper's tables.
public enum StrategyName: String, Sendable, CaseIterable {
  /// The paper's method: pseudo-labels in order of proximity, and consistency.
  case popcorn
  /// With the nearest half of the pool.
  case popcornHalf = "popcorn-half"
  /// Without the consistency term.
  case popcornNoConsistency = "popcorn-no-consistency"
  /// With pseudo-labels in random order.
  case popcornNoGraph = "popcorn-no-graph"
  /// The experts' masks alone, with consistency.
  case baselineConsistency = "baseline-consistency"
  /// The experts' masks alone.
  case baseline
  /// Multi-task attention, the paper's reference [7].
  case attention
  /// Uncertainty-guided pseudo-labels, [19].
  case uncertainty
  /// Consistency under flips, [4].
  case transformation
  /// Consistency under elastic deformations.
  case transformationElastic = "transformation-elastic"

  /// Whether it shows scans of the pool without a label, from its first training on; the others take of the pool what they
  /// have labelled, or nothing.
  public var showsPool: Bool {
    switch self {
    case .attention, .uncertainty, .transformation, .transformationElastic: true
    case .popcorn, .popcornHalf, .popcornNoConsistency, .popcornNoGraph, .baselineConsistency, .baseline: false
    }
  }
}
