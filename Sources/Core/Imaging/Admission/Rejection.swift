import Contract

/// Why a file or scan is not taken, with the figures a receipt prints.
public struct Rejection: Error, Sendable, Equatable, CustomStringConvertible {
  /// `.reject`, `.hold` (a person decides) or `.wait` (not whole yet).
  public let outcome: Verdict.Outcome
  /// The stable reason.
  public let reason: ReasonCode
  /// What was measured.
  public let numbers: [Verdict.Number]

  /// Not taken for `reason`.
  public init(reason: ReasonCode, numbers: [Verdict.Number] = [], outcome: Verdict.Outcome = .reject) {
    self.outcome = outcome
    self.reason = reason
    self.numbers = numbers
  }

  init(_ outcome: Verdict.Outcome, _ reason: ReasonCode, _ numbers: KeyValuePairs<String, String> = [:]) {
    self.init(reason: reason, numbers: numbers.map { Verdict.Number($0, $1) }, outcome: outcome)
  }

  /// A file takes `need` bytes of memory, more than are `allowed`: held, for an administrator can allow more.
  public static func memory(_ need: Int, allowed: Int) -> Rejection {
    Rejection(.hold, .memory, ["need": readable(bytes: need), "allowed": readable(bytes: allowed)])
  }

  /// Reason and figures in a line.
  public var description: String {
    ([reason.rawValue] + numbers.map { "\($0.name) \($0.value)" }).joined(separator: ", ")
  }
}

extension Double {
  /// The number with `digits` decimals, no exponent; for figures in receipts.
  func fixed(_ digits: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return "\(self)" }
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(self) * scale).rounded()
    guard scaled < 9e18 else { return "\(self)" }
    let whole = Int(scaled)
    let unit = Int(scale)
    let sign = self < 0 && whole != 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = "\(whole % unit)"
    return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}

/// Bytes as a receipt prints them: `12.1 MB`; `980 B` where it is little.
func readable(bytes: Int) -> String {
  switch bytes {
  case ..<100_000: "\(bytes) B"
  case ..<1_000_000_000: (Double(bytes) / 1e6).fixed(1) + " MB"
  default: (Double(bytes) / 1e9).fixed(1) + " GB"
  }
}

extension Verdict {
  /// Says what a rejection says; all else stays.
  public mutating func take(_ rejection: Rejection) {
    outcome = rejection.outcome
    reason = rejection.reason
    numbers = rejection.numbers
  }
}
