import Contract

/// Where a cycle is, and what it did so far: with the snapshots that it names, all that a resumed run needs.
struct CyclePosition: Codable, Sendable {
  /// What is being done.
  enum Phase: String, Codable, Sendable { case initial, choosing, labeling, training, gating }

  /// A place of the schedule: the next pair to learn from.
  struct Place: Codable, Sendable, Equatable {
    var phase: Phase
    /// From 1; 0 in the initial training.
    var step = 0
    /// From 1.
    var epoch = 1
    /// Pairs of the epoch that are done.
    var pair = 0
    var optimizerSteps = 0
  }

  var place: Place
  /// Adam's rate.
  var rate: RateControl
  /// The order that it belongs to, as a hash of its text.
  var order: UInt64
  /// Names of the snapshots: the present weights, the last good, the good one before it, the best of the initial training.
  var current = ""
  var good = ""
  var earlier: String?
  var best: String?
  var goodPlace: Place
  var earlierPlace: Place?
  /// How many snapshots were ever written, for names that do not come again.
  var snapshots = 0

  var bestLoss: Double?
  var epochsWithoutBetter = 0
  var epochSums = EpochSums()
  var curve: [EpochReport] = []
  var watch = TrainingWatch()

  /// Chosen for this step and not yet labelled, nearest first.
  var pending: [ProximityFigures] = []
  var selections: [CycleResult.Selection] = []
  /// Cases of the pool that could not be read.
  var leftOut: [CycleResult.LeftOut] = []
  var incidents: [CycleResult.Incident] = []
  var incidentsInARow = 0
  /// The probability from which a voxel is lesion, where the recipe chooses it; nil before it did.
  var threshold: Double?
  /// Set once training could not be brought back.
  var gaveUp: CycleResult.Outcome?

  init(startingWith phase: Phase, rate: Double, order: UInt64) {
    place = Place(phase: phase)
    goodPlace = place
    self.rate = RateControl(rate)
    self.order = order
  }
}

/// Sums over the steps of an epoch.
struct EpochSums: Codable, Sendable {
  var steps = 0
  var segmentation = 0.0
  var consistency = 0.0
  var similarity = 0.0
  var total = 0.0
  var predicted = 0.0
  var truth = 0.0

  mutating func add(_ report: StepReport) {
    steps += 1
    segmentation += report.loss.segmentation.reduce(0, +)
    consistency += report.loss.consistency
    similarity += report.loss.similarity
    total += report.loss.total
    predicted += report.predicted
    truth += report.truth
  }

  func report(at place: CyclePosition.Place, rate: Double, validation: Double?) -> EpochReport {
    let count = Double(max(1, steps))
    return EpochReport(
      step: place.step, epoch: place.epoch, optimizerSteps: place.optimizerSteps, segmentation: segmentation / count,
      consistency: consistency / count, similarity: similarity / count, total: total / count,
      massRatio: truth > 0 ? predicted / truth : 0, validation: validation, learningRate: rate)
  }
}

/// What one epoch came to: means over its pairs. A line of `curve.tsv`.
public struct EpochReport: Codable, Sendable, Equatable {
  /// The step of the cycle, from 1; 0 in the initial training.
  public var step: Int
  /// The epoch of the step, from 1.
  public var epoch: Int
  /// Optimizer steps of the cycle until then.
  public var optimizerSteps: Int
  /// What the labelled patches of a step cost, summed: equation (1), 0…1 a patch; with cross-entropy unbounded.
  public var segmentation: Double
  /// Equation (2), 0…2; in the strategies of others what they ask of patches without a label.
  public var consistency: Double
  /// Equation (3).
  public var similarity: Double
  /// Equation (5).
  public var total: Double
  /// Predicted lesion mass over true lesion voxels; near 0 in a collapse.
  public var massRatio: Double
  /// The same of a held-out patch; nil after the initial training.
  public var validation: Double?
  /// Adam's rate.
  public var learningRate: Double
}
