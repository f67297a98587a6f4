import Contract
import Files
import Glibc
import Ledger
import SystemPackage

/// Figures that are counted since the start, and when they were last written.
struct MetricsCounts: Sendable {
  var draftSeconds = MetricsText.Spread()
  var lesionVolumes = (sum: 0.0, count: 0)
  var draftBegan: Double?
  /// When an inbox was last looked at.
  var lastLook: Timestamp?
  var written = -1e9
  let started = Timestamp.now

  /// A draft is asked for, at `now` of the clock.
  mutating func began(at now: Double) { draftBegan = now }

  /// A draft came.
  mutating func drafted(_ figures: MaskFigures, at now: Double) {
    if let draftBegan { draftSeconds.see(now - draftBegan) }
    draftBegan = nil
    lesionVolumes.sum += figures.volumeMl
    lesionVolumes.count += 1
  }
}

// Figures for a monitoring system: popcornd.prom, for a node exporter's textfile collector.
extension Supervisor {
  /// Seconds between two writings while nothing happens.
  private static let metricsInterval = 60.0

  /// When the figures are to be written next; nil where nobody wants them.
  var metricsDue: Double? {
    settings.metrics.textfileDirectory.isEmpty ? nil : metrics.written + Supervisor.metricsInterval
  }

  /// Writes the figures where they are due, or where the status was just written.
  func writeMetrics(_ now: Double) {
    guard let due = metricsDue, now >= due || lastStatus > metrics.written else { return }
    metrics.written = now
    do {
      let name = settings.instance.map { "popcornd-\($0)" } ?? "popcornd"
      let folder = try Directory(FilePath(settings.metrics.textfileDirectory))
      try MetricsFile.write(try metricsText(), as: "\(name).prom", in: folder)
      troubles["metrics"] = nil
    } catch {
      if troubles["metrics"] == nil { report(error, in: "writing the figures for monitoring") }
      troubles["metrics"] = "the figures for monitoring cannot be written to textfile_directory"
    }
  }

  private func metricsText() throws(LedgerFault) -> String {
    var text = MetricsText(study: journal.instance)
    addService(to: &text)
    try addFiles(to: &text)
    try addCases(to: &text)
    try addTraining(to: &text)
    return text.document
  }

  private func addService(to text: inout MetricsText) {
    text.add("build_info", .gauge, "The version that runs.", [.init(1, ("version", status.version))])
    text.add("start_time_seconds", .gauge, "When the service started, Unix time.", metrics.started.inSeconds)
    text.add(
      "last_scan_timestamp_seconds", .gauge, "When an inbox was last looked through, Unix time.",
      metrics.lastLook?.inSeconds)
    text.add("worker_up", .gauge, "Whether the worker is ready.", status.worker == "ready" ? 1 : 0)
    text.add("troubles", .gauge, "Things that an operator should look at.", Double(troubles.count))
    // Not the outbox's: asking a share that hangs would hang with it.
    var figures = statvfs()
    if statvfs(state.path.string, &figures) == 0 {
      text.add(
        "free_bytes", .gauge, "Free space where the state is.",
        [.init(Double(figures.f_bavail) * Double(figures.f_frsize), ("path", "state"))])
    }
    text.add(
      "watch_mode", .gauge, "How arrivals in an inbox are noticed.",
      settings.inbox.path.indices.map { .init(1, ("inbox", String($0)), ("mode", settings.inbox.watch.rawValue)) })
  }

  private func addFiles(to text: inout MetricsText) throws(LedgerFault) {
    let counts = try ledger.fileCounts()
    let inboxes = settings.inbox.path.map { FilePath($0) }
    text.add(
      "inbox_files", .gauge, "Files in an inbox that are not taken yet, or wait for a person.",
      inboxes.enumerated().flatMap { number, path -> [MetricsText.Sample] in
        let there = counts.filter { $0.inbox == path }
        let waiting = (pending[path] ?? 0) + there.count(of: .waiting)
        return [("waiting", waiting), ("held", there.count(of: .held))].map { state, count in
          .init(Double(count), ("inbox", String(number)), ("state", state))
        }
      })
    text.add(
      "files_accepted_total", .counter, "Files that were accepted.",
      FileRole.allCases.map { role in
        .init(Double(counts.filter { $0.role == role }.count(of: .accepted)), ("kind", role.rawValue))
      })
    let rejected = counts.filter { $0.outcome == .rejected }
    text.add(
      "files_rejected_total", .counter, "Files that were rejected, by reason code.",
      Set(rejected.compactMap(\.reason)).sorted { $0.rawValue < $1.rawValue }.map { reason in
        .init(Double(rejected.filter { $0.reason == reason }.count(of: .rejected)), ("reason", reason.rawValue))
      })
    text.add("duplicates_total", .counter, "Files whose content was known.", Double(counts.count(of: .duplicate)))
  }

