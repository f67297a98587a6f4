/// Rows that stand in one table under one recipe. Their comparisons of one kind are a family: Holm's adjustment is over
/// them, so that what is added in another table or under another recipe changes nothing here.
public struct StudyFamily: Sendable {
  /// Which table.
  public enum Place: String, Sendable {
    /// The paper's table 1: what each part of the method is worth.
    case ablations = "1"
    /// The paper's table 2: other ways to learn from what is not labeled.
    case comparisons = "2"
    /// Strategies that are in neither.
    case others = "others"
    /// All strategies under a recipe that is not the main one.
    case recipe = "recipe"
  }

  /// Which table.
  public let place: Place
  /// In the order of the table.
  public let rows: [StudyRow]
  /// The one with the highest Dice; nil while some have not the seeds of others.
  public let best: StudyRow?
  /// Each against the best; the one-sided p is that of the best being better.
  public let againstBest: [StudyRow.Key: StudyComparison]
  /// Each against a baseline; the one-sided p is that of the row being better.
  public let againstBaseline: [StudyRow.Key: StudyComparison]
  /// Whether all rows have the same seeds: else no mean is told to be higher than another.
  let isEven: Bool

  init(_ place: Place, _ rows: [StudyRow], baseline: StudyRow?) {
    isEven = Set(rows.map { Set($0.seeds) }).count < 2
    let best = rows.reduce(nil as StudyRow?) { best, row in
      guard let dice = row.dice else { return best }
      return dice > (best?.dice ?? -.infinity) ? row : best
    }
    (self.place, self.rows, self.best) = (place, rows, isEven ? best : nil)
    againstBest =
      isEven
      ? StudyComparison.family(of: rows, expecting: .reference) { _ in best }
      : Dictionary(uniqueKeysWithValues: rows.map { ($0.key, StudyComparison(reference: nil, verdict: .runsMissing)) })
    againstBaseline = StudyComparison.family(of: rows, expecting: .row) { _ in baseline }
  }
}
