import Contract
import Ledger

/// The status in words.
enum StatusWords {
  /// One line that says it all: `gen 7; queue 143 (57 to next cycle); 2 held; training 34 % ETA 02:10`.
  static func headline(_ status: ServiceStatus) -> String {
    var parts = [status.generation.map { "gen \($0)" } ?? "no generation yet"]
    let pool = (status.cases["accepted"] ?? 0) + (status.cases["drafted"] ?? 0)
    let left = max(0, status.arrivalsForCycle - status.arrivals)
    parts.append(status.generation == nil ? "queue \(pool)" : "queue \(pool) (\(left) to next cycle)")
    if status.expertsMissing > 0 {
      let subjects = status.expertsMissing == 1 ? "1 more subject" : "\(status.expertsMissing) more subjects"
      parts.append("waiting for expert masks of \(subjects)")
    }
    let held = (status.cases["held"] ?? 0) + (status.filesHeld ?? 0)
    if held > 0 { parts.append("\(held) held") }
    if status.draftsWaiting > 0, status.generation != nil { parts.append("\(status.draftsWaiting) drafts to make") }
    if let cycle = status.cycle { parts.append(training(cycle)) }
    if status.paused { parts.append("training paused") }
    if !status.trouble.isEmpty { parts.append("\(status.trouble.count) to look at") }
    return parts.joined(separator: "; ")
  }

  private static func words(for inbox: ServiceStatus.Inbox) -> String {
    let passedOver = inbox.passedOver.flatMap { $0 > 0 ? ", \($0) passed over" : nil } ?? ""
    return "\(inbox.pending) files to take (\(inbox.mode))\(passedOver)"
  }

  private static func words(ofHeld files: Int) -> String {
    files > 0 ? "\(files): NAME.HELD.txt beside each says why, and what to do" : "0"
  }

  private static func training(_ cycle: ServiceStatus.Cycle) -> String {
    guard let progress = cycle.progress, progress.total > 0 else { return "cycle \(cycle.number) running" }
    let share = Int(max(0, min(100, 100 * Double(progress.done) / Double(progress.total))))
    return "\(progress.phase) \(share) %" + (progress.secondsLeft.map { " ETA \(clock($0))" } ?? "")
  }

  /// Hours and minutes.
  static func clock(_ seconds: Double) -> String {
    let minutes = Int((max(0, min(seconds, 359_940)) / 60).rounded(.up))
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// STATUS.txt.
  static func report(_ status: ServiceStatus, at time: Timestamp) -> StatusReport {
    var sections = [
      StatusReport.Section(
        "Model",
        [
          ("generation", status.generation.map(String.init) ?? "none yet"),
          ("subjects with expert masks", String(status.expertSubjects)),
        ]
          + (status.expertsMissing > 0
            ? [("expert masks missing", "\(status.expertsMissing) more subjects: drop scans with masks into labeled/")]
            : []))
    ]
    sections.append(
      StatusReport.Section(
        "Cases", CaseState.allCases.map { ($0.rawValue, String(status.cases[$0.rawValue] ?? 0)) }))
    sections.append(
      StatusReport.Section(
        "Work",
        [
          ("files held", words(ofHeld: status.filesHeld ?? 0)),
          ("files that wait for another", String(status.filesWaiting)),
          ("drafts to make", String(status.draftsWaiting)),
          ("arrivals since the last cycle", "\(status.arrivals) of \(status.arrivalsForCycle)"),
          ("worker", status.worker),
          ("cycle", status.cycle.map { "\($0.number): \(training($0))" } ?? (status.paused ? "paused" : "none")),
        ]))
    sections.append(
      StatusReport.Section(
        "Inboxes",
        status.inboxes.enumerated().map { ("inbox \($0)", $1.trouble ?? words(for: $1)) }))
    if !status.trouble.isEmpty {
      sections.append(
        StatusReport.Section("To look at", status.trouble.enumerated().map { (String($0 + 1), $1) }))
    }
    return StatusReport(study: status.instance, headline: status.headline, time: time, sections: sections)
  }
}
