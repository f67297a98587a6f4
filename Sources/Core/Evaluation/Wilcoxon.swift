import Glibc

/// Wilcoxon's signed-rank test of paired values, two-sided and one-sided, zero differences dropped (Wilcoxon, Biometrics Bulletin 1945);
/// choice of method and conventions as in scipy 1.17's `scipy.stats.wilcoxon`.
public struct Wilcoxon: Sendable, Hashable, Codable {
  /// How the p-value is found.
  public enum Method: String, Sendable, Hashable, Codable {
    /// More than 50 pairs: asymptotic; no ties and no zeros: exact; up to 13 pairs: sign flips; else asymptotic.
    case automatic
    /// The distribution of ranks 1 ... n; conservative where ties make the statistic fractional.
    case exact
    /// All 2^n sign flips of the ranks as they are.
    case signFlips
    /// Normal approximation with tie correction.
    case asymptotic
    /// The same with continuity correction.
    case asymptoticCorrected
  }

  /// The smaller rank sum.
  public let statistic: Double
  /// The rank sum of positive differences.
  public let positiveRanks: Double
  /// Two-sided p-value; 1 where no difference is left.
  public let pValue: Double
  /// One-sided p-value of differences above 0; 1 where no difference is left.
  public let greaterPValue: Double
  /// The normal approximation's z (corrected where the method is), on its lower side; nil where no difference is left.
  public let z: Double?
  /// Differences that are not 0.
  public let remaining: Int
  /// The method that was used.
  public let method: Method

  /// Tests whether `first - second` is centred on 0; the lists pair up.
  public init(_ first: [Double], _ second: [Double], method: Method = .automatic) {
    precondition(first.count == second.count, "values are paired")
    self.init(differences: zip(first, second).map(-), method: method)
  }

  /// Tests whether `differences` are centred on 0. They are rounded to 12 decimals first: float noise must not break ties.
  public init(differences: [Double], method: Method = .automatic) {
    let rounded = differences.map { ($0 * 1e12).rounded() / 1e12 }
    let kept = rounded.filter { $0 != 0 }
    let (ranks, ties) = Wilcoxon.doubledRanks(of: kept.map(abs))
    let positive = zip(kept, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    let total = ranks.reduce(0, +)
    let n = Double(kept.count)
    let mean = n * (n + 1) / 4
    let tieTerm = ties.reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
    let deviation = ((n * (n + 1) * (2 * n + 1) - tieTerm / 2) / 24).squareRoot()
    let hasTies = ties.contains { $0 > 1 }
    let chosen =
      method == .automatic
      ? Wilcoxon.choice(pairs: differences.count, plain: !hasTies && kept.count == differences.count) : method

    remaining = kept.count
    positiveRanks = Double(positive) / 2
    statistic = Double(min(positive, total - positive)) / 2
    self.method = chosen
    guard !kept.isEmpty else {
      (z, pValue, greaterPValue) = (nil, 1, 1)
      return
    }
    let away = abs(positiveRanks - mean)
    let shift = chosen == .asymptoticCorrected && away > 0 ? 0.5 : 0
    let z = (shift - away) / deviation
    self.z = z
    switch chosen {
    case .exact:
      let plain = (1...kept.count).map { 2 * $0 }
      let (low, high) = (positive / 2, (positive + 1) / 2)
      (pValue, greaterPValue) = Wilcoxon.counted(
        Wilcoxon.nullDistribution(plain), atLeast: 2 * low, atMost: 2 * high)
    case .signFlips:
      (pValue, greaterPValue) = Wilcoxon.counted(
        Wilcoxon.nullDistribution(ranks), atLeast: positive, atMost: positive)
    case .asymptotic, .asymptoticCorrected, .automatic:
      pValue = erfc(abs(z) / 2.0.squareRoot())
      let correction = chosen == .asymptoticCorrected ? 0.5 : 0
      greaterPValue = erfc((positiveRanks - mean - correction) / deviation / 2.0.squareRoot()) / 2
    }
  }

  private static func choice(pairs: Int, plain: Bool) -> Method {
    if pairs > 50 { return .asymptotic }
    if plain { return .exact }
    return pairs <= 13 ? .signFlips : .asymptotic
  }

  /// Twice the average ranks (so that they are whole), and the sizes of groups of equal values.
  static func doubledRanks(of values: [Double]) -> (ranks: [Int], groups: [Int]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Int](repeating: 0, count: values.count)
    var groups: [Int] = []
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      // Ranks start + 1 ... end have the average (start + 1 + end) / 2.
      for place in start..<end { ranks[order[place]] = start + 1 + end }
      groups.append(end - start)
      start = end
    }
    return (ranks, groups)
  }

  /// Probability of each (doubled) sum of positive ranks when every sign is a fair coin.
  private static func nullDistribution(_ ranks: [Int]) -> [Double] {
    var probability: [Double] = [1]
    for rank in ranks {
      var next = [Double](repeating: 0, count: probability.count + rank)
      for (sum, share) in probability.enumerated() {
        next[sum] += share / 2
        next[sum + rank] += share / 2
      }
      probability = next
    }
    return probability
  }

  private static func counted(
    _ distribution: [Double], atLeast low: Int, atMost high: Int
  ) -> (twoSided: Double, greater: Double) {
    let upper = distribution[low...].reduce(0, +)
    let lower = distribution[...high].reduce(0, +)
    return (min(1, 2 * min(upper, lower)), upper)
  }
}

/// Adjusts p-values of several comparisons so that the chance of one false alarm stays below the level (Holm,
/// Scandinavian Journal of Statistics 1979). The answers are in the order of `pValues`.
public func holmAdjusted(_ pValues: [Double]) -> [Double] {
  var adjusted = pValues
  var largest = 0.0
  for (rank, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
    largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
    adjusted[index] = largest
  }
  return adjusted
}
