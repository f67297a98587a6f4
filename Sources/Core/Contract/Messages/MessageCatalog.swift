/// The systemd message catalog: what `journalctl -x` prints below a record.
public enum MessageCatalog {
  /// The text of `popcornd.catalog`.
  public static var text: String {
    var text = """
      # Message catalog of popcornd. Made from the table of message kinds; a test holds it to that.

      """
    for kind in MessageKind.allCases {
      text += "\n-- \(kind.messageID)\nSubject: \(kind.subject)\nDefined-By: popcornd\n\n"
      text += wrapped(kind.catalogText) + "\n"
    }
    return text
  }

  private static func wrapped(_ sentence: String) -> String {
    var lines = [""]
    for word in sentence.split(separator: " ") {
      if lines[lines.count - 1].count + word.count + 1 > 78 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines.joined(separator: "\n")
  }
}
