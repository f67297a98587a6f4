import Contract
import TOMLKit

/// A configuration file, read but not yet understood: its keys with their literals and lines.
struct Document {
  /// A key as it stands in the file.
  struct Entry {
    var section: String
    var name: String
    var literal: ConfigurationLiteral
    var line: Int?
  }

  /// Sections, and what stands under them; a key outside of every section has the section "".
  private(set) var entries: [Entry] = []
  /// Sections as written, with their lines.
  private(set) var sections: [(name: String, line: Int?)] = []

  /// Reads `text`. Throws where it is not TOML, with the line.
  init(_ text: String, file: String) throws(ConfigurationFailure) {
    guard !text.utf8.contains(0) else {
      let line = 1 + text.utf8.prefix { $0 != 0 }.count { $0 == UInt8(ascii: "\n") }
      throw ConfigurationFailure([ConfigurationMistake(file: file, line: line, "a NUL byte; this is no text file")])
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch {
      let fault = error as? TOMLParseError
      let words = (fault?.description ?? "\(error)").split(whereSeparator: \.isNewline).joined(separator: " ")
      throw ConfigurationFailure([
        ConfigurationMistake(file: file, line: fault?.source.begin.line, "this is not TOML: \(words)")
      ])
    }
    let lines = KeyLines(of: text)
    for (section, content) in table {
      let line = lines.line(of: [section])
      guard let inner = content.table else {
        entries.append(Entry(section: "", name: section, literal: Document.literal(content), line: line))
        continue
      }
      sections.append((section, line))
      for (name, value) in inner {
        let literal = Document.literal(value)
        entries.append(Entry(section: section, name: name, literal: literal, line: lines.line(of: [section, name])))
      }
    }
    entries.sort { ($0.line ?? 0, $0.section, $0.name) < ($1.line ?? 0, $1.section, $1.name) }
    sections.sort { ($0.line ?? 0, $0.name) < ($1.line ?? 0, $1.name) }
  }

  private static func literal(_ value: some TOMLValueConvertible) -> ConfigurationLiteral {
    if let value = value.bool { return .boolean(value) }
    if let value = value.int { return .integer(value) }
    if let value = value.double { return .real(value) }
    if let value = value.string { return .text(value) }
    if let value = value.array { return .list(value.map { literal($0) }) }
    return .other("a \(value.type.description)")
  }
}
