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

  /// What epochs, scans of a step and neighbours may be: far beyond any use, and so few that no product of them overflows.
  public static let counts = 1...1_000_000
  /// That in words.
  public static let countsInWords = "from \(counts.lowerBound) to \(counts.upperBound)"

  /// The paper's settings.
  public init() {}
}
