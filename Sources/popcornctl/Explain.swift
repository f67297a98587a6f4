import ArgumentParser
import Contract
import Ledger
import Terminal

struct Explain: Command {
  static let configuration = CommandConfiguration(abstract: "Why a case is where it is, and what to do.")
  @OptionGroup var study: Study
  @Argument(help: "The case's label.") var id: String
  @Flag(help: "As JSON.") var json = false

  func act() async throws -> Contract.ExitCode {
    let explanation = try Explanation(id, in: study.ledger())
    if json { try printJSON(explanation) } else { try standardOutput(explanation.text) }
    return .success
  }
}

/// Why a case is where it is.
struct Explanation: Encodable {
  struct Doubt: Encodable {
    let reason: ReasonCode
    let words: String
    let remedy: String
  }
  struct Selected: Encodable {
    let cycle: Int
    let step: Int
    let rank: Int
    let proximity: ProximityFigures
  }
  struct Queued: Encodable {
    let rank: Int
    /// nil while its latent is not known.
    let proximity: ProximityFigures?
  }
  struct Mask: Encodable {
    let generation: Int
    let lesions: Int
    let volumeMl: Double
  }

  let id: String
  let state: CaseState
  let words: String
  let doubt: Doubt?
  let selected: Selected?
  let queued: Queued?
  let mask: Mask?
  /// The last records of the audit chain about it.
  let records: [AuditRecord]

  /// Of the case with this label. Throws where there is none.
  init(_ id: String, in ledger: Ledger) throws {
    let known = try ledger.case(id)
    self.id = id
    state = known.state
    words = Explanation.words(known.state)
    doubt = known.reason.map { Doubt(reason: $0, words: $0.explanation(), remedy: $0.remedy) }
    selected = try ledger.selections(of: id).last.map {
      Selected(cycle: $0.cycle, step: $0.step, rank: $0.rank, proximity: $0.proximity)
    }
    let queue = try ledger.queue()
    queued = queue.firstIndex { $0.case.label == id }.map { Queued(rank: $0 + 1, proximity: queue[$0].proximity) }
    mask = try ledger.masks(of: id).last.map {
      Mask(generation: $0.generation, lesions: $0.figures.lesionCount, volumeMl: $0.figures.volumeMl)
    }
    records = try ledger.auditRecords(of: id, last: 20)
  }

  /// For a person, without a line's end.
  var text: String {
    var lines = ["Case \(id) is \(state.rawValue). \(words)"]
    if let doubt { lines += ["\(doubt.reason.rawValue): \(doubt.words)", "What to do: \(doubt.remedy)"] }
    if let selected {
      lines.append(
        "Cycle \(selected.cycle) took it in step \(selected.step) at rank \(selected.rank): the distances to its "
          + "nearest training scans sum to \(selected.proximity.sum).")
    } else if let queued {
      let distances = queued.proximity.map { "its distances sum to \($0.sum)" } ?? "its latent is not known yet"
      lines.append("In the queue it is number \(queued.rank); \(distances).")
    }
    let nearest = (selected?.proximity ?? queued?.proximity)?.nearest ?? []
    lines += nearest.map { "  \($0.id) at \($0.distance)" }
    if let mask {
      lines.append(
        "Generation \(mask.generation) found \(mask.lesions) lesions, \(mask.volumeMl) ml. Not for diagnosis.")
    }
    lines += records.map { record in
      let change = [record.before, record.after].compactMap { $0 }.joined(separator: " -> ")
      return "  \(record.time)  \(record.event.rawValue)  \(change)  \(record.reason ?? "")"
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ state: CaseState) -> String {
    switch state {
    case .accepted: "It waits for its draft mask."
    case .drafted: "It has a draft mask and waits in the pool."
    case .pseudo: "Its pseudo-label is in the training set."
    case .expert: "Its expert mask is in the training set, or judges there."
    case .waiting: "It waits for its expert mask in labeled/."
    case .held: "It waits for a person: popcornctl release lets it go on."
    case .rejected: "It cannot be used as it is."
    case .withdrawn: "It was taken out for good."
    }
  }
}
