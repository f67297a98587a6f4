/// The lines on which keys and sections of a TOML document stand. The parser keeps them to itself, and a message that
/// names no line is of little help; so this finds them again. It takes documents that the parser has found well formed.
struct KeyLines {
  /// Lines from 1 by the key's full path, the first occurrence of each.
  private(set) var lines: [[String]: Int] = [:]

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(of text: String) {
    bytes = Array(text.utf8)
    var section: [String] = []
    while skipBlank(acrossLines: true) {
      if bytes[position] == UInt8(ascii: "[") {
        section = header()
      } else {
        pair(under: section)
      }
    }
  }

  /// The line of a key, or of the nearest table around it that is written out.
  func line(of path: [String]) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }

  // MARK: - What TOML has

  /// `[a.b]` or `[[a.b]]`.
  private mutating func header() -> [String] {
    while peek(UInt8(ascii: "[")) { position += 1 }
    let path = key()
    note(path)
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    return path
  }

  /// `key = value`.
  private mutating func pair(under section: [String]) {
    let before = position
    let path = section + key()
    note(path)
    _ = skipBlank(acrossLines: false)
    if peek(UInt8(ascii: "=")) { position += 1 }
    _ = skipBlank(acrossLines: false)
    value(of: path)
    // A document that is not TOML must not hold this loop for ever.
    if position == before { position += 1 }
  }

  /// A bare, quoted or dotted key.
  private mutating func key() -> [String] {
    var parts: [String] = []
    repeat {
      if peek(UInt8(ascii: ".")) { position += 1 }
      _ = skipBlank(acrossLines: false)
      if peek(UInt8(ascii: "\"")) || peek(UInt8(ascii: "'")) {
        parts.append(string())
      } else {
        let start = position
        while position < bytes.count, Self.isBare(bytes[position]) { position += 1 }
        parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      _ = skipBlank(acrossLines: false)
    } while peek(UInt8(ascii: "."))
    return parts
  }

  /// Any value. Keys of inline tables are noted; those in lists are not, they have no path of their own.
  private mutating func value(of path: [String]?) {
    guard position < bytes.count else { return }
    switch bytes[position] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = string()
    case UInt8(ascii: "["): items(closing: UInt8(ascii: "]")) { $0.value(of: nil) }
    case UInt8(ascii: "{"):
      items(closing: UInt8(ascii: "}")) { scanner in
        let inner = scanner.key()
        if let path { scanner.note(path + inner) }
        if scanner.peek(UInt8(ascii: "=")) { scanner.position += 1 }
        _ = scanner.skipBlank(acrossLines: true)
        scanner.value(of: path.map { $0 + inner })
      }
    default:
      while position < bytes.count, !",]}#\n".utf8.contains(bytes[position]) { position += 1 }
    }
  }

  private mutating func items(closing: UInt8, _ item: (inout KeyLines) -> Void) {
    position += 1
    while skipBlank(acrossLines: true) {
      if bytes[position] == closing {
        position += 1
        return
      }
      let before = position
      if bytes[position] == UInt8(ascii: ",") { position += 1 } else { item(&self) }
      if position == before { position += 1 }
    }
  }

  /// A string of any of the four kinds; its text where it is a key (keys are on one line).
  private mutating func string() -> String {
    let quote = bytes[position]
    let isLong = position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isLong ? 3 : 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      if byte == quote, !isLong {
        position += 1
        break
      }
      if byte == quote, isLong, isRun(of: quote, 3) {
        // Up to two quotes may stand before the closing three.
        while isRun(of: quote, 4) { position += 1 }
        position += 3
        break
      }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), position + 1 < bytes.count {
        position += 1
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      text.append(bytes[position])
      position += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: - Steps

  private mutating func note(_ path: [String]) {
    for depth in path.indices where lines[Array(path[...depth])] == nil { lines[Array(path[...depth])] = line }
  }

  /// Skips blanks and, across lines, line ends and comments. False at the end.
  private mutating func skipBlank(acrossLines: Bool) -> Bool {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
      case UInt8(ascii: "\r") where acrossLines: position += 1
      case UInt8(ascii: "\n") where acrossLines:
        line += 1
        position += 1
      case UInt8(ascii: "#") where acrossLines:
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      default: return true
      }
    }
    return false
  }

  private func peek(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

  private func isRun(of byte: UInt8, _ count: Int) -> Bool {
    position + count <= bytes.count && bytes[position..<position + count].allSatisfy { $0 == byte }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
