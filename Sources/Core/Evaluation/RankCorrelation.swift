/// Spearman's rank correlation of paired values (Spearman, American Journal of Psychology 1904): Pearson's of their ranks,
/// equal values having the mean of theirs; -1 ... 1. Nil where either list has one value only, or fewer than two pairs.
public func rankCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "values are paired")
  func ranks(_ values: [Double]) -> [Double] { Wilcoxon.doubledRanks(of: values).ranks.map(Double.init) }
  return VolumeAgreement(truth: ranks(first), mask: ranks(second))?.correlation
}
