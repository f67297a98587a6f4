extension Double {
  /// The number with that many decimals; what is no number, or beyond 10¹⁵ at its last decimal, as Swift writes it.
  public func decimals(_ count: Int) -> String {
    guard isFinite else { return "\(self)" }
    let scale = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(self) * scale).rounded()
    guard scaled < 1e15 else { return "\(self)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(count + 1 - digits.count, 0)) + digits
    let sign = self < 0 && scaled > 0 ? "-" : ""
    return sign + padded.dropLast(count) + (count > 0 ? "." + padded.suffix(count) : "")
  }
}
