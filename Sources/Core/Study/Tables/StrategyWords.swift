/// What strategies are called where people read: the paper's words (Kamraoui et al., MICCAI 2021, tables 1 and 2).
struct StrategyWords {
  /// The strategy's name in tables and legends.
  let name: String
  /// What the final network was trained on, as the paper says it; empty where it is not known.
  let trainedOn: String
  /// Which of it consistency was asked of; empty where it is not known.
  let consistencyOn: String

  /// Whether the strategy gives all or some of the pool pseudo-labels.
  var labelsPool: Bool { trainedOn == Self.pseudo }

  private static let pseudo = "Lab + Pseudo"

  /// The rows of the paper's table 1, in its order: what each part of the method is worth.
  static let ablations = [
    "popcorn", "popcorn-half", "popcorn-no-consistency", "popcorn-no-graph", "baseline-consistency", "baseline",
  ]
  /// The rows of the paper's table 2, in its order: other ways to learn from what is not labeled.
  static let comparisons = [
    "popcorn", "attention", "uncertainty", "transformation", "transformation-elastic", "baseline",
  ]

  /// The words for a strategy. One that is not known keeps its raw name.
  init(_ strategy: String) {
    let (pseudo, expert) = (Self.pseudo, "Lab")
    switch strategy {
    case "popcorn": self.init("POPCORN", pseudo, pseudo)
    case "popcorn-half": self.init("POPCORN, half of the pool", pseudo, pseudo)
    case "popcorn-no-consistency": self.init("POPCORN without consistency", pseudo, "None")
    case "popcorn-no-graph": self.init("POPCORN without graph", pseudo, pseudo)
    case "baseline-consistency": self.init("Baseline with consistency", expert, expert)
    case "baseline": self.init("Baseline", expert, "None")
    case "attention": self.init("Multi-task attention [7]", "", "")
    case "uncertainty": self.init("Uncertainty-guided pseudo-labels [19]", "", "")
    case "transformation": self.init("Transformation consistency [4]", "", "")
    case "transformation-elastic": self.init("Transformation consistency [4], elastic", "", "")
    default: self.init(strategy, "", "")
    }
  }

  private init(_ name: String, _ trainedOn: String, _ consistencyOn: String) {
    self.name = name
    self.trainedOn = trainedOn
    self.consistencyOn = consistencyOn
  }
}

extension StudyRow {
  /// What was trained on, in the paper's words; where half of the pool was taken, with how many scans that is.
  var trainedOn: String { counting(StrategyWords(key.strategy).trainedOn) }

  /// What consistency was asked of, in the paper's words.
  var consistencyOn: String { counting(StrategyWords(key.strategy).consistencyOn) }

  private func counting(_ words: String) -> String {
    key.strategy == "popcorn-half" ? "\(words) (\(span(runs.map(\.pseudoLabels))))" : words
  }

  /// The row's name, with its recipe where that is not the one that goes without saying.
  func label(mainRecipe: String) -> String {
    let name = StrategyWords(key.strategy).name
    return key.recipe == mainRecipe ? name : "\(name) (\(key.recipe))"
  }
}
