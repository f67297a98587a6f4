/// Names come from folders and may hold anything: each language has its own way to say them.
enum Escaping {
  /// For the text and the attributes of XML, SVG and HTML. What XML forbids becomes U+FFFD.
  static func xml(_ text: String, quotes: Bool = true) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out.append(contentsOf: "&amp;".unicodeScalars)
      case "<": out.append(contentsOf: "&lt;".unicodeScalars)
      case ">": out.append(contentsOf: "&gt;".unicodeScalars)
      case "\"" where quotes: out.append(contentsOf: "&quot;".unicodeScalars)
      case "'" where quotes: out.append(contentsOf: "&#39;".unicodeScalars)
      case "\t", "\n", "\r": out.append(" ")
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE:
        out.append("\u{FFFD}")
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  /// For a cell or a line of Markdown, where HTML is let through and signs have meanings.
  static func markdown(_ text: String) -> String {
    var out = ""
    for character in xml(text, quotes: false) {
      if "\\`*_[]|~".contains(character) { out.append("\\") }
      out.append(character)
    }
    return out
  }

  /// A field of comma-separated values (RFC 4180).
  static func field(_ text: String) -> String {
    // By scalars: a carriage return and a line feed are one character to Swift, which equals neither.
    guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
