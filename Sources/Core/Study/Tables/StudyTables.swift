/// The rows of a study and how they compare. Values of an image are averaged over seeds first: seeds are not more images,
/// and pooling them would make differences look surer than they are.
public struct StudyTables: Sendable {
  /// The recipe that follows the paper.
  public static let paperRecipe = "paper"
  /// The strategy that others have to beat.
  public static let baseline = "baseline"

  /// One for each strategy and recipe, in the order of the first run of each.
  public let rows: [StudyRow]
  /// The recipe that the paper's tables are drawn for: `paper`, or the first where no run has it.
  public let mainRecipe: String
  /// Each row against the one with the highest Dice of the same recipe.
  public let againstBest: [StudyRow.Key: StudyComparison]
  /// Each row against `baseline` of the same recipe or, where that has none, against the study's only baseline.
  public let againstBaseline: [StudyRow.Key: StudyComparison]
  /// Rows of other recipes against the same strategy under the main one.
  public let againstMain: [StudyRow.Key: StudyComparison]

  /// Averages and compares.
  public init(_ record: StudyRecord) {
    let order = record.cohort.test.map(\.name)
    let byKey = Dictionary(grouping: record.runs, by: \.key)
    let rows = record.runs.map(\.key).withoutRepeats.compactMap { key in
      byKey[key].map { StudyRow(key: key, runs: $0, order: order) }
    }
    let recipes = rows.map(\.key.recipe)
    let mainRecipe = recipes.contains(Self.paperRecipe) ? Self.paperRecipe : recipes.first ?? Self.paperRecipe
    self.rows = rows
    self.mainRecipe = mainRecipe

    let baselines = rows.filter { $0.key.strategy == Self.baseline }
    againstBest = StudyComparison.family(of: rows) { row in
      Self.best(of: rows.filter { $0.key.recipe == row.key.recipe })
    }
    againstBaseline = StudyComparison.family(of: rows) { row in
      baselines.first { $0.key.recipe == row.key.recipe } ?? (baselines.count == 1 ? baselines[0] : nil)
    }
    againstMain = StudyComparison.family(of: rows.filter { $0.key.recipe != mainRecipe }) { row in
      rows.first { $0.key == StudyRow.Key(strategy: row.key.strategy, recipe: mainRecipe) }
    }
  }

  /// The row of a strategy under a recipe.
  public func row(_ strategy: String, _ recipe: String) -> StudyRow? {
    rows.first { $0.key == StudyRow.Key(strategy: strategy, recipe: recipe) }
  }

  /// The row with the highest Dice, the first of equals.
  static func best(of rows: [StudyRow]) -> StudyRow? {
    rows.reduce(nil) { best, row in
      guard let dice = row.dice else { return best }
      return dice > (best?.dice ?? -.infinity) ? row : best
    }
  }
}

extension StudyRun {
  /// The row that the run belongs to.
  var key: StudyRow.Key { StudyRow.Key(strategy: strategy, recipe: recipe) }
}
