import ArgumentParser
import Contract
import Ledger

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The chain of all that happened.", subcommands: [Verify.self, Tail.self])

  struct Verify: Command {
    static let configuration = CommandConfiguration(abstract: "Walk the whole chain.")
    @OptionGroup var study: Study
    @Option(help: "A head that was remembered elsewhere, SEQ:HASH; may repeat.") var head: [String] = []
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let heads = try head.map { text throws(Failure) -> AuditHead in
        let parts = text.split(separator: ":")
        guard parts.count == 2, let seq = Int(parts[0]) else { throw Failure("\(text) is not SEQ:HASH", .usage) }
        return AuditHead(seq: seq, hash: String(parts[1]))
      }
      let report = try study.ledger().verifyAudit(remembered: heads)
      if json {
        try printJSON(Report(records: report.records, head: report.head, breaks: report.breaks.map(\.description)))
      } else {
        for found in report.breaks { print(found.description) }
        print(
          report.isWhole
            ? "\(report.records) records, whole; head \(report.head.seq):\(report.head.hash)"
            : "the chain is broken in \(report.breaks.count) places")
      }
      return report.isWhole ? .success : .mismatch
    }
  }

  struct Tail: Command {
    static let configuration = CommandConfiguration(abstract: "The last records.")
    @OptionGroup var study: Study
    @Option(name: .short, help: "How many.") var n = 20
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let records = try study.ledger().auditRecords(last: n)
      if json {
        try printJSON(records)
      } else {
        let rows = records.map { record in
          [
            String(record.seq), record.time, String(record.actor), record.event.rawValue, record.caseLabel ?? "-",
            [record.before, record.after].compactMap { $0 }.joined(separator: " -> "), record.reason ?? "",
          ]
        }
        print(Table(["SEQ", "TIME", "UID", "EVENT", "CASE", "STATE", "REASON"], rows).text())
      }
      return .success
    }
  }

  private struct Report: Encodable {
    let records: Int
    let head: AuditHead
    let breaks: [String]
  }
}

struct Dump: Command {
  static let configuration = CommandConfiguration(
    abstract: "The final facts of the ledger as sorted lines: equal for equal runs.", shouldDisplay: false)
  @OptionGroup var study: Study

  func act() async throws -> Contract.ExitCode {
    print(try study.ledger().canonicalDump(), terminator: "")
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
        print(Table([" ", "GENERATION", "CYCLE", "MODEL", "DICE", "WEIGHTS", "PUBLISHED", "GATE"], rows).text())
        for attempt in try ledger.attempts() { print("cycle \(attempt.cycle) made no generation: \(attempt.words)") }
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
