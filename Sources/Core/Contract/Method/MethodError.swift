/// What is wrong with what training was given, and what to do about it.
public enum MethodError: Error, Equatable, CustomStringConvertible {
  /// A name that is none of the known.
  case unknown(String, String, known: [String])
  /// A setting outside of its range.
  case setting(String)
  /// Nothing to learn from.
  case nothingToLearn(String)
  /// A checkpoint that belongs to another order, or is damaged.
  case checkpoint(String)

  /// In words.
  public var description: String {
    switch self {
    case .unknown(let kind, let name, let known):
      if let meant {
        "unknown \(kind) '\(name)': did you mean \(meant)? It is one of \(known.joined(separator: ", "))"
      } else {
        "unknown \(kind) '\(name)': one of \(known.joined(separator: ", "))"
      }
    case .setting(let what): what
    case .nothingToLearn(let what): what
    case .checkpoint(let what): what
    }
  }

  /// What was probably meant by an unknown name.
  var meant: String? {
    if case .unknown(_, let name, let known) = self { Spelling.nearest(to: name, among: known) } else { nil }
  }
}