  private func addCases(to text: inout MetricsText) throws(LedgerFault) {
    let cases = try ledger.counts()
    text.add(
      "cases", .gauge, "Cases by state.",
      CaseState.allCases.map { .init(Double(cases[$0] ?? 0), ("state", $0.rawValue)) })
    text.add("drafts_waiting", .gauge, "Scans that wait for a mask.", Double(scheduler.draftsWaiting))
    let now = Timestamp.now.milliseconds
    text.add(
      "oldest_queued_age_seconds", .gauge, "Age of the oldest scan of the pool; 0 where it is empty.",
      try ledger.poolArrivals(after: nil).oldest.map { Double(max(0, now - $0.milliseconds)) / 1000 } ?? 0)
    text.add(
      "arrivals_until_cycle", .gauge, "Scans that must arrive before the next cycle.",
      Double(max(0, settings.popcorn.triggerArrivals - scheduler.arrivals)))
    text.add("segment_duration_seconds", "From asking for a mask to having it.", metrics.draftSeconds)
    text.add(
      "lesion_volume_ml", .summary, "Lesion volumes of the masks made since the start.",
      [
        .init(metrics.lesionVolumes.sum, suffix: "_sum"),
        .init(Double(metrics.lesionVolumes.count), suffix: "_count"),
      ])
    text.add("audit_records_total", .counter, "Records of the audit chain.", Double(try ledger.auditHead().seq))
  }

  private func addTraining(to text: inout MetricsText) throws(LedgerFault) {
    let cycles = try ledger.cycles()
    let over = cycles.filter { $0.state != .running }
    text.add("cycle", .gauge, "The last cycle that began.", Double(cycles.last?.number ?? 0))
    text.add(
      "cycles_total", .counter, "Cycles that are over, by what came of them.",
      [CycleState.published, .refused, .abandoned].map { state in
        .init(Double(over.count { $0.state == state }), ("result", state.rawValue))
      })
    let times = over.compactMap { cycle in
      cycle.ended.map { Double(max(0, $0.milliseconds - cycle.began.milliseconds)) / 1000 }
    }
    text.add(
      "cycle_duration_seconds", .summary, "How long cycles took.",
      [.init(times.reduce(0, +), suffix: "_sum"), .init(Double(times.count), suffix: "_count")])
    text.add(
      "last_cycle_timestamp_seconds", .gauge, "When the last cycle ended, Unix time.",
      over.compactMap(\.ended).max()?.inSeconds)
    text.add("cycle_steps", .gauge, "Optimizer steps of the running cycle so far.", Double(progress?.done ?? 0))
    text.add(
      "cycle_steps_planned", .gauge, "Optimizer steps that the running cycle will have.",
      progress.map { Double($0.total) } ?? 0)
    text.add(
      "training_loss", .gauge, "Terms of the loss over the last pairs of the running cycle.",
      [("seg", progress?.segmentation), ("reg", progress?.consistency)].compactMap { term, value in
        value.map { .init($0, ("term", term)) }
      })
    let generation = try ledger.currentGeneration()
    text.add(
      "generation", .gauge, "The generation that makes masks; 0 before the first.", Double(generation?.number ?? 0))
    text.add("holdout_dice_ratio", .gauge, "Its mean Dice on the held-out, 0 to 1.", generation?.meanDice)
  }
}

/// The file that a node exporter reads: replaced whole, and readable for it, whoever it runs as. It is made anew within a
/// minute, so that nothing waits for the disk.
enum MetricsFile {
  static func write(_ text: String, as name: String, in folder: Directory) throws(FileFault) {
    // Not ending in .prom: the collector must not read it.
    let temporary = FilePath(".\(name).tmp")
    let path = folder.path.appending(name)
    let file = try folder.open(temporary, .writeOnly, options: [.create, .truncate])
    do {
      try file.closeAfter {
        guard fchmod(file.rawValue, 0o644) == 0 else { throw Errno(rawValue: errno) }
        _ = try file.writeAll(text.utf8)
      }
    } catch {
      throw FileFault("write", path, error as? Errno ?? .ioError)
    }
    let answer = temporary.withPlatformString { from in
      name.withCString { to in renameat(folder.descriptor.rawValue, from, folder.descriptor.rawValue, to) }
    }
    guard answer == 0 else { throw FileFault("rename", path, Errno(rawValue: errno)) }
  }
}

extension Timestamp {
  fileprivate var inSeconds: Double { Double(milliseconds) / 1000 }
}

extension Sequence<FileCount> {
  fileprivate func count(of outcome: FileOutcome) -> Int {
    reduce(0) { $0 + ($1.outcome == outcome ? $1.count : 0) }
  }
}
