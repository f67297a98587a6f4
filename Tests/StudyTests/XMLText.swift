/// As much of XML as shows whether a text is well-formed: tags that close, attributes once and in quotes, and no bare `&`, `<`.
struct XMLText {
  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  /// How often each element is there.
  private(set) var elements: [String: Int] = [:]
  /// Attributes' values, escapes undone, by element and attribute, such as `svg.viewBox`.
  private(set) var attributes: [String: [String]] = [:]
  /// All text between tags, escapes undone.
  private(set) var content = ""

  private var rest: Substring

  init(_ text: String) throws {
    rest = text[...]
    var open: [String] = []
    if rest.hasPrefix("<!DOCTYPE html>") { rest = rest.dropFirst(15) }
    var roots = 0
    while let next = rest.first {
      if next != "<" {
        let words = rest.prefix { $0 != "<" }
        rest = rest.dropFirst(words.count)
        if open.isEmpty, !words.allSatisfy(\.isWhitespace) { throw Malformed(description: "text outside: \(words)") }
        content += try Self.unescaped(words)
      } else if rest.hasPrefix("</") {
        let name = String(rest.dropFirst(2).prefix { $0 != ">" })
        guard open.popLast() == name else { throw Malformed(description: "</\(name)> closes nothing") }
        rest = rest.dropFirst(name.count + 3)
      } else {
        let (name, isClosed) = try tag()
        if open.isEmpty { roots += 1 }
        if !isClosed { open.append(name) }
      }
    }
    guard open.isEmpty, roots == 1 else { throw Malformed(description: "open at the end: \(open), \(roots) roots") }
  }

  private mutating func tag() throws -> (name: String, isClosed: Bool) {
    rest = rest.dropFirst()
    let name = String(rest.prefix { $0.isLetter || $0.isNumber })
    guard name.first?.isLetter == true else { throw Malformed(description: "no name: \(rest.prefix(20))") }
    rest = rest.dropFirst(name.count)
    elements[name, default: 0] += 1
    var seen: Set<String> = []
    while true {
      let space = rest.prefix(while: \.isWhitespace)
      rest = rest.dropFirst(space.count)
      if rest.hasPrefix("/>") || rest.hasPrefix(">") {
        let isClosed = rest.hasPrefix("/>")
        rest = rest.dropFirst(isClosed ? 2 : 1)
        return (name, isClosed)
      }
      let attribute = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" })
      rest = rest.dropFirst(attribute.count)
      guard !attribute.isEmpty, !space.isEmpty, seen.insert(attribute).inserted, rest.hasPrefix("=\"") else {
        throw Malformed(description: "attribute \(attribute) of \(name): \(rest.prefix(20))")
      }
      let value = rest.dropFirst(2).prefix { $0 != "\"" }
      guard !value.contains("<") else { throw Malformed(description: "< in \(attribute)") }
      attributes["\(name).\(attribute)", default: []].append(try Self.unescaped(value))
      rest = rest.dropFirst(value.count + 3)
    }
  }

  private static func unescaped(_ text: Substring) throws -> String {
    let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
    let parts = text.split(separator: "&", omittingEmptySubsequences: false)
    return try parts.dropFirst().reduce(into: String(parts[0])) { text, part in
      let halves = part.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, let sign = known[String(halves[0])] else {
        throw Malformed(description: "bare & before \(part.prefix(10))")
      }
      text += sign + halves[1]
    }
  }
}
