import Contract

/// What was probably meant.
enum Nearest {
  /// The key nearest to `name` under `section`; nil where none is near enough to be worth naming.
  static func key(to name: String, under section: String) -> String? {
    let wanted = snakeCase(name)
    let ranked = ConfigurationKeys.rows.map { row in
      (row: row, distance: distance(wanted, row.name) + (row.section == section ? 0 : 1))
    }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= max(2, wanted.count / 3) || best.row.name.hasPrefix(wanted + "_")
    else { return nil }
    return best.row.section == section ? best.row.name : "\(best.row.name) in [\(best.row.section)]"
  }

  /// The section nearest to `name`.
  static func section(to name: String) -> String? {
    let wanted = snakeCase(name)
    let ranked = ConfigurationKeys.sections.map { (name: $0, distance: distance(wanted, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, wanted.count / 3) else {
      return nil
    }
    return best.name
  }

  /// Letters to insert, delete, replace or swap with their neighbour until `a` is `b` (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
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

  /// `TriggerArrivals` and `trigger-arrivals` as `trigger_arrivals`: habits of other formats.
  static func snakeCase(_ name: String) -> String {
    var words = ""
    var wasLower = false
    for letter in name {
      if letter.isUppercase, wasLower { words += "_" }
      words += letter == "-" ? "_" : letter.lowercased()
      wasLower = letter.isLowercase || letter.isNumber
    }
    return words
  }
}
