/// A JSON value whose members keep their order: for files that people read, standard fields first.
public indirect enum JSONText: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A number; one that is not finite is written as `null`.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONText])
  /// An object, in this order.
  case object([(name: String, value: JSONText)])

  /// The value as text, two blanks a level, with a final newline. Equal values have equal text.
  public var document: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// Equal text.
  public static func == (a: JSONText, b: JSONText) -> Bool { a.document == b.document }

  private func write(to text: inout String, indent: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? String(value) : "null"
    case .string(let value): JSONText.quote(value, to: &text)
    case .array(let values):
      JSONText.write(values, "[", "]", to: &text, indent: indent) { value, text in
        value.write(to: &text, indent: indent + 1)
      }
    case .object(let members):
      JSONText.write(members, "{", "}", to: &text, indent: indent) { member, text in
        JSONText.quote(member.name, to: &text)
        text += ": "
        member.value.write(to: &text, indent: indent + 1)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], _ open: String, _ close: String, to text: inout String, indent: Int,
    _ writeElement: (Element, inout String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      text += index == 0 ? "\n" : ",\n"
      text += String(repeating: "  ", count: indent + 1)
      writeElement(element, &text)
    }
    if !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
