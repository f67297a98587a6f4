/// Rows as lines of text in columns as wide as they need to be: the first to the left, the others, which are figures, to
/// the right. Every row has as many cells as the first.
func columns(_ rows: [[String]]) -> String {
  let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      let gap = String(repeating: " ", count: widths[column] - cell.count)
      return column == 0 ? cell + gap : gap + cell
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
