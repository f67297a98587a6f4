/// What is wrong with what training was given, and what to do about it.
public enum MethodError: Error, Equatable, CustomStringConvertible {
  /// A name that is none of the known.
  case unknown(String, String, known: [String])
  /// A setting outside of its range.
  case setting(String)
  /// Nothing to learn from.
  case nothingToLearn(String)
  /// A checkpoint that nothing can go on from: it is damaged, or of another order or version. Only a beginning helps.
  case checkpoint(String)

  /// In words.
  public var description: String {
    guard case .unknown(_, _, let known) = self else { return brief }
    return brief + (brief.hasSuffix("?") ? " It is one of " : ": one of ") + known.joined(separator: ", ")
  }

  /// In words, without all the names that are known.
  var brief: String {
    switch self {
    case .unknown(let kind, let name, let known):
      "unknown \(kind) '\(name)'" + (Spelling.nearest(to: name, among: known).map { ": did you mean \($0)?" } ?? "")
    case .setting(let what), .nothingToLearn(let what), .checkpoint(let what): what
    }
  }
}
