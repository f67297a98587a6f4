/// `[popcorn]`: the method, and when it trains. Defaults are the paper's where it has one, but for the recipe.
public struct PopcornKeys: Sendable {
  /// The recipe.
  public let recipe = ConfigurationKey(
    "popcorn", "recipe", .recipe, default: RecipeText(.improved), .study,
    "paper: as published, where it is silent as its code does. paper-literal: equation 3 to the letter. improved: with "
      + "what helped, taken together, on phantoms (docs/results.md). What is different comes after it, each with a +; a constant set so "
      + "counts before its own key.")
  /// The strategy.
  public let strategy = ConfigurationKey(
    "popcorn", "strategy", .word, default: StrategyName.popcorn, .study,
    "popcorn: pseudo-labels in proximity order with consistency. baseline: the expert masks alone. The others are what "
      + "the paper compares it with; `popcorn study` says which is best for scans like these.")
  /// Channels of the first convolution.
  public let width = ConfigurationKey(
    "popcorn", "width", .integer(8...64, multipleOf: 8), default: 24, .study,
    "Channels of the first convolution. 24 is the paper's network; 8 and 16 are affordable on a small machine.")
  /// Edge of a patch.
  public let patchSize = ConfigurationKey(
    "popcorn", "patch_size", .integer(16...128, multipleOf: 8), default: 64, .study,
    "Edge of a patch in voxels of the reference grid, a multiple of 8.")
  /// Voxel edge of the reference grid.
  public let referenceSpacing = ConfigurationKey(
    "popcorn", "reference_spacing", .real(0.5...4), default: 1, .study,
    "Voxel edge of the reference grid in mm. 1 for real scans; 2 is for phantoms, most lesions would not survive it.")
  /// Voxels of the reference grid.
  public let referenceSize = ConfigurationKey(
    "popcorn", "reference_size", .integers(16...512, count: 3), default: [181, 217, 181], .study,
    "Voxels of the reference grid along x, y and z. Each must be at least patch_size.")
  /// Where the brain mask comes from.
  public let brain = ConfigurationKey(
    "popcorn", "brain", .word, default: PreparationSettings.Brain.provided, .study,
    "provided: a NAME_brainmask beside the scan, else its non-zero voxels. nonzero: the scan is skull-stripped.")
  /// Expert subjects that the first training needs.
  public let minExpert = ConfigurationKey(
    "popcorn", "min_expert", .integer(1...1000), default: 3,
    "Subjects with expert masks that the first training needs; until then scans wait.")
  /// Epochs of the first training.
  public let initialEpochs = ConfigurationKey(
    "popcorn", "initial_epochs", .integer(1...10_000), default: 100,
    "Epochs of the first training, on the labeled scans alone, at most.")
  /// Arrivals that start a cycle.
  public let triggerArrivals = ConfigurationKey(
    "popcorn", "trigger_arrivals", .integer(1...1_000_000), default: 200,
    "A cycle starts after this many new scans.")
  /// Expert masks that start a cycle.
  public let triggerExpertLabels = ConfigurationKey(
    "popcorn", "trigger_expert_labels", .integer(1...1_000_000), default: 1,
    "A cycle starts after this many new expert masks.")
  /// The longest wait.
  public let triggerMaxWait = ConfigurationKey(
    "popcorn", "trigger_max_wait", .duration(.seconds(60)...(.seconds(366 * 86_400))), default: .seconds(7 * 86_400),
    "A cycle starts when the oldest new scan has waited this long.")
  /// Quiet before a cycle.
  public let triggerQuiet = ConfigurationKey(
    "popcorn", "trigger_quiet", .duration(.zero ... .seconds(86_400)), default: .seconds(60),
    "How long nothing must have arrived before a cycle starts, so that one delivery makes one cycle.")
  /// Quiet after expert masks.
  public let triggerQuietExpert = ConfigurationKey(
    "popcorn", "trigger_quiet_expert", .duration(.zero ... .seconds(7 * 86_400)), default: .seconds(7200),
    "The same after an expert mask, so that ten corrections make one cycle.")
  /// K.
  public let selectPerStep = ConfigurationKey(
    "popcorn", "select_per_step", .integer(1...1_000_000), default: 200, .study,
    "The paper's K: how many of the pool, nearest first, a step gives pseudo-labels.")
  /// N.
  public let epochsPerStep = ConfigurationKey(
    "popcorn", "epochs_per_step", .integer(1...1000), default: 2, .study,
    "The paper's N: epochs of training in a step.")
  /// Steps of a cycle.
  public let maxStepsPerCycle = ConfigurationKey(
    "popcorn", "max_steps_per_cycle", .integer(0...1_000_000), default: 0,
    "Steps of a cycle at most; 0: until the pool is empty.")
  /// p.
  public let neighbours = ConfigurationKey(
    "popcorn", "neighbours", .integer(1...1000), default: 5, .study,
    "The paper's p: how many of the nearest training scans make up a scan's proximity (equation 7).")
  /// Alpha.
  public let consistencyWeight = ConfigurationKey(
    "popcorn", "consistency_weight", .real(0...100), default: 0.2, .study,
    "The paper's alpha: weight of the consistency loss in equation 5.")
  /// Lesion probability from which a voxel is lesion.
  public let threshold = ConfigurationKey(
    "popcorn", "threshold", .real(0.01...0.99), default: 0.5, .study,
    "Lesion probability from which a voxel is lesion.")
  /// Adam's rate.
  public let learningRate = ConfigurationKey(
    "popcorn", "learning_rate", .real(1e-7...1), default: 1e-4, .study, "Adam's learning rate.")
  /// The seed.
  public let seed = ConfigurationKey(
    "popcorn", "seed", .integer(0...Int.max), default: 20_211_014, .study,
    "From which every random number of the training derives: same seed, same masks.")
  /// Share of held-out subjects.
  public let holdoutSubjects = ConfigurationKey(
    "popcorn", "holdout_subjects", .share(0...0.9), default: 0.2, .study,
    "Share of the expert subjects that is kept out of training to judge each generation; one at least. "
      + "0.2 holds three out from thirteen subjects on, 0.5 from five on.")
  /// By how much Dice may fall.
  public let regressTolerance = ConfigurationKey(
    "popcorn", "regress_tolerance", .real(0...1), default: 0.01,
    "By how much the mean Dice on the held-out subjects may fall before a generation is refused. "
      + "With fewer than three held-out subjects it takes a fall of 0.1, a collapse.")
  /// Training's share of the time.
  public let trainShare = ConfigurationKey(
    "popcorn", "train_share", .share(0.01...1), default: 0.5,
    "Share of the time that training takes while drafts wait. 1 is as 0.99: each draft has its turn in the end.")
  /// How often training is checkpointed.
  public let checkpointInterval = ConfigurationKey(
    "popcorn", "checkpoint_interval", .integer(1...100_000), default: 50,
    "Optimizer steps between two checkpoints: so many are done again after a crash.")

  init() {}
}
