import Contract

/// What a study was made of, as tables and sentences: enough to measure it again.
struct StudyAccount {
  /// Scans by part and site, and the people they are of.
  let cohort: [Table]
  /// How all runs were trained.
  let settings: Table
  /// What to do to measure it again, and what to expect.
  let repeating: [String]

  init(_ record: StudyRecord) {
    cohort = Self.cohort(record.cohort)
    settings = Self.settings(record)
    let workers = record.runs.map { run in
      "popcorn \(run.worker.version), \(run.worker.isa), \(counted(run.worker.threads, "thread", "threads")), "
        + "oneDNN \(run.worker.oneDNN)"
    }.withoutRepeats
    repeating = [
      "The data folder \(record.cohort.name) has the SHA-256 \(record.cohort.digest) over names and bytes of its files. "
        + "study.json, which lies beside this page, has everything that tables and figures were drawn from.",
      "Written by popcorn \(record.tool)."
        + (workers.isEmpty ? "" : " Computed by: \(workers.joined(separator: "; "))."),
      "Each run below has its strategy, recipe and seed; models can be compared by their SHA-256.",
    ]
  }

  private static func cohort(_ cohort: StudyCohort) -> [Table] {
    let parts = [
      ("Labeled", cohort.labeled), ("Held out", cohort.holdout), ("Unlabeled", cohort.unlabeled), ("Test", cohort.test),
    ]
    let all = parts.flatMap(\.1)
    let sites = all.compactMap(\.site).withoutRepeats.sorted()
    let hasUnknown = !sites.isEmpty && all.contains { $0.site == nil }
    let heads = ["Scans", "Subjects"] + sites.map { "Site \($0)" } + (hasUnknown ? ["Site unknown"] : [])
    return [
      Table(
        title: "Scans by part",
        columns: [Table.Column(head: "Part", isNumber: false)] + heads.map { Table.Column(head: $0) },
        rows: parts.map { name, scans in
          let bySite = sites.map { site in scans.count { $0.site == site } }
          let unknown = hasUnknown ? [scans.count { $0.site == nil }] : []
          return [name] + ([scans.count, Set(scans.map(\.subject)).count] + bySite + unknown).map { "\($0)" }
        })
    ]
  }

  private static func settings(_ record: StudyRecord) -> Table {
    let settings = record.settings
    let grid = settings.preparation
    let steps = counted(record.budget.optimizerSteps, "optimizer step", "optimizer steps")
    let rows: [(String, String)] = [
      ("Budget", "\(record.budget.name), \(steps)"),
      ("Reference grid", "\(grid.size.map { "\($0)" }.joined(separator: " × ")) voxels of \(grid.spacing) mm"),
      ("Brain mask", grid.brain.rawValue),
      ("Channels of the first convolution", "\(settings.width)"),
      ("Edge of a patch, voxels", "\(settings.patchSize)"),
      ("Neighbours of equation 7 (p)", "\(settings.neighbours)"),
      ("Consistency weight of equation 5 (α)", "\(settings.consistencyWeight)"),
      ("Steps at most", settings.maxStepsPerCycle == 0 ? "as many as the pool lasts" : "\(settings.maxStepsPerCycle)"),
      ("Epochs on the labeled alone, scans taken a step (K), epochs a step (N)", schedules(record.runs)),
      ("Learning rate", "\(settings.learningRate)"),
      ("Threshold", "\(settings.threshold)"),
    ]
    return Table(
      title: "Training, the same for all runs but for what their strategies and recipes say",
      columns: [Table.Column(head: "Setting", isNumber: false), Table.Column(head: "Value", isNumber: false)],
      rows: rows.map { [$0.0, $0.1] })
  }

  /// One for all runs, or one for each recipe.
  private static func schedules(_ runs: [StudyRun]) -> String {
    let words = { (run: StudyRun) in
      let schedule = run.schedule
      return "\(schedule.initialEpochs), \(schedule.selectPerStep), \(schedule.epochsPerStep)"
    }
    let all = runs.map(words).withoutRepeats
    guard all.count > 1 else { return all.first ?? noNumber }
    return runs.map { "\($0.recipe): \(words($0))" }.withoutRepeats.joined(separator: "; ")
  }
}
