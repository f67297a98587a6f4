import Evaluation

/// How two raters agree among themselves, whatever the judged mask: a mask can hardly agree with them better.
struct RaterAgreement: Encodable, Equatable {
  let first, second: String
  /// Cases that both drew.
  let cases: Int
  let meanDice: Double

  /// Every pair of raters that drew some case both, in the order in which cases name them.
  static func all(in cases: [EvaluationReport.Case]) -> [RaterAgreement] {
    var pairs: [Pair] = []
    var dice: [Pair: [Double]] = [:]
    for found in cases.flatMap(\.raterDice) {
      let pair = Pair(first: found.first, second: found.second)
      if dice[pair] == nil { pairs.append(pair) }
      dice[pair, default: []].append(found.dice)
    }
    return pairs.compactMap { pair in
      guard let all = dice[pair], let mean = mean(all) else { return nil }
      return RaterAgreement(first: pair.first, second: pair.second, cases: all.count, meanDice: mean)
    }
  }

  private struct Pair: Hashable { let first, second: String }
}

/// Cases whose truth has no lesion, by all of their raters: a Dice of 0 or 1 says less of them than what was marked.
struct LesionFreeCases: Encodable, Equatable {
  let cases: Int
  /// Those of them in which the mask marks anything.
  let marked: Int
  /// What it marks in such a case, ml, the mean over them.
  let meanMaskMl: Double
  /// Mean Dice of the other cases, over raters first; nil where there are none.
  let meanDiceOfOthers: Double?

  /// Nil where every case has a lesion.
  init?(in cases: [EvaluationReport.Case]) {
    let free = cases.filter(\.isLesionFree)
    let marked = free.compactMap { $0.comparisons.first?.maskVolume }
    guard let volume = mean(marked) else { return nil }
    self.cases = free.count
    self.marked = marked.count { $0 > 0 }
    meanMaskMl = volume / 1000
    meanDiceOfOthers = mean(cases.filter { !$0.isLesionFree }.map(\.dice))
  }
}
