import Contract

/// What is in store for a file that is checked before it is dropped.
struct Outlook: Encodable {
  /// How it ends.
  enum End: String, Encodable {
    case accepted, waits, held, duplicate, rejected
    case passedOver = "passed-over"
  }

  /// As it was named.
  let file: String
  let becomes: End
  /// What it is read as; nil where it is not read.
  let role: FileRole?
  let verdict: Verdict?
  /// Why it is left alone; nil where it is read.
  let words: String?

  /// A file that is left alone, and why.
  init(file: String, words: String) {
    self.file = file
    becomes = .passedOver
    role = nil
    verdict = nil
    self.words = words
  }

  /// A file that is read.
  init(file: String, role: FileRole, verdict: Verdict) {
    self.file = file
    self.role = role
    self.verdict = verdict
    words = nil
    becomes =
      switch verdict.outcome {
      case .accept: verdict.reason == .duplicate ? .duplicate : .accepted
      case .wait: .waits
      case .hold: .held
      case .reject: .rejected
      }
  }

  /// For a person, without a line's end.
  var text: String {
    guard let verdict else { return "\(file): would be left alone: \(words ?? "")" }
    var lines = ["\(file): \(end(of: verdict))" + (verdict.reason.map { " (\($0.rawValue))" } ?? "")]
    if let reason = verdict.reason {
      lines.append("  \(reason.explanation(with: verdict.numbers))")
      lines.append("  What to do: \(reason.remedy)")
    }
    switch role {
    case .label: lines.append("  read as an expert's mask")
    case .brain: lines.append("  read as a brain mask")
    case .scan, nil: break
    }
    if let geometry = verdict.geometry {
      let grid = geometry.size.map { String($0) }.joined(separator: " x ")
      let edges = geometry.spacing.map { String(($0 * 1000).rounded() / 1000) }.joined(separator: " x ")
      lines.append("  \(grid) voxels of \(edges) mm, \(verdict.axisCodes ?? "?")")
    }
    lines += (verdict.normalisations + verdict.warnings).map { "  noted: \($0)" }
    return lines.joined(separator: "\n")
  }

  private func end(of verdict: Verdict) -> String {
    switch becomes {
    case .accepted: "would be accepted"
    case .waits: verdict.reason == .waitingPair ? "would wait for its scan" : "is not whole yet"
    case .held: "would be held"
    case .duplicate: "would be put into duplicates/"
    case .rejected: "would be rejected"
    case .passedOver: "would be left alone"
    }
  }
}
