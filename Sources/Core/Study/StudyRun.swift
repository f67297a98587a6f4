import Contract

/// One training and its judgement.
public struct StudyRun: Codable, Sendable, Equatable {
  /// Its strategy's name.
  public var strategy: String
  /// Its recipe's name.
  public var recipe: String
  /// Its seed.
  public var seed: UInt64
  /// How training ended.
  public var outcome: CycleResult.Outcome
  /// In words.
  public var words: String
  /// Lesion probability from which a voxel is lesion.
  public var threshold: Double
  /// Optimizer steps taken.
  public var optimizerSteps: Int
  /// Patches shown in them: a pair has two.
  public var patches: Int
  /// Those of them with an expert's mask or a hard pseudo-label; the others were shown without one.
  public var labelledPatches: Int
  /// How the budget was laid out.
  public var schedule: Schedule
  /// Expert-labeled and pseudo-labeled scans of the final training set.
  public var experts, pseudoLabels: Int
  /// Wall-clock seconds of training, of all its sessions.
  public var seconds: Double
  /// How often training went back to an earlier state.
  public var incidents: Int
  /// The optimizer steps at which it was seen to have fallen; nil in runs that are older than this.
  public var fallenAt: [Int]?
  /// Who computed it.
  public var worker: WorkerIdentity
  /// SHA-256 of the file of the program that judged the run, which another may have begun, and its processor's name; nil in
  /// runs that are older than the figures.
  public var program, processor: String?
  /// SHA-256 of the final weights' file.
  public var modelDigest: String
  /// Mean Dice over the held-out scans, by which constants may be chosen; nil where nobody is held out.
  public var heldOutDice: Double?
  /// Whether latents lie as far apart as segmentations differ; nil where too few patches could be compared.
  public var latentAgreement: LatentAgreement?
  /// Each test scan, in the cohort's order.
  public var scores: [Score]
  /// The test scans at ends of steps, not nearer to each other than a fifth of the budget, step 0 being the training on the
  /// labeled alone; the last is the end.
  public var progress: [Progress]
  /// What was taken from the pool, in order.
  public var selections: [Selection]
  /// Names of scans of the pool that could not be used; nil in runs that are older than this.
  public var poolLeftOut: [String]?
  /// The scans of the pool whose truth is known at the end of step 0, with their places in the order of the whole pool,
  /// nearest first, and what their labels would have been there, whatever the order in which the strategy took them: what
  /// proximity tells of a label's quality is seen here under one network. Nil where pseudo-labels are not drawn, no truth is
  /// known, or nobody looked then.
  public var poolAtStart: [Selection]?
  /// Where scans lie in latent space under the final weights, by the two main axes of their latents.
  public var latents: [LatentPoint]

  /// How a budget is laid out.
  public struct Schedule: Codable, Sendable, Equatable {
    /// Epochs of the training on the labelled alone, at most.
    public var initialEpochs: Int
    /// K, and N.
    public var selectPerStep, epochsPerStep: Int

    /// How a budget is laid out.
    public init(initialEpochs: Int, selectPerStep: Int, epochsPerStep: Int) {
      self.initialEpochs = initialEpochs
      self.selectPerStep = selectPerStep
      self.epochsPerStep = epochsPerStep
    }
  }

  /// One test scan. Means over its experts.
  public struct Score: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// 0…1; 1 where both masks are empty.
    public var dice: Double
    /// Nil where nothing was marked of lesions that are there; 1 where both masks are empty.
    public var precision: Double?
    /// Nil where there is no lesion and something was marked; 1 where both masks are empty.
    public var sensitivity: Double?
    /// Lesion volume of the truth and of the mask, ml.
    public var truthMl, maskMl: Double

