import Contract

/// `etc/popcornd.toml`: every key with what it does, what it takes and its default, commented.
public enum ReferenceFile {
  /// The file's text.
  public static var text: String {
    var text = """
      # popcornd: configuration of the service. Every key is here with its default; uncomment what is to differ.
      #
      # /etc/popcornd/popcornd.toml is the default study. A further study NAME has /etc/popcornd/NAME.toml and runs as
      # popcornd@NAME.service; its paths are /srv/popcornd/NAME/..., /var/lib/popcornd/studies/NAME and
      # /run/popcornd/studies/NAME where they are not given. Files in FILE.d/*.toml are read after FILE, in name order;
      # later ones win, key by key.
      # `systemctl reload popcornd` takes the keys that are not marked; a mistake is named with file and line.
      # Marks: (restart) counts at the next start, (study) changes what old results mean: only for a new study.
      # Once a study has a case, the service does not start with another value for a key that is marked (study).

      """
    for section in ConfigurationKeys.sections {
      text += "\n# \(ConfigurationKeys.sectionSentences[section] ?? "")\n[\(section)]\n"
      for row in ConfigurationKeys.rows where row.section == section {
        let mark = row.change == .reload ? "" : " (\(row.change.rawValue))"
        text += "\n" + wrapped("\(row.sentence) Takes \(row.expectation).\(mark)")
        text += "#\(row.name) = \(row.standardLiteral)\n"
      }
    }
    return text
  }

  /// Comment lines of at most 120 characters.
  private static func wrapped(_ sentence: String) -> String {
    var lines = ["#"]
    for word in sentence.split(separator: " ") {
      if lines[lines.count - 1].count + word.count + 1 > 120 { lines.append("#") }
      lines[lines.count - 1] += " " + word
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
