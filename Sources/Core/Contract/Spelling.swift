/// Which of the words that are known was probably meant.
public enum Spelling {
  /// The one nearest to `word`, the first of equals; nil where none is near enough to be worth naming.
  public static func nearest(to word: String, among known: [String]) -> String? {
    let ranked = known.map { (word: $0, distance: distance(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }), isNear(best.distance, to: word) else { return nil }
    return best.word
  }

  /// Whether so many letters to change may be a slip in `word`: two, or a third of it, but not all of it.
  public static func isNear(_ distance: Int, to word: String) -> Bool {
    distance <= max(2, word.count / 3) && distance < word.count
  }

  /// Letters to insert, delete, replace or swap with their neighbour until `a` is `b` (optimal string alignment).
  public static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
