import ArgumentParser
import Contract
import Files
import Ledger
import SystemPackage

struct Status: Command {
  static let configuration = CommandConfiguration(abstract: "How the service is.")
  @OptionGroup var study: Study
  @Flag(help: "As JSON.") var json = false

  func act() async throws -> Contract.ExitCode {
    guard case .status(let status)? = try Service(study).ask(.status) else {
      if json { print("{}") } else { print("popcornd is not running") }
      return .notRunning
    }
    if json {
      try printJSON(status)
      return .success
    }
    print("\(status.instance): \(status.headline)")
    let missing = status.expertsMissing > 0 ? ", \(status.expertsMissing) more needed" : ""
    let model = status.model.map { " (\($0.prefix(12)))" } ?? ""
    var rows: [[String]] = [
      ["version", "\(status.version), process \(status.pid), since \(status.since)"],
      ["generation", status.generation.map { String($0) + model } ?? "none yet"],
      ["expert masks", "\(status.expertSubjects) subjects\(missing)"],
      ["arrivals", "\(status.arrivals) of \(status.arrivalsForCycle) since the last cycle"],
      ["files that wait for another", String(status.filesWaiting)],
      ["drafts to make", String(status.draftsWaiting)],
      ["worker", status.worker],
      ["cycle", Status.words(status.cycle)],
      ["training", status.paused ? "paused" : "allowed"],
      ["audit records", String(status.auditRecords)],
    ]
    for state in CaseState.allCases { rows.append([state.rawValue, String(status.cases[state.rawValue] ?? 0)]) }
    for inbox in status.inboxes {
      rows.append(["inbox", "\(inbox.path): \(inbox.trouble ?? "\(inbox.pending) files to take")"])
    }
    for trouble in status.trouble { rows.append(["look at", trouble]) }
    print(Table([], rows).text(hasHeading: false))
    return .success
  }

  private static func words(_ cycle: ServiceStatus.Cycle?) -> String {
    guard let cycle else { return "none" }
    guard let progress = cycle.progress else { return String(cycle.number) }
    return "\(cycle.number), \(progress.phase) \(progress.done) of \(progress.total)"
  }
}

struct Queue: Command {
  static let configuration = CommandConfiguration(abstract: "The pool, nearest to the training set first.")
  @OptionGroup var study: Study
  @Flag(help: "As JSON.") var json = false
  @Flag(help: "Without the heading.") var noLegend = false

  func act() async throws -> Contract.ExitCode {
    let ledger = try study.ledger()
    let entries = try ledger.queue().enumerated().map { place, entry in
      QueueEntry(
        id: entry.case.label, state: entry.case.state, rank: place + 1, proximity: entry.proximity?.sum,
        generation: try ledger.masks(of: entry.case.label).last?.generation)
    }
    if json {
      try printJSON(entries)
    } else {
      let rows = entries.map { entry in
        [
          String(entry.rank), entry.id, entry.state.rawValue, entry.proximity.map { String($0) } ?? "-",
          entry.generation.map { String($0) } ?? "-",
        ]
      }
      print(Table(["RANK", "CASE", "STATE", "PROXIMITY", "GENERATION"], rows).text(hasHeading: !noLegend))
    }
    return .success
  }
}

struct CaseGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "case", abstract: "What is known of a case.", subcommands: [Show.self, List.self])

  struct Show: Command {
    static let configuration = CommandConfiguration(abstract: "All of one case.")
    @OptionGroup var study: Study
    @Argument(help: "The case's label.") var id: String
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let facts = try CaseFacts(id, in: study.ledger())
      if json { try printJSON(facts) } else { print(facts.text) }
      return .success
    }
  }

  struct List: Command {
    static let configuration = CommandConfiguration(abstract: "All cases, or those in one state.")
    @OptionGroup var study: Study
    @Option(help: "Only those in this state.") var state: String?
    @Flag(help: "As JSON.") var json = false
    @Flag(help: "Without the heading.") var noLegend = false

    func act() async throws -> Contract.ExitCode {
      let wanted = try state.map { word throws(Failure) -> CaseState in
        guard let state = CaseState(rawValue: word) else {
          let words = CaseState.allCases.map(\.rawValue).joined(separator: ", ")
          throw Failure("\(word) is no state; states are \(words)", .usage)
        }
        return state
      }
      let cases = try study.ledger().cases(in: wanted).sorted { $0.label < $1.label }
      if json {
        try printJSON(
          cases.map {
            CaseLine(
              id: $0.label, state: $0.state, reason: $0.reason, subject: $0.subject, arrived: $0.arrived.description)
          })
      } else {
        let rows = cases.map { [$0.label, $0.state.rawValue, $0.reason?.rawValue ?? "-", $0.arrived.description] }
        print(Table(["CASE", "STATE", "REASON", "ARRIVED"], rows).text(hasHeading: !noLegend))
      }
      return .success
    }
  }
}

private struct CaseLine: Encodable {
  let id: String
  let state: CaseState
  let reason: ReasonCode?
  let subject: String
  let arrived: String
}

struct Explain: Command {
  static let configuration = CommandConfiguration(abstract: "Why a case is where it is, and what to do.")
  @OptionGroup var study: Study
  @Argument(help: "The case's label.") var id: String

  func act() async throws -> Contract.ExitCode {
    let ledger = try study.ledger()
    let known = try ledger.case(id)
    print("Case \(id) is \(known.state.rawValue). \(Explain.words(known.state))")
    if let reason = known.reason {
      print("\(reason.rawValue): \(reason.explanation())")
      print("What to do: \(reason.remedy)")
    }
    if let selection = try ledger.selections(of: id).last {
      print(
        "Cycle \(selection.cycle) took it in step \(selection.step) at rank \(selection.rank): the distances to its nearest training scans sum to \(selection.proximity.sum)."
      )
      for near in selection.proximity.nearest { print("  \(near.id) at \(near.distance)") }
    } else if let place = try ledger.queue().firstIndex(where: { $0.case.label == id }) {
      let entry = try ledger.queue()[place]
      print(
        entry.proximity.map { "In the queue it is number \(place + 1); its distances sum to \($0.sum)." }
          ?? "In the queue it is number \(place + 1); its latent is not known yet.")
      for near in entry.proximity?.nearest ?? [] { print("  \(near.id) at \(near.distance)") }
    }
    if let mask = try ledger.masks(of: id).last {
      print(
        "Generation \(mask.generation) found \(mask.figures.lesionCount) lesions, \(mask.figures.volumeMl) ml. Not for diagnosis."
      )
    }
    for record in try ledger.auditRecords(of: id, last: 20) {
      let change = [record.before, record.after].compactMap { $0 }.joined(separator: " -> ")
      print("  \(record.time)  \(record.event.rawValue)  \(change)  \(record.reason ?? "")")
    }
    return .success
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
