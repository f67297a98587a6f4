/// What came of a cycle.
public struct CycleResult: Codable, Sendable {
  /// Whether the weights may become a generation.
  public enum Outcome: String, Codable, Sendable {
    /// The gate lets them.
    case publish
    /// The gate does not: worse on the held-out.
    case refused
    /// Training diverged and could not be brought back.
    case diverged
    /// Training collapsed to an empty lesion channel and could not be brought back.
    case collapsed
  }
  /// A case taken from the pool.
  public struct Selection: Codable, Sendable {
    /// How near it was, and to whom.
    public var proximity: ProximityFigures
    /// The step that took it, from 1.
    public var step: Int
    /// Its place in the order of that step, from 1.
    public var rank: Int
    /// The pseudo-label on the reference grid.
    public var referenceMask: String
    /// The pseudo-label on the scan's own grid.
    public var mask: String
    /// What it measures.
    public var figures: MaskFigures
    /// A case taken from the pool.
    public init(
      proximity: ProximityFigures, step: Int, rank: Int, referenceMask: String, mask: String, figures: MaskFigures
    ) {
      self.proximity = proximity
      self.step = step
      self.rank = rank
      self.referenceMask = referenceMask
      self.mask = mask
      self.figures = figures
    }
  }
  /// What the gate saw on one held-out case.
  public struct Gate: Codable, Sendable {
    /// The case.
    public var id: String
    /// Dice of the weights before the cycle; nil for the first training.
    public var before: Double?
    /// Dice of the weights after it.
    public var after: Double
    /// What the gate saw on one held-out case.
    public init(id: String, before: Double?, after: Double) {
      self.id = id
      self.before = before
      self.after = after
    }
  }
  /// Trouble met and mended, or not: a rollback.
  public struct Incident: Codable, Sendable {
    /// `TRAIN_COLLAPSED` or `TRAIN_DIVERGED`.
    public var reason: ReasonCode
    /// The optimizer step at which it was noticed.
    public var at: Int
    /// The optimizer step that training went back to.
    public var backTo: Int
    /// The rate from there on.
    public var learningRate: Double
    /// The cases of the last batch.
    public var cases: [String]
    /// Trouble met.
    public init(reason: ReasonCode, at: Int, backTo: Int, learningRate: Double, cases: [String]) {
      self.reason = reason
      self.at = at
      self.backTo = backTo
      self.learningRate = learningRate
      self.cases = cases
    }
  }
  /// A case of the pool that the cycle went on without.
  public struct LeftOut: Codable, Sendable, Equatable {
    /// The case.
    public var id: String
    /// Why it could not be read, in one sentence.
    public var words: String
    /// A case of the pool that the cycle went on without.
    public init(id: String, words: String) {
      self.id = id
      self.words = words
    }
  }
  /// Whether the weights may become a generation.
  public var outcome: Outcome
  /// In one sentence, why.
  public var words: String
  /// The weights.
  public var model: String
  /// SHA-256 of the weights' file.
  public var modelDigest: String
  /// Adam's state.
  public var optimizer: String
  /// Latents of all cases of T and U under these weights: `ID.f32` in this directory.
  public var latents: String
  /// What the gate saw.
  public var gate: [Gate]
  /// What was taken from the pool, in order.
  public var selections: [Selection]
  /// What went wrong on the way.
  public var incidents: [Incident]
  /// The cases of the pool that could not be read; nil in results that are older than the figure.
  public var leftOut: [LeftOut]?
  /// Optimizer steps.
  public var optimizerSteps: Int
  /// Mean of eq. 5 over the last epoch.
  public var finalLoss: Double
  /// Lesion probability from which a voxel is lesion; nil in results that are older than the figure.
  public var threshold: Double?
  /// Who computed it.
  public var worker: WorkerIdentity

  /// What came of a cycle.
  public init(
    outcome: Outcome, words: String, model: String, modelDigest: String, optimizer: String, latents: String,
    gate: [Gate], selections: [Selection], incidents: [Incident], leftOut: [LeftOut] = [], optimizerSteps: Int,
    finalLoss: Double, threshold: Double? = nil, worker: WorkerIdentity
  ) {
    self.outcome = outcome
    self.words = words
    self.model = model
    self.modelDigest = modelDigest
    self.optimizer = optimizer
    self.latents = latents
    self.gate = gate
    self.selections = selections
    self.incidents = incidents
    self.leftOut = leftOut
    self.optimizerSteps = optimizerSteps
    self.finalLoss = finalLoss
    self.threshold = threshold
    self.worker = worker
  }
}
