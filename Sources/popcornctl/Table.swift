import FoundationEssentials
import Terminal

/// Columns of text, as wide as they must be.
struct Table {
  private let rows: [[String]]

  /// A table with a heading over its rows.
  init(_ heading: [String], _ rows: [[String]]) { self.rows = [heading] + rows }

  /// The text; without its heading where `hasHeading` is false.
  func text(hasHeading: Bool = true) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.dropFirst(hasHeading ? 0 : 1).map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }
      return cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// Prints a value as JSON, keys in order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  try standardOutput(String(decoding: try encoder.encode(value), as: UTF8.self))
}
