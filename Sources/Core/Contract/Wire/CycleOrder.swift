/// The order for one cycle. Everything a resumed run needs to equal an uninterrupted one is in it or in the checkpoint.
public struct CycleOrder: Codable, Sendable {
  /// The cycle's number, from 1.
  public var cycle: Int
  /// Weights to go on from; nil for the first training.
  public var model: String?
  /// Adam's state that belongs to them; nil starts it at zero.
  public var optimizer: String?
  /// The training set T as it is now: expert masks, and pseudo-labels of earlier cycles.
  public var trainingSet: [CaseReference]
  /// The pool U.
  public var pool: [CaseReference]
  /// Held-out expert cases: validation and gate. Never trained on.
  public var holdout: [CaseReference]
  /// How to train.
  public var settings: TrainingSettings
  /// Files with the latent vectors of cases under `model`, by case, so that they are not computed again. One that is
  /// missing or damaged is as if it were not named.
  public var latents: [String: String]?

  /// The order for one cycle.
  public init(
    cycle: Int, model: String?, optimizer: String?, trainingSet: [CaseReference], pool: [CaseReference],
    holdout: [CaseReference], settings: TrainingSettings, latents: [String: String]? = nil
  ) {
    self.cycle = cycle
    self.model = model
    self.optimizer = optimizer
    self.trainingSet = trainingSet
    self.pool = pool
    self.holdout = holdout
    self.settings = settings
    self.latents = latents
  }
}
