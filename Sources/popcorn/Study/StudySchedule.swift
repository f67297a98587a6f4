import Contract
import Popcorn
import Study

/// How a budget of optimizer steps is spent: half of it on the labelled alone, for pseudo-labels are never better than the
/// network that draws them; the rest over four selections of a quarter of the pool each, every one followed by as many
/// epochs. The same for all strategies; what has no pool to label trains on. A recipe with a K of its own has more or fewer
/// selections, one with an N of its own as many epochs as it says, and trains on with what is left of the budget.
extension StudyRun.Schedule {
  private static let initialShare = 0.5
  private static let selections = 4

  /// - Parameters:
  ///   - budget: optimizer steps, above 0.
  ///   - labeled: scans that are learned from with an expert's mask; two masks of one scan count as two.
  ///   - pool: scans without a label.
  init(budget: Int, labeled: Int, pool: Int, recipe: Recipe) {
    // Patches an epoch, at most: every scan gives all that it may.
    let more = 1 / (1 - recipe.anywhereShare)
    let experts = more * Double(max(1, labeled) * recipe.expertPatches)
    let initialEpochs = max(1, Int((Self.initialShare * Double(budget) / experts).rounded()))
    let select = recipe.selectPerStep ?? max(1, (pool + Self.selections - 1) / Self.selections)
    let steps = max(1, (pool + select - 1) / select)
    var patches = 0.0
    for step in 1...steps { patches += experts + more * Double(min(pool, step * select) * recipe.pseudoPatches) }
    let epochs =
      recipe.epochsPerStep ?? max(1, Int(((1 - Self.initialShare) * Double(budget) / patches).rounded()))
    self.init(initialEpochs: initialEpochs, selectPerStep: select, epochsPerStep: epochs)
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

/// Optimizer steps of every run of a study.
struct StudyBudget: Equatable {
  var name: String
  var steps: Int

  static let presets = ["quick": 1000, "default": 5000, "paper": 81_800]

  /// A preset's name or a number above 0; nil for anything else. `paper` is what the paper's compared methods were given:
  /// 100 epochs of 818 steps.
  init?(_ text: String) {
    guard let steps = Self.presets[text] ?? Int(text), steps > 0 else { return nil }
    (name, self.steps) = (text, steps)
  }
}
