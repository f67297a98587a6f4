// A cycle: what the supervisor orders (cycle.json), how it goes on, what came of it (result.json).

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

/// How to train. Defaults are the paper's where the paper has one.
public struct TrainingSettings: Codable, Sendable, Equatable {
  /// `paper`, `paper-literal` or `improved`, each also with switches.
  public var recipe = "paper"
  /// `popcorn`, `baseline`, or another that a study compares with them.
  public var strategy = "popcorn"
  /// Channels of the first convolution; 24 is the paper's network.
  public var width = 24
  /// Edge of a patch, voxels of the reference grid.
  public var patchSize = 64
  /// The reference grid.
  public var preparation = PreparationSettings()
  /// K: how many of the pool a step takes.
  public var selectPerStep = 200
  /// N: epochs a step.
  public var epochsPerStep = 2
  /// p: neighbours in eq. 7.
  public var neighbours = 5
  /// α of eq. 5.
  public var consistencyWeight = 0.2
  /// Steps a cycle at most; 0 for as many as the pool lasts.
  public var maxStepsPerCycle = 0
  /// Epochs of the first training, on the labeled alone, at most.
  public var initialEpochs = 100
  /// Optimizer steps of a cycle, no fewer and no more; 0 for as many as the epochs have.
  public var stepBudget = 0
  /// Adam's rate.
  public var learningRate = 1e-4
  /// From which every random number of the training derives.
  public var seed: UInt64 = 20_211_014
  /// Lesion probability from which a voxel is lesion.
  public var threshold = 0.5
  /// By how much the mean held-out Dice may fall before the gate refuses.
  public var regressTolerance = 0.01
  /// A checkpoint at least this often, in optimizer steps.
  public var checkpointInterval = 50
  /// Share of the time that training takes beside waiting drafts, 0…1.
  public var trainShare = 0.5

  /// The paper's settings.
  public init() {}
}

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
  /// Its consistency part, eq. 2.
  public var consistency: Double?
  /// Seconds that are left, estimated.
  public var secondsLeft: Double?

  /// How far training is.
  public init(
    phase: String, step: Int = 0, epoch: Int = 0, done: Int = 0, total: Int = 0, loss: Double? = nil,
    consistency: Double? = nil, secondsLeft: Double? = nil
  ) {
    self.phase = phase
    self.step = step
    self.epoch = epoch
    self.done = done
    self.total = total
    self.loss = loss
    self.consistency = consistency
    self.secondsLeft = secondsLeft
  }
}

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
