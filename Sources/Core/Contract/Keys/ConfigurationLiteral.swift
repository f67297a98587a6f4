/// A value as it stands in a configuration file, before anybody knows what it is for.
public enum ConfigurationLiteral: Hashable, Sendable, CustomStringConvertible {
  /// `true`, `false`.
  case boolean(Bool)
  /// A whole number.
  case integer(Int)
  /// A number with a point or an exponent.
  case real(Double)
  /// Text in quotes.
  case text(String)
  /// `[a, b, c]`.
  case list([ConfigurationLiteral])
  /// A table, a date or a time: no key of ours takes one. The word says which.
  case other(String)

  /// The value as TOML writes it.
  public var description: String {
    switch self {
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let value): Self.quoted(value)
    case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .other(let name): name
    }
  }

  /// What kind of value it is, for a message: `a string`.
  public var kindName: String {
    switch self {
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .real: "a real number"
    case .text: "a string"
    case .list: "a list"
    case .other(let name): name
    }
  }

  /// A basic string of TOML: quotes, backslashes and control characters escaped.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
