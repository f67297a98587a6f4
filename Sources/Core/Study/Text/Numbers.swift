import Contract

/// What stands where there is no number.
let noNumber = "–"

extension Double {
  /// The number with that many decimals; a dash where it is none.
  func figure(_ count: Int) -> String { finite?.decimals(count) ?? noNumber }

  /// The number itself, or nil where it is none: what is not a number must not reach a mean, a text or a picture.
  var finite: Double? { isFinite ? self : nil }
}

/// A share of 0…1 in percent, a dash where there is none.
func percent(_ share: Double?, decimals: Int = 2) -> String {
  share.map { ($0 * 100).figure(decimals) } ?? noNumber
}

/// A difference of shares in percentage points, with its sign.
func percentagePoints(_ share: Double?, minus other: Double?) -> String {
  guard let share, let other else { return noNumber }
  let points = ((share - other) * 100).figure(2)
  return share > other && !points.hasPrefix("-") && points != "0.00" ? "+" + points : points
}

/// A p-value, with four decimals.
func probability(_ value: Double) -> String { value < 0.0001 ? "< 0.0001" : value.figure(4) }

/// One number where all are the same, else from the smallest to the largest.
func span(_ values: [Int]) -> String {
  guard let low = values.min(), let high = values.max() else { return noNumber }
  return low == high ? "\(low)" : "\(low)–\(high)"
}

/// The count and its noun, which is the singular for 1.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

extension Array where Element: Hashable {
  /// Each element once, in the order of its first.
  public var withoutRepeats: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
