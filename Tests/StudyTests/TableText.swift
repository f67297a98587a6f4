// Written tables, as their readers have them.

/// RFC 4180, as a reader has it.
func parsed(_ text: String) -> [[String]] {
  var (records, fields, field): ([[String]], [String], String.UnicodeScalarView) = ([], [], .init())
  var isQuoted = false
  let scalars = Array(text.unicodeScalars)
  var index = 0
  while index < scalars.count {
    let scalar = scalars[index]
    let next = index + 1 < scalars.count ? scalars[index + 1] : nil
    switch (isQuoted, scalar) {
    case (true, "\"") where next == "\"":
      field.append("\"")
      index += 1
    case (_, "\""): isQuoted.toggle()
    case (false, ","):
      fields.append(String(field))
      field = .init()
    case (false, "\r"), (false, "\n"):
      records.append(fields + [String(field)])
      (fields, field) = ([], .init())
      if scalar == "\r", next == "\n" { index += 1 }
    default: field.append(scalar)
    }
    index += 1
  }
  return records
}

/// Cells of the Markdown table below a heading that begins so, without heads and rule.
func grid(_ text: String, _ heading: String) -> [[String]] {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  guard let start = lines.firstIndex(where: { $0.hasPrefix("## " + heading) }) else { return [] }
  let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }
  return rows.dropFirst(2).map { row in
    row.dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false).map(String.init)
  }
}
