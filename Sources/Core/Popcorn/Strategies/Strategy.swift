import Contract
import Engine

/// One way to learn from unlabelled images. Training owns the loop; a strategy owns what differs.
public protocol Strategy: Sendable {
  /// What stands beside a labelled patch in a step.
  var companion: Companion { get }

  /// What a teacher is asked before patches of the pool are learned from: nil where nothing is.
  var teacher: Teacher? { get }

  /// Whether scans of the pool are given pseudo-labels.
  var labelsPool: Bool { get }

  /// Whether patches of the pool are painted again by a second decoder.
  var reconstructs: Bool { get }

  /// What a step costs, and the gradients with respect to what the network put out for each patch.
  func loss(_ outcomes: [PatchOutcome], scale: LossScale) -> (loss: PairLoss, gradients: [OutputGradient])

  /// Which of the pool are to be labelled next, in order; none ends the cycle. Throws what `choice.latents` throws.
  func choose(_ choice: Choice) throws -> [ProximityFigures]
}

/// How a teacher, the network once it has converged on the labelled, is asked about patches of the pool.
public struct Teacher: Sendable, Equatable {
  /// Passes with dropout, T.
  public var passes: Int
}

/// What is to be chosen from.
public struct Choice {
  /// K: as many at most.
  public var count: Int
  /// p of equation (7).
  public var neighbours: Int
  /// How many of the pool were taken before, and how many it had at the beginning of the cycle.
  public var taken, pool: Int
  /// What is left of the pool, by case.
  public var remaining: [String]
  /// Derives from the seed, the cycle and the step.
  public var random: Random
  /// Embeds pool and training set with the current weights: dear, so asked for only where it is used.
  public var latents: () throws -> Latents
}

/// The latents of the unlabelled and of the training set under the current weights.
public struct Latents: Sendable {
  /// U.
  public var pool: [LatentCase]
  /// T.
  public var trusted: [LatentCase]
}

extension Strategy {
  /// Labelled patches, of one region: what consistency is asked of.
  public var companion: Companion { .sameRegion }
  /// Most learn from labels alone.
  public var teacher: Teacher? { nil }
  /// What shows the pool without labels, or not at all.
  public var labelsPool: Bool { false }
  /// One does.
  public var reconstructs: Bool { false }
  /// Nothing is labelled.
  public func choose(_ choice: Choice) throws -> [ProximityFigures] { [] }
}
