import Contract

/// What was probably meant.
enum Nearest {
  /// The key nearest to `name` under `section`; nil where none is near enough to be worth naming.
  static func key(to name: String, under section: String) -> String? {
    let wanted = snakeCase(name)
    let ranked = ConfigurationKeys.rows.map { row in
      (row: row, distance: Spelling.distance(wanted, row.name) + (row.section == section ? 0 : 1))
    }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      Spelling.isNear(best.distance, to: wanted) || best.row.name.hasPrefix(wanted + "_")
    else { return nil }
    return best.row.section == section ? best.row.name : "\(best.row.name) in [\(best.row.section)]"
  }

  /// The section nearest to `name`.
  static func section(to name: String) -> String? {
    Spelling.nearest(to: snakeCase(name), among: ConfigurationKeys.sections)
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
