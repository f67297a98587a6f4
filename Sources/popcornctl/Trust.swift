import ArgumentParser
import Contract
import Files
import Ledger
import SystemPackage
import Terminal

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The chain of all that happened.", subcommands: [Verify.self, Tail.self])

  struct Verify: Command {
    static let configuration = CommandConfiguration(
      abstract: """
        Walk the whole chain; compare it with the cases and expert masks that there are, and with the heads in the file \
        that audit_head names.
        """)
    @OptionGroup var study: Study
    @Option(help: "A head that was remembered elsewhere, SEQ:HASH; may repeat.") var head: [String] = []
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let given = try head.map { text throws(Failure) -> AuditHead in
        let parts = text.split(separator: ":")
        guard parts.count == 2, let seq = Int(parts[0]) else { throw Failure("\(text) is not SEQ:HASH", .usage) }
        return AuditHead(seq: seq, hash: String(parts[1]))
      }
      // Before the chain is read: what is noted meanwhile would lie past its end.
      let noted = try Verify.noted(in: study.settings().state.auditHead)
      let heads = given + (noted ?? [])
      let report = try study.ledger().verifyAudit(remembered: heads)
      if json {
        try printJSON(
          Report(
            records: report.records, head: report.head, compared: heads.count,
            breaks: report.breaks.map(\.description)))
      } else {
        for found in report.breaks { try standardOutput(found.description) }
        let agreeing = heads.isEmpty ? "" : "; all \(heads.count) remembered heads are in it"
        try standardOutput(
          report.isWhole
            ? "\(report.records) records, whole; head \(report.head.seq):\(report.head.hash)\(agreeing)"
            : "the chain is broken in \(report.breaks.count) places")
      }
      guard report.isWhole else { return .mismatch }
      return noted == nil ? .noInput : .success
    }

    /// The heads that the service has noted in a file; none where no file is configured, nil where it is of no use: it
    /// has a head from the service's first minute on.
    private static func noted(in path: String) -> [AuditHead]? {
      guard !path.isEmpty else { return [] }
      do throws(FileFault) {
        let content = try AuditHeadFile(FilePath(path)).read()
        if content.unreadable > 0 { complain("\(content.unreadable) lines of \(path) are no heads") }
        if content.heads.isEmpty { complain("there is no head in \(path): the chain's end is not vouched for") }
        return content.heads.isEmpty ? nil : content.heads
      } catch {
        complain("the chain's end is not vouched for: \(error)")
        return nil
      }
    }
  }

  struct Tail: Command {
    static let configuration = CommandConfiguration(abstract: "The last records.")
    @OptionGroup var study: Study
    @Option(name: .short, help: "How many.") var n = 20
    @Flag(help: "As JSON.") var json = false

    func validate() throws {
      if n < 1 { throw ValidationError("-n \(n): 1 or more is needed.") }
    }

    func act() async throws -> Contract.ExitCode {
      let records = try study.ledger().auditRecords(last: n)
      if json {
        try printJSON(records)
      } else {
        let rows = records.map { record in
          [
            String(record.seq), record.time, String(record.actor), record.event.rawValue, record.caseLabel ?? "-",
            [record.before, record.after].compactMap { $0 }.joined(separator: " -> "),
            record.reason ?? record.facts["command"] ?? "",
          ]
        }
        try standardOutput(Table(["SEQ", "TIME", "UID", "EVENT", "CASE", "STATE", "REASON"], rows).text())
      }
      return .success
    }
  }

  private struct Report: Encodable {
    let records: Int
    let head: AuditHead
    let compared: Int
    let breaks: [String]
  }
}

struct Dump: Command {
  static let configuration = CommandConfiguration(
    abstract: "The final facts of the ledger as sorted lines: equal for equal runs.", shouldDisplay: false)
  @OptionGroup var study: Study

  func act() async throws -> Contract.ExitCode {
    try standardOutput(try study.ledger().canonicalDump(), terminator: "")
    return .success
  }
}

struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The generations.", subcommands: [List.self])

  struct List: Command {
    static let configuration = CommandConfiguration(abstract: "All generations, and what the gate refused.")
    @OptionGroup var study: Study
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let ledger = try study.ledger()
      let current = try ledger.currentGeneration()?.number
      let lines = try ledger.generations().map { generation in
        Line(
          generation: generation.number, cycle: generation.cycle, model: generation.model.description,
          dice: generation.meanDice, isCurrent: generation.number == current, words: generation.words,
          published: generation.published.description, isKept: generation.retired == nil)
      }
      if json {
        try printJSON(lines)
      } else {
        let rows = lines.map { line in
          [
            line.isCurrent ? "*" : " ", String(line.generation), String(line.cycle), String(line.model.prefix(12)),
            line.dice.map { String(($0 * 1000).rounded() / 1000) } ?? "-", line.isKept ? "kept" : "not kept",
            line.published, line.words,
          ]
        }
        try standardOutput(
          Table([" ", "GENERATION", "CYCLE", "MODEL", "DICE", "WEIGHTS", "PUBLISHED", "GATE"], rows).text())
        for attempt in try ledger.attempts() {
          try standardOutput("cycle \(attempt.cycle) made no generation: \(attempt.words)")
        }
      }
      return .success
    }
  }

  private struct Line: Encodable {
    let generation: Int
    let cycle: Int
    let model: String
    let dice: Double?
    let isCurrent: Bool
    let words: String
    let published: String
    let isKept: Bool
  }
}
