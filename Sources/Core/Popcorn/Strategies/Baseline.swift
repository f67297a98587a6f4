import Contract

/// The labelled alone, without consistency; two patches a step, so that budgets match.
public struct BaselineStrategy: Strategy {
  /// Two different patches.
  public var companion: Companion { .another }

  /// Equation (1) of both patches.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    var scale = scale
    scale.alpha = 0
    return pairLoss(outcomes[0], outcomes[1], scale: scale)
  }
}

/// The labelled alone, with consistency between them (paper, table 1).
public struct BaselineConsistencyStrategy: Strategy {
  /// Equations (1) to (5) of a pair.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    pairLoss(outcomes[0], outcomes[1], scale: scale)
  }
}
