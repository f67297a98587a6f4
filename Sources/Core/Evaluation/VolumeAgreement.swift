/// How the lesion volumes of two measurements agree over a data set.
public struct VolumeAgreement: Sendable, Hashable {
  /// Pairs of volumes.
  public let pairs: Int
  /// The mean of measured minus true volume, in the volumes' unit (Bland and Altman, Lancet 1986).
  public let bias: Double
  /// Standard deviation of these differences (n - 1 in the denominator), in the volumes' unit.
  public let deviation: Double
  /// Pearson's correlation, -1 ... 1; nil where either list has one value only.
  public let correlation: Double?
  /// Lin's concordance 2 s_tm / (s_t² + s_m² + (mean_t - mean_m)²), moments with n in the denominator, -1 ... 1 (Lin,
  /// Biometrics 1989); nil where all volumes are one and the same.
  public let concordance: Double?

  /// Bias -1.96 and +1.96 standard deviations: where 95 of 100 differences lie if they are normal.
  public var limits: (lower: Double, upper: Double) { (bias - 1.96 * deviation, bias + 1.96 * deviation) }

  /// Compares two lists of volumes that pair up; nil where there are fewer than two pairs.
  public init?(truth: [Double], mask: [Double]) {
    precondition(truth.count == mask.count, "volumes are paired")
    guard truth.count > 1 else { return nil }
    let n = Double(truth.count)
    let differences = zip(mask, truth).map(-)
    let meanDifference = differences.reduce(0, +) / n
    pairs = truth.count
    bias = meanDifference
    deviation = (differences.reduce(0) { $0 + ($1 - meanDifference) * ($1 - meanDifference) } / (n - 1)).squareRoot()

    let (meanTruth, meanMask) = (truth.reduce(0, +) / n, mask.reduce(0, +) / n)
    var (ofTruth, ofMask, ofBoth) = (0.0, 0.0, 0.0)
    for (one, other) in zip(truth, mask) {
      ofTruth += (one - meanTruth) * (one - meanTruth)
      ofMask += (other - meanMask) * (other - meanMask)
      ofBoth += (one - meanTruth) * (other - meanMask)
    }
    // By the values: the rounded mean of equal numbers may differ from them, and a volume that is itself a mean over raters
    // from that of another number of raters in its last bits; noise would correlate with noise.
    let varies = { (values: [Double]) in values.contains { abs($0 - values[0]) > 1e-9 * abs(values[0]) } }
    let correlates = varies(truth) && varies(mask)
    correlation = correlates ? max(-1, min(1, ofBoth / (ofTruth * ofMask).squareRoot())) : nil
    let apart = (meanTruth - meanMask) * (meanTruth - meanMask)
    let isOne = !varies(truth + mask)
    concordance = isOne ? nil : correlates ? 2 * ofBoth / (ofTruth + ofMask + n * apart) : 0
  }
}
