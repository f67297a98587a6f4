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
  /// The one with the highest Dice of those that have the seeds that most have; nil without any.
  public let best: StudyRow?
  /// Each against the best; the one-sided p is that of the best being better.
  public let againstBest: [StudyRow.Key: StudyComparison]
  /// Each against a baseline; the one-sided p is that of the row being better.
  public let againstBaseline: [StudyRow.Key: StudyComparison]
  /// The seeds that most rows have: of others no mean is told to be higher.
  let seeds: Set<UInt64>

  init(_ place: Place, _ rows: [StudyRow], baseline: StudyRow?) {
    let seeds = Self.seeds(of: rows)
    let best = rows.filter { Set($0.seeds) == seeds }.reduce(nil as StudyRow?) { best, row in
      guard let dice = row.dice else { return best }
      return dice > (best?.dice ?? -.infinity) ? row : best
    }
    (self.place, self.rows, self.seeds, self.best) = (place, rows, seeds, best)
    againstBest = StudyComparison.family(of: rows, expecting: .reference) { _ in best }
    againstBaseline = StudyComparison.family(of: rows, expecting: .row) { _ in baseline }
  }

  /// The set that most rows have; of equally common ones the larger.
  private static func seeds(of rows: [StudyRow]) -> Set<UInt64> {
    let sets = rows.map { Set($0.seeds) }
    return sets.max { a, b in
      let (commonA, commonB) = (sets.count { $0 == a }, sets.count { $0 == b })
      return (commonA, a.count) < (commonB, b.count)
    } ?? []
  }

  /// Whether a row's mean may be called higher than another's.
  func mayBeRanked(_ row: StudyRow) -> Bool { Set(row.seeds) == seeds }
}
