/// What stands where there is no number.
let noNumber = "–"

extension Double {
  /// The number with that many decimals; a dash where it is none.
  func decimals(_ count: Int) -> String {
    guard isFinite else { return noNumber }
    let scale = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(self) * scale).rounded()
    guard scaled < 1e15 else { return "\(self)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(count + 1 - digits.count, 0)) + digits
    let sign = self < 0 && scaled > 0 ? "-" : ""
    return sign + padded.dropLast(count) + (count > 0 ? "." + padded.suffix(count) : "")
  }

  /// The number itself, or nil where it is none: what is not a number must not reach a mean, a text or a picture.
  var finite: Double? { isFinite ? self : nil }
}

/// A share of 0…1 in percent, a dash where there is none.
func percent(_ share: Double?, decimals: Int = 2) -> String {
  share.map { ($0 * 100).decimals(decimals) } ?? noNumber
}

/// A p-value, with four decimals.
func probability(_ value: Double) -> String { value < 0.0001 ? "< 0.0001" : value.decimals(4) }

/// One number where all are the same, else from the smallest to the largest.
func span(_ values: [Int]) -> String {
  guard let low = values.min(), let high = values.max() else { return noNumber }
  return low == high ? "\(low)" : "\(low)–\(high)"
}

/// The count and its noun, which is the singular for 1.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

/// The mean; nil for none.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

extension Array where Element: Hashable {
  /// Each element once, in the order of its first.
  var withoutRepeats: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
