/// How far training is.
public struct TrainingProgress: Codable, Sendable, Equatable {
  /// What is being done: `preparing`, `initial`, `embedding`, `labeling`, `training`, `gating`.
  public var phase: String
  /// The step of the cycle, from 1; 0 in the initial training.
  public var step: Int
  /// The epoch of the step, from 1.
  public var epoch: Int
  /// Optimizer steps done in this cycle.
  public var done: Int
  /// Optimizer steps of this cycle as far as can be told.
  public var total: Int
  /// Mean of eq. 5 over the last pairs.
  public var loss: Double?
  /// Its eq. 1, summed over the labelled patches of a pair.
  public var segmentation: Double?
  /// Its eq. 2; in the strategies of others what they ask of patches without a label.
  public var consistency: Double?
  /// Seconds that are left, estimated.
  public var secondsLeft: Double?

  /// How far training is.
  public init(
    phase: String, step: Int = 0, epoch: Int = 0, done: Int = 0, total: Int = 0, loss: Double? = nil,
    segmentation: Double? = nil, consistency: Double? = nil, secondsLeft: Double? = nil
  ) {
    self.phase = phase
    self.step = step
    self.epoch = epoch
    self.done = done
    self.total = total
    self.loss = loss
    self.segmentation = segmentation
    self.consistency = consistency
    self.secondsLeft = secondsLeft
  }
}
