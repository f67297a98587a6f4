// The kinds of values that keys have.

extension ConfigurationKind {
  /// A value that this version has no other for. The key is there so that files say what holds, and so that another value
  /// is refused and not passed over.
  public static func only(_ value: Value, as only: ConfigurationLiteral) -> Self {
    ConfigurationKind("\(only), the only value that this version has") { literal in
      literal == only ? value : nil
    } write: { _ in
      only
    }
  }
}

extension ConfigurationKind where Value == Bool {
  /// `true` or `false`.
  public static let boolean = ConfigurationKind("true or false") { literal in
    if case .boolean(let value) = literal { value } else { nil }
  } write: {
    .boolean($0)
  }
}

extension ConfigurationKind where Value == Int {
  /// A whole number in a range.
  public static func integer(_ range: ClosedRange<Int>, multipleOf step: Int = 1) -> Self {
    let multiple = step == 1 ? "" : ", a multiple of \(step)"
    return ConfigurationKind("a whole number from \(range.lowerBound) to \(range.upperBound)\(multiple)") { literal in
      if case .integer(let value) = literal, range.contains(value), value % step == 0 { value } else { nil }
    } write: {
      .integer($0)
    }
  }

  /// Bytes: `"8G"`, suffixes are powers of 1024.
  public static func size(_ range: ClosedRange<Int>) -> Self { suffixed("a size", "4G", range, base: 1024) }

  /// A number of things: `"512M"`, suffixes are powers of 1000.
  public static func count(_ range: ClosedRange<Int>) -> Self { suffixed("a count", "512M", range, base: 1000) }

  private static func suffixed(_ noun: String, _ example: String, _ range: ClosedRange<Int>, base: Int) -> Self {
    let bounds = [range.lowerBound, range.upperBound].map { SizeText.write($0, base: base) }
    return ConfigurationKind("\(noun) such as \"\(example)\", \(bounds[0]) to \(bounds[1])") { literal in
      let value: Int? =
        switch literal {
        case .text(let text): SizeText.read(text, base: base)
        case .integer(let number): number
        default: nil
        }
      return value.flatMap { range.contains($0) ? $0 : nil }
    } write: {
      .text(SizeText.write($0, base: base))
    }
  }
}

extension ConfigurationKind where Value == Double {
  /// A number in a range.
  public static func real(_ range: ClosedRange<Double>) -> Self {
    ConfigurationKind("a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))") { literal in
      number(literal).flatMap { range.contains($0) ? $0 : nil }
    } write: {
      .real($0)
    }
  }

  /// A share of something: `0.5` or `"50%"`.
  public static func share(_ range: ClosedRange<Double>) -> Self {
    ConfigurationKind("a share such as 0.5 or \"50%\", \(plain(range.lowerBound)) to \(plain(range.upperBound))") {
      literal in
      let value: Double? = if case .text(let text) = literal { ShareText.read(text) } else { number(literal) }
      return value.flatMap { range.contains($0) ? $0 : nil }
    } write: {
      .real($0)
    }
  }

  private static func number(_ literal: ConfigurationLiteral) -> Double? {
    switch literal {
    case .real(let value): value.isFinite ? value : nil
    case .integer(let value): Double(value)
    default: nil
    }
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}

extension ConfigurationKind where Value == Duration {
  /// A time span with its unit: `"5min"`.
  public static func duration(_ range: ClosedRange<Duration>) -> Self {
    let bounds = [range.lowerBound, range.upperBound].map(DurationText.write)
    return ConfigurationKind("a duration with its unit such as \"5min\" or \"1h 30min\", \(bounds[0]) to \(bounds[1])")
    {
      literal in
      if case .text(let text) = literal, let value = DurationText.read(text), range.contains(value) {
        value
      } else {
        nil
      }
    } write: {
      .text(DurationText.write($0))
    }
  }
}

extension ConfigurationKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of a few words.
  public static var word: Self {
    ConfigurationKind("one of " + Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")) { literal in
      if case .text(let text) = literal { Value(rawValue: text) } else { nil }
    } write: {
      .text($0.rawValue)
    } hint: { text in
      Spelling.nearest(to: text, among: Value.allCases.map(\.rawValue)).map { "did you mean \"\($0)\"?" }
    }
  }
}

extension ConfigurationKind where Value == RecipeText {
  /// A recipe's name, and what is different.
  public static let recipe = ConfigurationKind(
    "one of " + RecipeName.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ") + ", and after it any of "
      + RecipeText.words.map { "+" + $0 }.joined(separator: " ")
  ) { literal in
    if case .text(let text) = literal { try? RecipeText(text) } else { nil }
  } write: {
    .text($0.text)
  } hint: { text in
    do throws(MethodError) {
      _ = try RecipeText(text)
      return nil
    } catch {
      // The expectation has named all that are known.
      return error.brief
    }
  }
}

extension ConfigurationKind where Value == String {
  /// Text on one line.
  public static let text = ConfigurationKind("a string on one line") { literal in
    if case .text(let text) = literal, isPrintable(text) { text } else { nil }
  } write: {
    .text($0)
  }

