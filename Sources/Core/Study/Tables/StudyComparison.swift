import Evaluation

/// A row against another: whether their Dice on the test images differs by more than chance.
public struct StudyComparison: Sendable, Equatable {
  /// What came of it.
  public enum Verdict: Sendable, Equatable {
    /// The row is what others are compared with.
    case isReference
    /// The study has nothing to compare the row with.
    case noReference
    /// Fewer than two test images that both have: nothing can be tested.
    case tooFewImages
    /// The two have not the same seeds.
    case runsMissing
    /// Two-sided p of Wilcoxon's signed-rank test, raw and Holm-adjusted, the one-sided p of the side being better that was
    /// expected to be, and how many images were compared.
    case tested(p: Double, adjusted: Double, better: Double, images: Int)
  }

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
    var answers: [StudyRow.Key: StudyComparison] = [:]
    var tested: [(key: StudyRow.Key, reference: StudyRow.Key, test: Wilcoxon, images: Int)] = []
    for row in rows {
      guard let other = reference(row) else {
        answers[row.key] = StudyComparison(reference: nil, verdict: .noReference)
        continue
      }
      let verdict: Verdict
      let pairs = pairs(row, other)
      if other.key == row.key {
        verdict = .isReference
      } else if Set(row.seeds) != Set(other.seeds) {
        verdict = .runsMissing
      } else if pairs.count < 2 {
        verdict = .tooFewImages
      } else {
        let (own, others) = (pairs.map(\.0), pairs.map(\.1))
        let test = side == .row ? Wilcoxon(own, others) : Wilcoxon(others, own)
        tested.append((row.key, other.key, test, pairs.count))
        continue
      }
      answers[row.key] = StudyComparison(reference: other.key, verdict: verdict)
    }
    for (comparison, adjusted) in zip(tested, holmAdjusted(tested.map(\.test.pValue))) {
      answers[comparison.key] = StudyComparison(
        reference: comparison.reference,
        verdict: .tested(
          p: comparison.test.pValue, adjusted: adjusted, better: comparison.test.greaterPValue,
          images: comparison.images))
    }
    return answers
  }

  /// Dice of the images that both rows have.
  private static func pairs(_ row: StudyRow, _ other: StudyRow) -> [(Double, Double)] {
    let others = Dictionary(other.cases.map { ($0.name, $0.dice) }) { first, _ in first }
    return row.cases.compactMap { image in others[image.name].map { (image.dice, $0) } }
  }
}
