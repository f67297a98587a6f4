/// What each word of a recipe is worth: pairs of rows of one strategy of which one has a word more, alone or beside others;
/// and what several words add to a named recipe where no row stands between.
enum WordTable {
  private struct Pair {
    let words: String
    let with, without: StudyRow
  }

  /// Nil without such a pair beside those of a single word and the main recipe, which stand in the table of recipes.
  static func table(_ study: StudyTables, _ compositions: [String: String]) -> Table? {
    let pairs = study.rows.flatMap { row in study.rows.compactMap { pair(row, $0, study, compositions) } }
    guard pairs.contains(where: { $0.without.key.recipe != study.mainRecipe }) else { return nil }
    let comparisons = StudyComparison.family(of: pairs.map { (row: $0.with, reference: $0.without) }, expecting: .row)
    return Table(
      title: "What each word of a recipe is worth",
      columns: ["Word", "Strategy", "Added to"].map { Table.Column(head: $0, isNumber: false) }
        + ["Seeds", "Dice without", "Dice with", "Difference", "p (Holm)"].map { Table.Column(head: $0) },
      rows: zip(pairs, comparisons).map { pair, comparison in
        let (with, without) = pair.with.shared(with: pair.without)
        return [
          pair.words, StrategyWords(pair.with.key.strategy).name, pair.without.key.recipe, "\(with.seeds.count)",
          percent(without.dice), percent(with.dice), percentagePoints(with.dice, minus: without.dice),
          comparison.words(reference: noNumber),
        ]
      },
      notes: [
        (compositions.sorted { $0.key < $1.key }.filter { named in study.rows.contains { $0.key.recipe == named.key } }
          .map { "\($0.key) is \($0.value). " }.joined())
          + "Difference: percentage points of Dice, with minus without, of the seeds that both have; Holm's adjustment is over all "
          + "rows of this table."
      ])
  }

  private static func pair(
    _ with: StudyRow, _ without: StudyRow, _ study: StudyTables, _ compositions: [String: String]
  ) -> Pair? {
    guard with.key.strategy == without.key.strategy else { return nil }
    let (more, fewer) = (
      RecipeWords(with.key.recipe, compositions: compositions).words,
      RecipeWords(without.key.recipe, compositions: compositions).words
    )
    let added = more.subtracting(fewer)
    guard fewer.isStrictSubset(of: more) else { return nil }
    /// Whether a row stands between the two.
    func isParted() -> Bool {
      study.rows.contains {
        let words = RecipeWords($0.key.recipe, compositions: compositions).words
        return $0.key.strategy == with.key.strategy && fewer.isStrictSubset(of: words) && words.isStrictSubset(of: more)
      }
    }
    let extends = compositions[without.key.recipe] != nil && with.key.recipe.hasPrefix(without.key.recipe + "+")
    guard added.count == 1 || extends && !isParted() else { return nil }
    return Pair(words: added.sorted().joined(separator: "+"), with: with, without: without)
  }
}
