import ArgumentParser
import Contract
import Files
import Ledger
import SystemPackage
import Terminal

struct Status: Command {
  static let configuration = CommandConfiguration(abstract: "How the service is.")
  @OptionGroup var study: Study
  @Flag(help: "As JSON.") var json = false

  func act() async throws -> Contract.ExitCode {
    guard case .status(let status)? = try Service(study).ask(.status) else {
      if json { try standardOutput("{}") } else { try standardOutput("popcornd is not running") }
      return .notRunning
    }
    if json {
      try printJSON(status)
      return .success
    }
    try standardOutput("\(status.instance): \(status.headline)")
    let missing = status.expertsMissing > 0 ? ", \(status.expertsMissing) more needed" : ""
    let model = status.model.map { " (\($0.prefix(12)))" } ?? ""
    var rows: [[String]] = [
      ["version", "\(status.version), process \(status.pid), since \(status.since)"],
      ["generation", status.generation.map { String($0) + model } ?? "none yet"],
      ["expert masks", "\(status.expertSubjects) subjects\(missing)"],
      ["arrivals", "\(status.arrivals) of \(status.arrivalsForCycle) since the last cycle"],
      ["files held", status.filesHeld.map { String($0) } ?? "not said"],
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
    try standardOutput(Table([], rows).text(hasHeading: false))
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
    let entries: [QueueEntry]
    switch try Service(study).ask(.queue) {
    case .queue(let waiting)?: entries = waiting
    case nil:
      let ledger = try study.ledger()
      entries = Ledger.entries(of: try ledger.queue(), newest: try ledger.newestMasks())
    case .status?, .done?, .refused?: throw Failure("the service answered something else", .temporaryFailure)
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
      try standardOutput(Table(["RANK", "CASE", "STATE", "PROXIMITY", "GENERATION"], rows).text(hasHeading: !noLegend))
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
      if json { try printJSON(facts) } else { try standardOutput(facts.text) }
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
        try standardOutput(Table(["CASE", "STATE", "REASON", "ARRIVED"], rows).text(hasHeading: !noLegend))
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
