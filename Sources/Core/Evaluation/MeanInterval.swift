/// A mean of a few values, each of an experiment of its own, and how far others of them would lie: Student's interval.
public struct MeanInterval: Sendable, Hashable {
  /// The mean, in the values' unit.
  public let mean: Double
  /// Half of the width of the interval that holds the true mean in 95 of 100 repetitions, if values are normal.
  public let reach: Double

  /// Nil for fewer than three values: of two the interval is thirteen standard errors wide, and says nothing.
  public init?(_ values: [Double]) {
    guard values.count > 2, let middle = Evaluation.mean(values), let deviation = sampleDeviation(values) else {
      return nil
    }
    mean = middle
    reach = Self.quantile(freedom: values.count - 1) * deviation / Double(values.count).squareRoot()
  }

  /// Student's t that 2.5 of 100 exceed, with at least two degrees of freedom: a table, then the expansion of Fisher and Cornish
  /// (Technometrics 1960), from 11 degrees on within 2e-4.
  static func quantile(freedom: Int) -> Double {
    let known = [4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139]
    if known.indices.contains(freedom - 2) { return known[freedom - 2] }
    let (z, n) = (1.959963985, Double(freedom))
    let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z)
    let first = (z3 + z) / 4
    let second = (5 * z5 + 16 * z3 + 3 * z) / 96
    let third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384
    return z + first / n + second / (n * n) + third / (n * n * n)
  }
}
