import Contract

/// The paper's: consistency at the bottleneck, pseudo-labels in proximity order.
public struct PopcornStrategy: Strategy {
  /// Pseudo-labels are its point.
  public var labelsPool: Bool { true }

  /// Equations (1) to (5) of a pair.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    pairLoss(outcomes[0], outcomes[1], scale: scale)
  }

  /// Equations (6) and (7): the nearest of the pool.
  public func choose(_ choice: Choice) throws -> [ProximityFigures] { try choice.nearest() }
}

/// With half the selection steps (paper, table 1): takes no more once half of the pool is taken, the nearest at each step.
public struct PopcornHalfStrategy: Strategy {
  /// Pseudo-labels are its point.
  public var labelsPool: Bool { true }

  /// As `popcorn`.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    PopcornStrategy().loss(outcomes, scale: scale)
  }

  /// The nearest, until half of the pool, rounded up, is taken.
  public func choose(_ choice: Choice) throws -> [ProximityFigures] {
    var choice = choice
    choice.count = min(choice.count, (choice.pool + 1) / 2 - choice.taken)
    return choice.count > 0 ? try choice.nearest() : []
  }
}

/// Without consistency regularization (paper, table 1): α = 0, pairs of different patches, the same order by proximity.
public struct PopcornNoConsistencyStrategy: Strategy {
  /// Pseudo-labels are its point.
  public var labelsPool: Bool { true }
  /// Two different patches.
  public var companion: Companion { .another }

  /// Equation (1) of both patches.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    BaselineStrategy().loss(outcomes, scale: scale)
  }

  /// As `popcorn`.
  public func choose(_ choice: Choice) throws -> [ProximityFigures] { try choice.nearest() }
}

/// Without proximity graph (paper, table 1): pseudo-labels in random order.
public struct PopcornNoGraphStrategy: Strategy {
  /// Pseudo-labels are its point.
  public var labelsPool: Bool { true }

  /// As `popcorn`.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    PopcornStrategy().loss(outcomes, scale: scale)
  }

  /// Any of what is left; nobody measures how near they are.
  public func choose(_ choice: Choice) throws -> [ProximityFigures] {
    var (random, remaining) = (choice.random, choice.remaining.sorted())
    random.shuffle(&remaining)
    return remaining.prefix(choice.count).map { ProximityFigures(id: $0, sum: 0, nearest: []) }
  }
}

extension Choice {
  /// Equations (6) and (7) over what is left: the K nearest.
  func nearest() throws -> [ProximityFigures] { try nearest(count: count) }

  /// As many as `count` of what is left, nearest first.
  func nearest(count: Int) throws -> [ProximityFigures] {
    let latents = try latents()
    return Popcorn.nearest(proximity(of: latents.pool, to: latents.trusted, neighbours: neighbours), count: count)
  }
}
