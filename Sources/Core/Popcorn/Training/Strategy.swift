import Contract

/// One way to learn from unlabelled images. Training owns the loop; a strategy owns what differs.
public protocol Strategy: Sendable {
  /// Its name in orders and tables.
  static var name: String { get }

  /// What a pair costs, and the gradients with respect to what the network put out for each patch.
  func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient])

  /// Which of the pool are to be labelled next, nearest first, `count` at most; none ends the cycle.
  /// `latents` embeds pool and training set with the current weights: dear, so asked for only where it is used.
  func choose(count: Int, neighbours: Int, latents: () throws -> Latents) throws -> [ProximityFigures]
}

/// The latents of the unlabelled and of the training set under the current weights.
public struct Latents: Sendable {
  /// U.
  public var pool: [LatentCase]
  /// T.
  public var trusted: [LatentCase]
}

/// The scales of equations (1), (3) and (5).
public struct LossScale: Sendable, Equatable {
  /// α.
  public var alpha: Double
  /// τ, voxels.
  public var tau: Double
  /// What equation (1) adds above.
  public var top: Double
}

/// The paper's: consistency at the bottleneck, pseudo-labels in proximity order.
public struct PopcornStrategy: Strategy {
  /// `popcorn`.
  public static let name = "popcorn"

  /// Equations (1) to (5) of a pair.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    pairLoss(outcomes[0], outcomes[1], alpha: scale.alpha, tau: scale.tau, top: scale.top)
  }

  /// Equations (6) and (7): the nearest of the pool.
  public func choose(
    count: Int, neighbours: Int, latents: () throws -> Latents
  ) throws -> [ProximityFigures] {
    let latents = try latents()
    return nearest(proximity(of: latents.pool, to: latents.trusted, neighbours: neighbours), count: count)
  }
}

/// The labeled alone, without consistency; the same batches of pairs, so that budgets match.
public struct BaselineStrategy: Strategy {
  /// `baseline`.
  public static let name = "baseline"

  /// Equation (1) of both patches.
  public func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient]) {
    pairLoss(outcomes[0], outcomes[1], alpha: 0, tau: scale.tau, top: scale.top)
  }

  /// None, ever.
  public func choose(
    count: Int, neighbours: Int, latents: () throws -> Latents
  ) throws -> [ProximityFigures] { [] }
}

/// All strategies.
public enum Strategies {
  /// Each of them.
  public static let all: [any Strategy] = [PopcornStrategy(), BaselineStrategy()]

  /// Their names.
  public static var names: [String] { all.map { type(of: $0).name } }

  /// The strategy of that name. Throws `MethodError.unknown`.
  public static func named(_ name: String) throws -> any Strategy {
    guard let strategy = all.first(where: { type(of: $0).name == name }) else {
      throw MethodError.unknown("strategy", name, known: names)
    }
    return strategy
  }
}
