import Contract

/// A configuration file, read but not yet understood: its keys with their literals and lines.
struct Document {
  /// A key as it stands in the file.
  struct Entry {
    var section: String
    var name: String
    var literal: ConfigurationLiteral
    var line: Int
  }

  /// Sections, and what stands under them; a key outside of every section has the section "".
  private(set) var entries: [Entry] = []
  /// Sections as written, with their lines.
  private(set) var sections: [(name: String, line: Int)] = []

  /// Reads `text`. Throws where it is not TOML, with the line.
  init(_ text: String, file: String) throws(ConfigurationFailure) {
    guard !text.utf8.contains(0) else {
      let line = 1 + text.utf8.prefix { $0 != 0 }.count { $0 == UInt8(ascii: "\n") }
      throw ConfigurationFailure([ConfigurationMistake(file: file, line: line, "a NUL byte; this is no text file")])
    }
    let root: TOMLNode
    do {
      root = try TOMLNode(document: text)
    } catch {
      let words = error.words.split(whereSeparator: \.isNewline).joined(separator: " ")
      throw ConfigurationFailure([ConfigurationMistake(file: file, line: error.line, "this is not TOML: \(words)")])
    }
    guard case .table(let top) = root.content else { return }
    for node in top {
      guard case .table(let inner) = node.content else {
        entries.append(Entry(section: "", name: node.key, literal: Document.literal(node), line: node.line))
        continue
      }
      sections.append((node.key, node.line))
      for value in inner {
        entries.append(
          Entry(section: node.key, name: value.key, literal: Document.literal(value), line: value.line))
      }
    }
    entries.sort { ($0.line, $0.section, $0.name) < ($1.line, $1.section, $1.name) }
    sections.sort { ($0.line, $0.name) < ($1.line, $1.name) }
  }

  private static func literal(_ node: TOMLNode) -> ConfigurationLiteral {
    switch node.content {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .real(let value): .real(value)
    case .text(let value): .text(value)
    case .list(let nodes): .list(nodes.map { literal($0) })
    case .table: .other("a table")
    case .other(let name): .other("a \(name)")
    }
  }
}
