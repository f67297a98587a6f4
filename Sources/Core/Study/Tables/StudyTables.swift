import Evaluation

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
  /// The rows as they stand in tables: the paper's two under the main recipe, then recipe by recipe. Baselines are those of
  /// the same recipe or, where that has none, of the recipe that it begins with (`improved` of `improved+paste`), of the main
  /// recipe, or the study's only one.
  public let families: [StudyFamily]
  /// Rows of other recipes against the same strategy under the main one; the one-sided p is that of the other recipe being
  /// better. All of them are one family: every recipe that is tried is one more chance to be lucky.
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
    func family(_ place: StudyFamily.Place, _ rows: [StudyRow], _ recipe: String) -> StudyFamily? {
      let nearest = [recipe, String(recipe.prefix { $0 != "+" }), mainRecipe].lazy.compactMap { name in
        baselines.first { $0.key.recipe == name }
      }
      let baseline = nearest.first ?? (baselines.count == 1 ? baselines[0] : nil)
      return rows.isEmpty ? nil : StudyFamily(place, rows, baseline: baseline)
    }
    func main(_ strategies: [String]) -> [StudyRow] {
      strategies.compactMap { strategy in
        rows.first { $0.key == StudyRow.Key(strategy: strategy, recipe: mainRecipe) }
      }
    }
    let (ablations, comparisons) = (StrategyWords.ablations, StrategyWords.comparisons)
    let others = rows.map(\.key.strategy).withoutRepeats.filter { !(ablations + comparisons).contains($0) }
    // The second has rows of the first as its ends: alone they would be nothing new.
    let hasComparisons = !main(comparisons.filter { !ablations.contains($0) }).isEmpty
    families =
      [
        family(.ablations, main(ablations), mainRecipe),
        hasComparisons ? family(.comparisons, main(comparisons), mainRecipe) : nil,
        family(.others, main(others), mainRecipe),
      ].compactMap(\.self)
      + recipes.withoutRepeats.filter { $0 != mainRecipe }.compactMap { recipe in
        family(.recipe, rows.filter { $0.key.recipe == recipe }, recipe)
      }
    againstMain = StudyComparison.family(of: rows.filter { $0.key.recipe != mainRecipe }, expecting: .row) { row in
      rows.first { $0.key == StudyRow.Key(strategy: row.key.strategy, recipe: mainRecipe) }
    }
  }

  /// The row of a strategy under a recipe.
  public func row(_ strategy: String, _ recipe: String) -> StudyRow? {
    rows.first { $0.key == StudyRow.Key(strategy: strategy, recipe: recipe) }
  }
}

extension StudyRun {
  /// The row that the run belongs to.
  var key: StudyRow.Key { StudyRow.Key(strategy: strategy, recipe: recipe) }

  /// Mean Dice over the test images, 0…1.
  var meanDice: Double? { mean(scores.compactMap(\.dice.finite)) }
}
