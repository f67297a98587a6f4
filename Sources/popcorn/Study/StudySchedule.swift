import Contract
import Popcorn
import Study

/// How a budget of optimizer steps is spent: half of it on the labelled alone, for pseudo-labels are never better than the
/// network that draws them; the rest over four selections of a quarter of the pool each, every one followed by as many
/// epochs. Where even one epoch each is too much for the budget there are fewer, larger selections. The same for all
/// strategies; what has no pool to label trains on. A recipe with a K of its own has more or fewer selections, one with an N
/// of its own as many epochs as it says, and trains on with what is left of the budget.
extension StudyRun.Schedule {
  private static let initialShare = 0.5
  private static let selections = 4

  /// - Parameters:
  ///   - budget: optimizer steps, above 0.
  ///   - labeled: scans that are learned from with an expert's mask; two masks of one scan count as two.
  ///   - pool: scans without a label.
  init(budget: Int, labeled: Int, pool: Int, recipe: Recipe) {
    let cost = EpochCost(labeled: labeled, recipe: recipe)
    let initialEpochs = Self.epochs(Self.initialShare * Double(budget) / cost.experts)
    let rest = Double(budget) - Double(initialEpochs) * cost.experts
    var schedule = StudyRun.Schedule(initialEpochs: initialEpochs, selectPerStep: 1, epochsPerStep: 1)
    for selections in (1...Self.selections).reversed() {
      schedule.selectPerStep = recipe.selectPerStep ?? max(1, (pool + selections - 1) / selections)
      let trainings = cost.trainings(pool: pool, select: schedule.selectPerStep)
      let share = (1 - Self.initialShare) * Double(budget) / trainings.reduce(0, +)
      schedule.epochsPerStep = recipe.epochsPerStep ?? Self.epochs(share)
      if schedule.beforeLastTraining(trainings) < rest { break }
    }
    self = schedule
  }

  /// As many as a training may have at most: what is left of the budget is trained on anyway.
  private static func epochs(_ share: Double) -> Int {
    let counts = TrainingSettings.counts
    return Int(min(max(share.rounded(), Double(counts.lowerBound)), Double(counts.upperBound)))
  }

  /// Whether a budget ends before anything of the pool is labelled.
  static func labelsNothing(in budget: Int, labeled: Int, pool: Int, recipe: Recipe) -> Bool {
    let schedule = StudyRun.Schedule(budget: budget, labeled: labeled, pool: pool, recipe: recipe)
    return Double(schedule.initialEpochs) * EpochCost(labeled: labeled, recipe: recipe).experts >= Double(budget)
  }

  /// How many optimizer steps it takes to learn from the whole of the pool; nil where this budget is enough.
  static func enough(insteadOf budget: Int, labeled: Int, pool: Int, recipe: Recipe) -> Int? {
    let cost = EpochCost(labeled: labeled, recipe: recipe)
    func takesAll(_ budget: Int) -> Bool {
      let schedule = StudyRun.Schedule(budget: budget, labeled: labeled, pool: pool, recipe: recipe)
      let trainings = cost.trainings(pool: pool, select: schedule.selectPerStep)
      return schedule.beforeLastTraining(trainings) < Double(budget) - Double(schedule.initialEpochs) * cost.experts
    }
    if pool == 0 || takesAll(budget) { return nil }
    var (short, enough) = (budget, 2 * budget)
    while !takesAll(enough) { (short, enough) = (enough, 2 * enough) }
    while enough - short > 1 {
      let middle = short + (enough - short) / 2
      if takesAll(middle) { enough = middle } else { short = middle }
    }
    return enough
  }

  /// Steps until the last selection is taken.
  private func beforeLastTraining(_ trainings: [Double]) -> Double {
    Double(epochsPerStep) * trainings.dropLast().reduce(0, +)
  }

  /// The settings with this schedule.
  func applied(to settings: TrainingSettings) -> TrainingSettings {
    var settings = settings
    settings.initialEpochs = initialEpochs
    settings.selectPerStep = selectPerStep
    settings.epochsPerStep = epochsPerStep
    return settings
  }
}

/// About how many patches an epoch has, which are its optimizer steps: every mask is taken to give all that it may.
private struct EpochCost {
  /// Of the experts' masks.
  let experts: Double
  /// Of a pseudo-label.
  let pseudo: Double

  init(labeled: Int, recipe: Recipe) {
    let more = 1 / (1 - recipe.anywhereShare)
    experts = more * Double(max(1, labeled) * recipe.expertPatches)
    pseudo = more * Double(recipe.pseudoPatches)
  }

  /// One epoch after each selection.
  func trainings(pool: Int, select: Int) -> [Double] {
    (1...max(1, (pool + select - 1) / select)).map { experts + Double(min(pool, $0 * select)) * pseudo }
  }
}

/// Optimizer steps of every run of a study.
struct StudyBudget: Equatable {
  var name: String
  var steps: Int

  static let presets = ["quick": 1000, "default": 5000, "paper": 81_800]

  /// A preset's name or a number from 1 to a thousand million; nil for anything else. `paper` is what the paper's compared
  /// methods were given: 100 epochs of 818 steps.
  init?(_ text: String) {
    guard let steps = Self.presets[text] ?? Int(text), 1...1_000_000_000 ~= steps else { return nil }
    name = Self.presets.first { $0.value == steps }?.key ?? "\(steps)"
    self.steps = steps
  }
}
