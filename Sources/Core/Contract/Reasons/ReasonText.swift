/// What a reason code means, in words for the person who dropped the file.
public struct ReasonText: Sendable {
  /// What becomes of what it is about.
  public enum Outcome: String, Sendable, CaseIterable {
    /// No judgement yet: it is tried again.
    case wait
    /// Taken, with a remark.
    case accept
    /// Needs a person; stays safe.
    case hold
    /// Cannot be used; put aside with a receipt.
    case reject
    /// Known already; put aside with a receipt.
    case duplicate
    /// Not for us; counted.
    case skip
    /// A fault of the host or of the training: nothing is lost, the service goes on.
    case survive
  }

  /// What becomes of it.
  public let outcome: Outcome
  /// How urgent a record of it is.
  public let priority: JournalPriority
  /// One sentence with `{name}` for measured numbers; a part in `[…]` is left out where its number is missing.
  public let explanation: String
  /// What to do, in plain words.
  public let remedy: String

  init(_ outcome: Outcome, _ priority: JournalPriority, _ explanation: String, _ remedy: String) {
    self.outcome = outcome
    self.priority = priority
    self.explanation = explanation
    self.remedy = remedy
  }

  /// The explanation with its numbers. Numbers that it does not name follow in brackets, so that none is lost.
  public func explanation(with numbers: [Verdict.Number]) -> String {
    var sentence = ""
    var used: Set<String> = []
    for (part, isOptional) in ReasonText.parts(of: explanation) {
      let names = ReasonText.placeholders(in: part)
      let known = names.filter { name in numbers.contains { $0.name == name } }
      if isOptional, known.count < names.count { continue }
      sentence += ReasonText.filled(part, with: numbers)
      used.formUnion(known)
    }
    let rest = numbers.filter { !used.contains($0.name) }.map { "\($0.name): \($0.value)" }
    return rest.isEmpty ? sentence : sentence + " (" + rest.joined(separator: "; ") + ")"
  }

  /// The parts of a sentence; those in `[…]` are optional.
  private static func parts(of sentence: String) -> [(text: String, isOptional: Bool)] {
    sentence.split(separator: "[", omittingEmptySubsequences: false).enumerated().flatMap { index, piece in
      guard index > 0, let end = piece.firstIndex(of: "]") else { return [(String(piece), false)] }
      return [(String(piece[..<end]), true), (String(piece[piece.index(after: end)...]), false)]
    }
  }

  /// A part with its numbers in place, in one pass: what a number says is never taken for a placeholder.
  private static func filled(_ part: String, with numbers: [Verdict.Number]) -> String {
    part.split(separator: "{", omittingEmptySubsequences: false).enumerated().map { index, piece in
      guard index > 0, let end = piece.firstIndex(of: "}") else { return String(piece) }
      let value = numbers.first { $0.name == piece[..<end] }?.value
      return (value ?? "?") + piece[piece.index(after: end)...]
    }.joined()
  }

  /// The names in `{…}`.
  public static func placeholders(in text: String) -> [String] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
      piece.firstIndex(of: "}").map { String(piece[..<$0]) }
    }
  }
}
