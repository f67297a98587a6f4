/// Spearman's rank correlation of paired values (Spearman, American Journal of Psychology 1904): Pearson's of their ranks,
/// equal values having the mean of theirs; -1 ... 1. Nil where either list has one value only, or fewer than two pairs.
public func rankCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "values are paired")
  return VolumeAgreement(truth: averageRanks(of: first), mask: averageRanks(of: second))?.correlation
}

private func averageRanks(of values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
    start = end
  }
  return ranks
}
