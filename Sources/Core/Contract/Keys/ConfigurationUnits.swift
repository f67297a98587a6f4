/// Durations as systemd writes them: `5min`, `1h 30min`, `250ms`.
public enum DurationText {
  private static let units: [(names: [String], microseconds: Int)] = [
    (["w", "week", "weeks"], 604_800_000_000), (["d", "day", "days"], 86_400_000_000),
    (["h", "hr", "hour", "hours"], 3_600_000_000), (["min", "m", "minute", "minutes"], 60_000_000),
    (["s", "sec", "second", "seconds"], 1_000_000), (["ms", "msec"], 1000), (["us", "usec"], 1),
  ]

  /// Reads a sum of numbers with units, each unit named. nil for anything else, for a number without
  /// unit (nobody can tell its unit) and for more than a hundred years.
  public static func read(_ text: String) -> Duration? {
    var scanner = UnitScanner(text)
    var total = 0.0
    while let (number, unit) = scanner.next() {
      guard let scale = units.first(where: { $0.names.contains(unit) })?.microseconds else { return nil }
      total += number * Double(scale)
    }
    guard scanner.isDone, !scanner.isEmpty, total < 100 * 366 * 86_400e6 else { return nil }
    return .microseconds(Int64(total.rounded()))
  }

  /// Writes a duration as the sum of its largest units: `1h 30min`. Zero is `0s`.
  public static func write(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    var rest = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    var parts: [String] = []
    for unit in units where rest / unit.microseconds > 0 {
      parts.append("\(rest / unit.microseconds)\(unit.names[0])")
      rest %= unit.microseconds
    }
    return parts.isEmpty ? "0s" : parts.joined(separator: " ")
  }
}

/// Sizes and counts with a suffix: `8G`, `512M`.
public enum SizeText {
  private static let suffixes = ["", "K", "M", "G", "T"]

  /// Reads `8G`, `1.5G`, `64KiB`, `4096`; a suffix is a power of `base`: 1024 for bytes, 1000 for counts.
  public static func read(_ text: String, base: Int) -> Int? {
    var scanner = UnitScanner(text)
    guard let (number, unit) = scanner.next(), scanner.isDone else { return nil }
    var suffix = unit
    if base == 1024 {
      for tail in ["iB", "B"] where suffix.hasSuffix(tail) {
        suffix.removeLast(tail.count)
        break
      }
    }
    guard let power = suffixes.firstIndex(of: suffix) else { return nil }
    let value = (0..<power).reduce(number) { value, _ in value * Double(base) }
    guard value < 0x1p60, value == value.rounded() else { return nil }
    return Int(value)
  }

  /// Writes a size with the largest suffix that leaves a whole number.
  public static func write(_ value: Int, base: Int) -> String {
    var (value, power) = (value, 0)
    while value != 0, value % base == 0, power + 1 < suffixes.count {
      value /= base
      power += 1
    }
    return "\(value)\(suffixes[power])"
  }
}

/// Shares: `75%`.
public enum ShareText {
  /// Reads `75%` or `12.5%` as 0.75, 0.125; nil for anything else and beyond 0…100 %.
  public static func read(_ text: String) -> Double? {
    var scanner = UnitScanner(text)
    guard let (number, unit) = scanner.next(), unit == "%", scanner.isDone, number <= 100 else { return nil }
    return number / 100
  }

  /// Writes a share of 0…1 in per cent.
  public static func write(_ share: Double) -> String {
    let percent = (share * 1e6).rounded() / 1e4
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }
}

/// Takes a text apart into numbers, each with the unit behind it.
private struct UnitScanner {
  private var rest: Substring
  let isEmpty: Bool

  init(_ text: String) {
    rest = Substring(text)
    isEmpty = text.allSatisfy(\.isWhitespace)
  }

  /// Whether all of the text was numbers with units.
  var isDone: Bool { rest.allSatisfy { $0 == " " } }

  /// The next number with its unit; nil at the end and where there is no number.
  mutating func next() -> (number: Double, unit: String)? {
    rest = rest.drop { $0 == " " }
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard digits.first?.isNumber == true, digits.last?.isNumber == true, let number = Double(digits) else { return nil }
    rest = rest.dropFirst(digits.count).drop { $0 == " " }
    let unit = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "%") }
    rest = rest.dropFirst(unit.count)
    return (number, String(unit))
  }
}