  /// An absolute path.
  public static let path = ConfigurationKind("an absolute path such as \"/srv/popcornd\", without ..") { literal in
    if case .text(let text) = literal { tidyPath(text) } else { nil }
  } write: {
    .text($0)
  }

  /// An absolute path, or nothing.
  public static let pathOrNone = ConfigurationKind("an absolute path without .., or \"\" for none") { literal in
    if case .text(let text) = literal { text.isEmpty ? "" : tidyPath(text) } else { nil }
  } write: {
    .text($0)
  }
}

extension ConfigurationKind where Value == [String] {
  /// A list of absolute paths, at least one.
  public static let paths = ConfigurationKind("a list of absolute paths such as [\"/srv/popcornd/inbox\"]") { literal in
    texts(literal).flatMap { items in
      let paths = items.compactMap(tidyPath)
      return paths.isEmpty || paths.count != items.count ? nil : paths
    }
  } write: {
    .list($0.map { .text($0) })
  }

  /// A list of texts.
  public static let texts = ConfigurationKind("a list of strings") {
    texts($0)
  } write: {
    .list($0.map { .text($0) })
  }

  /// A program and its arguments.
  public static let command = ConfigurationKind("a program and its arguments such as [\"popcorn\", \"worker\"]") {
    literal in
    texts(literal).flatMap { $0.first.map { !$0.isEmpty } == true ? $0 : nil }
  } write: {
    .list($0.map { .text($0) })
  }

  private static func texts(_ literal: ConfigurationLiteral) -> [String]? {
    guard case .list(let items) = literal else { return nil }
    let texts = items.compactMap { item -> String? in
      if case .text(let text) = item, isPrintable(text) { text } else { nil }
    }
    return texts.count == items.count ? texts : nil
  }
}

extension ConfigurationKind where Value == [Int] {
  /// A list of whole numbers of a range; `count` of them where it says so.
  public static func integers(_ range: ClosedRange<Int>, count: Int? = nil) -> Self {
    let many = count.map { "\($0) whole numbers" } ?? "whole numbers"
    return ConfigurationKind("a list of \(many) from \(range.lowerBound) to \(range.upperBound)") { literal in
      guard case .list(let items) = literal, count == nil || items.count == count else { return nil }
      let numbers = items.compactMap { item -> Int? in
        if case .integer(let number) = item, range.contains(number) { number } else { nil }
      }
      return numbers.count == items.count ? numbers : nil
    } write: {
      .list($0.map { .integer($0) })
    }
  }
}

extension ConfigurationKind where Value == ThreadCount {
  /// `"auto"` or a number.
  public static let threads = ConfigurationKind("\"auto\" or a whole number from 1 to 1024") { literal in
    switch literal {
    case .text("auto"): .auto
    case .integer(let count) where (1...1024).contains(count): .count(count)
    default: nil
    }
  } write: {
    if case .count(let count) = $0 { .integer(count) } else { .text("auto") }
  }
}

extension ConfigurationKind where Value == MemoryBudget {
  /// `"75%"` or `"8G"`.
  public static let budget = ConfigurationKind(
    "a share such as \"75%\", 1% to 100%, or a size such as \"8G\", 256M or more"
  ) {
    literal in
    guard case .text(let text) = literal else { return nil }
    if let share = ShareText.read(text) { return share >= 0.01 ? .share(share) : nil }
    return SizeText.read(text, base: 1024).flatMap { $0 >= 256 << 20 ? .bytes($0) : nil }
  } write: {
    switch $0 {
    case .share(let share): .text(ShareText.write(share))
    case .bytes(let bytes): .text(SizeText.write(bytes, base: 1024))
    }
  }
}

extension ConfigurationKind where Value == WorkerSocket {
  /// `"auto"`, `"none"` or an absolute path.
  public static let socket = ConfigurationKind("\"auto\", \"none\" or an absolute path") { literal in
    guard case .text(let text) = literal else { return nil }
    switch text {
    case "auto": return .auto
    case "none": return WorkerSocket.none
    default: return tidyPath(text).map { .path($0) }
    }
  } write: {
    switch $0 {
    case .auto: .text("auto")
    case .none: .text("none")
    case .path(let path): .text(path)
    }
  }
}

extension ConfigurationKind where Value == TrainWindow? {
  /// `"19:00-06:00"`, or `""` for always.
  public static let window = ConfigurationKind("a part of the day such as \"19:00-06:00\", or \"\" for always") {
    literal in
    guard case .text(let text) = literal else { return nil }
    return text.isEmpty ? .some(nil) : TrainWindow(text).map { .some($0) }
  } write: {
    .text($0?.text ?? "")
  }
}

private func isPrintable(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
}

/// An absolute path without doubled or trailing slashes; nil where it is relative or climbs.
private func tidyPath(_ text: String) -> String? {
  guard text.hasPrefix("/"), isPrintable(text) else { return nil }
  let parts = text.split(separator: "/").filter { $0 != "." }
  return parts.contains("..") ? nil : "/" + parts.joined(separator: "/")
}