    /// One test scan.
    public init(
      name: String, dice: Double, precision: Double?, sensitivity: Double?, truthMl: Double, maskMl: Double
    ) {
      self.name = name
      self.dice = dice
      self.precision = precision
      self.sensitivity = sensitivity
      self.truthMl = truthMl
      self.maskMl = maskMl
    }
  }

  /// Spearman's correlation, over pairs of patches that show one region of two test scans, between the distance of their
  /// latents, equation (4), and the number of voxels in which their true masks differ.
  public struct LatentAgreement: Codable, Sendable, Equatable {
    /// Pairs of patches.
    public var pairs: Int
    /// -1…1; 1 where latents are ordered as segmentations are.
    public var correlation: Double

    /// A correlation over some pairs.
    public init(pairs: Int, correlation: Double) {
      self.pairs = pairs
      self.correlation = correlation
    }
  }

  /// The test scans at the end of a step.
  public struct Progress: Codable, Sendable, Equatable {
    /// The step, from 1; 0 is the training on the labeled alone.
    public var step: Int
    /// Optimizer steps until then.
    public var optimizerSteps: Int
    /// Scans of the training set.
    public var trainingScans: Int
    /// Mean Dice over the test scans. Nothing was chosen by it.
    public var meanDice: Double

    /// The test scans at the end of a step.
    public init(step: Int, optimizerSteps: Int, trainingScans: Int, meanDice: Double) {
      self.step = step
      self.optimizerSteps = optimizerSteps
      self.trainingScans = trainingScans
      self.meanDice = meanDice
    }
  }

  /// A scan of the pool that was given a pseudo-label.
  public struct Selection: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The step that took it, and its place in that step, each from 1.
    public var step, rank: Int
    /// Equation (7); nil where the order is not by proximity.
    public var proximity: Double?
    /// The pseudo-label against the truth, where the data folder has one in `truth/unlabeled`.
    public var dice, precision, sensitivity: Double?

    /// A scan of the pool that was given a pseudo-label.
    public init(
      name: String, step: Int, rank: Int, proximity: Double?, dice: Double? = nil, precision: Double? = nil,
      sensitivity: Double? = nil
    ) {
      self.name = name
      self.step = step
      self.rank = rank
      self.proximity = proximity
      self.dice = dice
      self.precision = precision
      self.sensitivity = sensitivity
    }
  }

  /// A scan in latent space.
  public struct LatentPoint: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// `labeled`, `unlabeled` or `test`.
    public var part: String
    /// The step that took it from the pool; 0 for the labeled, nil for what was never taken.
    public var step: Int?
    /// Scores on the two main axes.
    public var x, y: Double

    /// A scan in latent space.
    public init(name: String, part: String, step: Int?, x: Double, y: Double) {
      self.name = name
      self.part = part
      self.step = step
      self.x = x
      self.y = y
    }
  }

  /// One training and its judgement.
  public init(
    strategy: String, recipe: String, seed: UInt64, outcome: CycleResult.Outcome, words: String, threshold: Double,
    optimizerSteps: Int, patches: Int, labelledPatches: Int, schedule: Schedule, experts: Int,
    pseudoLabels: Int, seconds: Double, incidents: Int, fallenAt: [Int]? = nil,
    worker: WorkerIdentity, program: String? = nil, processor: String? = nil, modelDigest: String,
    heldOutDice: Double? = nil,
    latentAgreement: LatentAgreement? = nil, scores: [Score], progress: [Progress],
    selections: [Selection], poolLeftOut: [String]? = nil, poolAtStart: [Selection]? = nil,
    latents: [LatentPoint]
  ) {
    self.strategy = strategy
    self.recipe = recipe
    self.seed = seed
    self.outcome = outcome
    self.words = words
    self.threshold = threshold
    self.optimizerSteps = optimizerSteps
    self.patches = patches
    self.labelledPatches = labelledPatches
    self.schedule = schedule
    self.experts = experts
    self.pseudoLabels = pseudoLabels
    self.seconds = seconds
    self.incidents = incidents
    self.fallenAt = fallenAt
    self.worker = worker
    self.program = program
    self.processor = processor
    self.modelDigest = modelDigest
    self.heldOutDice = heldOutDice
    self.latentAgreement = latentAgreement
    self.scores = scores
    self.progress = progress
    self.selections = selections
    self.poolLeftOut = poolLeftOut
    self.poolAtStart = poolAtStart
    self.latents = latents
  }
}
