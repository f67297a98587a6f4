/// A mean over images, and over how many of them: images where the figure is undefined do not enter.
public struct DefinedMean: Sendable, Hashable, Encodable {
  /// The mean; nil where no image has the figure.
  public let mean: Double?
  /// Images that entered.
  public let defined: Int
  /// Images for which the figure is undefined.
  public let undefined: Int

  private enum CodingKeys: String, CodingKey { case mean, defined, undefined }

  /// The mean of the values that are there.
  public init(_ values: [Double?]) {
    let present = values.compactMap { $0 }
    mean = Evaluation.mean(present)
    defined = present.count
    undefined = values.count - present.count
  }

  /// Writes every key; `mean` is null where it is undefined.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(mean, forKey: .mean)
    try fields.encode(defined, forKey: .defined)
    try fields.encode(undefined, forKey: .undefined)
  }
}

/// The mean; nil of nothing.
public func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// Standard deviation with n - 1, in the values' unit; nil for fewer than two values.
public func sampleDeviation(_ values: [Double]) -> Double? {
  guard values.count > 1, let middle = mean(values) else { return nil }
  return (values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(values.count - 1)).squareRoot()
}
