import Evaluation

/// A row against another: whether their Dice on the test images differs by more than chance.
public struct StudyComparison: Sendable, Equatable {
  /// What came of it.
  public enum Verdict: Sendable, Equatable {
    /// The row is what others are compared with.
    case isReference
    /// The study has nothing to compare the row with.
    case noReference
    /// Fewer than six test images that both have: whatever their Dice, no two-sided p could be below 0.05.
    case tooFewImages
    /// The two have not the same seeds.
    case runsMissing
    /// Two-sided p of Wilcoxon's signed-rank test, raw and Holm-adjusted, the one-sided p of the side being better that was
    /// expected to be, how many images were compared, and of how many of them the Dice differ.
    case tested(p: Double, adjusted: Double, better: Double, images: Int, remaining: Int)
  }

  /// Of five differences, all of one sign, two-sided p is 2 / 2⁵ = 0.06.
  public static let fewestImages = 6

  /// How many images differ, where those are so few that exactly no p could be below 0.05, but some: where others are equal
  /// and images many, p is approximate and may be lower. Nil elsewhere.
  var fewDiffering: Int? {
    guard case .tested(_, _, _, _, let remaining) = verdict, 1..<Self.fewestImages ~= remaining else { return nil }
    return remaining
  }

  /// Whether there is a p.
  var isTested: Bool { if case .tested = verdict { true } else { false } }

  /// Which of the two is expected to be better.
  enum Side { case row, reference }

  /// What the row is compared with; nil where there is nothing.
  public let reference: StudyRow.Key?
  /// What came of it.
  public let verdict: Verdict

  /// Compares each row with its reference, all comparisons being one family: Holm's adjustment is over those that could
  /// be tested. Rows that `reference` has nothing to say about are not in the answer.
  static func family(
    of rows: [StudyRow], expecting side: Side, against reference: (StudyRow) -> StudyRow?
  ) -> [StudyRow.Key: StudyComparison] {
    let others = rows.map(reference)
    var answers: [StudyRow.Key: StudyComparison] = [:]
    for (row, other) in zip(rows, others) {
      if other == nil { answers[row.key] = StudyComparison(reference: nil, verdict: .noReference) }
      if other?.key == row.key { answers[row.key] = StudyComparison(reference: row.key, verdict: .isReference) }
    }
    let pairs = zip(rows, others).compactMap { row, other in
      answers[row.key] == nil ? other.map { (row: row, reference: $0) } : nil
    }
    for (pair, comparison) in zip(pairs, family(of: pairs, expecting: side)) { answers[pair.row.key] = comparison }
    return answers
  }

  /// Compares two rows of each pair, all pairs being one family; answers in their order.
  static func family(
    of pairs: [(row: StudyRow, reference: StudyRow)], expecting side: Side
  ) -> [StudyComparison] {
    var answers: [StudyComparison?] = []
    var tested: [(place: Int, reference: StudyRow.Key, test: Wilcoxon, images: Int)] = []
    for (row, other) in pairs {
      let verdict: Verdict
      let images = Self.images(row, other)
      if Set(row.seeds) != Set(other.seeds) {
        verdict = .runsMissing
      } else if images.count < fewestImages {
        verdict = .tooFewImages
      } else {
        let (own, others) = (images.map(\.0), images.map(\.1))
        let test = side == .row ? Wilcoxon(own, others) : Wilcoxon(others, own)
        tested.append((answers.count, other.key, test, images.count))
        answers.append(nil)
        continue
      }
      answers.append(StudyComparison(reference: other.key, verdict: verdict))
    }
    for (comparison, adjusted) in zip(tested, holmAdjusted(tested.map(\.test.pValue))) {
      answers[comparison.place] = StudyComparison(
        reference: comparison.reference,
        verdict: .tested(
          p: comparison.test.pValue, adjusted: adjusted, better: comparison.test.greaterPValue,
          images: comparison.images, remaining: comparison.test.remaining))
    }
    return answers.compactMap(\.self)
  }

  /// Dice of the images that both rows have.
  private static func images(_ row: StudyRow, _ other: StudyRow) -> [(Double, Double)] {
    let others = Dictionary(other.cases.map { ($0.name, $0.dice) }) { first, _ in first }
    return row.cases.compactMap { image in others[image.name].map { (image.dice, $0) } }
  }
}
