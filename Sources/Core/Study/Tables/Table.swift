/// A table before it is text: what stands in it, apart from how Markdown or HTML would have it.
struct Table {
  /// A column's head, and whether it holds numbers.
  struct Column {
    let head: String
    var isNumber = true
  }

  /// What stands in one place.
  struct Cell {
    /// How it stands out within its column.
    enum Rank { case best, second, other }

    let text: String
    var rank = Rank.other
  }

  let title: String
  let columns: [Column]
  var rows: [[Cell]]
  /// Sentences below it.
  var notes: [String] = []

  /// A table of words and numbers that do not compete.
  init(title: String, columns: [Column], rows: [[String]], notes: [String] = []) {
    self.title = title
    self.columns = columns
    self.rows = rows.map { $0.map { Cell(text: $0) } }
    self.notes = notes
  }

  /// Marks the best and the second of a column of shares, all of those that read the same: a difference that the table
  /// does not show must not be told by it. Shares are in the order of the rows, in which `decimals` of a percent are shown.
  mutating func rank(column: Int, by shares: [Double?], decimals: Int = 2) {
    let scale = (0..<decimals).reduce(100.0) { power, _ in power * 10 }
    let shown = shares.map { $0?.finite.map { ($0 * scale).rounded() } }
    let steps = Set(shown.compactMap { $0 }).sorted(by: >)
    // What stands alone is not the best of anything.
    guard shown.count(where: { $0 != nil }) > 1 else { return }
    for (index, value) in shown.enumerated() {
      if value == steps.first {
        rows[index][column].rank = .best
      } else if steps.count > 1, value == steps[1] {
        rows[index][column].rank = .second
      }
    }
  }
}
