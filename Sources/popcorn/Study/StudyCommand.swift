import ArgumentParser
import Contract
import Engine
import Evaluation
import Files
import FoundationEssentials
import Popcorn
import Processes
import Study
import SystemPackage
import Terminal

/// `popcorn study`: the paper's two tables for any cohort.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Train strategies on a data folder and compare them: the paper's tables 1 and 2.",
    discussion: """
      DIR holds labeled/NAME_FLAIR.nii.gz with NAME_mask.nii.gz, test/ like labeled/, and unlabeled/NAME_FLAIR.nii.gz; scans are \
      skull-stripped, or NAME_brainmask.nii.gz lies beside them or in brainmasks/. Every strategy gets the same scans, network, \
      optimizer steps, augmentation and seeds. All is written to OUT: tables.md, tables.csv, cases.csv, study.html, study.json, \
      figures. Stopped or killed at any moment, the same command goes on from where it was; strategies, recipes and seeds \
      may be added later. Nobody may be on both sides: scans NAME-t1, NAME_t2, NAME-s1 or NAME_ses-1 are of person NAME, as are \
      those that begin sub-NAME_; P7_01 is of P7, but site_01 of itself, as for the service. --subject-pattern says it otherwise.
      """)

  @OptionGroup var data: DataOptions
  @Option(help: "The study's folder.")
  var out: String
  @Option(help: "all, or some of: \(Strategies.names.joined(separator: ", ")).")
  var strategies = "all"
  @Option(
    help:
      """
      Recipes, by commas: \(RecipeName.allCases.map(\.rawValue).joined(separator: ", ")), each also with \
      \(RecipeText.words.joined(separator: ", ")): paper+average+tau=3000.
      """)
  var recipe = "paper"
  @Option(help: "Seeds: how many from 1 on.")
  var seeds = 3
  @Option(
    help:
      """
      Optimizer steps of every run: quick (1000), default (5000), paper (81800), or a number. They are laid out over at \
      most four selections; recipe paper+select=200+epochs=2 has the paper's K and N. Two runs of 5000 at once on two cores take \
      about 20 minutes at width 8 and patch 32, and five hours at width 24 and patch 64.
      """)
  var budget = "default"
  @Option(
    help:
      """
      Runs at once; as many as there are processors where not given. They share the processors, and a run of other threads \
      ends otherwise: go on with the number that the study began with.
      """)
  var workers: Int?
  @OptionGroup var network: NetworkOptions
  @Flag(help: "Write tables and figures from all runs that are done, with the settings that OUT knows; train nothing.")
  var report = false
  @Option(help: "The folder of another study of the same test images, to stand beside: once for each.")
  var beside: [String] = []
  @Flag(help: "Print study.json in the end.")
  var json = false
  @Option(help: .hidden)
  var only: String?

  func validate() throws {
    if StudyBudget(budget) == nil {
      let names = StudyBudget.presets.keys.sorted().joined(separator: ", ")
      throw ValidationError("--budget \(budget) is none of \(names), and no number from 1 to 1000000000.")
    }
    try network.check()
    if !(1...1000 ~= seeds) { throw ValidationError("--seeds \(seeds): from 1 to 1000.") }
    if let workers, !(1...256 ~= workers) { throw ValidationError("--workers \(workers): from 1 to 256.") }
  }

  func run() throws {
    try reportingFaults {
      let names = try strategyNames()
      let recipes = recipe.split(separator: ",").map(String.init)
      guard !recipes.isEmpty else { throw Fault(.usage, "--recipe names none") }
      try RecipeTwins.refuse(among: recipes)
      let needsPool = try names.filter {
        let strategy = try Strategies.named($0)
        return strategy.labelsPool || strategy.companion.isOfPool
      }
      try data.refuse(out, for: "--out", example: "study")
      // Whoever started a worker has looked at the scans for it.
      let scans = try StudyScans(
        FilePath(data.data), subjects: data.pattern, needsPool: only == nil && !report ? needsPool : [])
      let folder = report ? try Directory(absolute(out)) : try Directory(making: absolute(out))
      let plan = report ? try StudyPlan(in: folder).takingLabels(of: scans.cohort) : try plan(of: scans)
      if let only {
        try plan.settle(in: folder)
        return try work(on: only, scans, plan)
      }

      let line = ProgressLine()
      let results = StudyResults(plan: plan, in: folder)
      let others = try beside.map(absolute(_:)).withoutRepeats.map(results.other)
      if report {
        try plan.expect(scans.cohort, in: folder)
        return try draw(results, beside: others, line)
      }
      _ = try plan.isSettled(in: folder)
      try RecipeTwins.refuse(among: recipes, beside: try results.planned(with: []).map(\.recipe))
      // What is wrong with a scan can be mended as long as no study was begun with it.
      let short = try shortBudgets(
        of: recipes, scans, plan, labelsPool: try names.contains { try Strategies.named($0).labelsPool })
      for note in try look(at: scans, line) + short { line.note(note) }
      try plan.settle(in: folder)
      let runs = StudyRunName.all(strategies: names, recipes: recipes, seeds: (1...seeds).map(UInt64.init))
      try results.remember(runs)
      try train(runs, results, beside: others, line)
      try draw(results, beside: others, line)
    }
  }

  /// Tables and figures of all that is done.
  private func draw(_ results: StudyResults, beside others: [StudyRecord], _ line: ProgressLine) throws {
    let record = try write(results, beside: others)
    let failed = record.runs.count { $0.outcome != .publish }
    line.note(
      "\(record.runs.count) of \(record.plannedRuns) runs; tables.md and study.html lie in \(out)"
        + (failed > 0 ? "; \(failed) came to nothing, the tables say which" : ""))
    if json { try standardOutput(String(decoding: try StudyFiles.encode(record), as: UTF8.self)) }
  }

  @discardableResult
  private func write(_ results: StudyResults, beside others: [StudyRecord]) throws -> StudyRecord {
    let record = try results.record()
    try results.write(record, beside: others, command: record.runs.isEmpty ? nil : words(of: record))
    return record
  }

  /// What is to be said of the scans, before anything is trained.
  private func look(at scans: StudyScans, _ line: ProgressLine) throws -> [String] {
    let cache = try PreparedCache(path: StudyTraining.prepared(in: absolute(out)), limit: StudyTraining.preparedLimit)
    let files = ScanFiles(settings: network.settings.preparation, cache: cache)
    return try scans.notes(with: files, keeping: StudyTraining.preparedLimit) {
      line.show(TrainingProgress(phase: "looking at the scans", done: $0, total: $1))
    }
  }

  /// What to say of recipes whose budget ends before the pool is labelled. Throws where one ends before anything of it is:
  /// what labels the pool would be compared with its own first phase.
  private func shortBudgets(
    of recipes: [String], _ scans: StudyScans, _ plan: StudyPlan, labelsPool: Bool
  ) throws -> [String] {
    let (steps, pool, labeled) = (
      plan.budget.optimizerSteps, scans.folder.unlabeled.count, scans.masksLearnedFrom
    )
    return try recipes.withoutRepeats.compactMap { name in
      let recipe = try Recipe(named: name)
      let enough = StudyRun.Schedule.enough(insteadOf: steps, labeled: labeled, pool: pool, recipe: recipe)
      guard let enough else { return nil }
      if labelsPool, StudyRun.Schedule.labelsNothing(in: steps, labeled: labeled, pool: pool, recipe: recipe) {
        throw Fault(
          .usage,
          "\(name): \(steps) optimizer steps end before anything of the pool is labelled, so nothing could be learned from it; "
            + "--budget \(enough) labels all \(pool)")
      }
      return
        "\(name): \(steps) optimizer steps end before all \(pool) of the pool are labelled; --budget \(enough) does it"
    }
  }

  private func strategyNames() throws -> [String] {
    guard strategies != "all" else { return Strategies.names }
    let names = strategies.split(separator: ",").map(String.init)
    guard !names.isEmpty else {
      throw Fault(.usage, "--strategies names none: all, or some of \(Strategies.names.joined(separator: ", "))")
    }
    for name in names { _ = try Strategies.named(name) }
    return names
  }

  /// What all runs share.
  private func plan(of scans: StudyScans) throws -> StudyPlan {
    guard let budget = StudyBudget(budget) else { throw Fault(.usage, "--budget \(budget)") }
    return StudyPlan(
      cohort: scans.cohort, settings: network.settings,
      budget: StudyRecord.Budget(name: budget.name, optimizerSteps: budget.steps))
  }

  /// One run, as a worker of the study.
  private func work(on text: String, _ scans: StudyScans, _ plan: StudyPlan) throws {
    guard let name = StudyRunName(text: text) else { throw Fault(.usage, "--only \(text)") }
    let signals = StopSignals()
    defer { signals.cancel() }
    let training = StudyTraining(
      name: name, scans: scans, plan: plan, out: absolute(out), volumeBytes: network.volumeBytes)
    let isDone = try training.run(
      stop: { signals.wasAsked }, say: { standardError($0 + "\n") },
      show: { _ = try? FileDescriptor.standardOutput.writeAll("\($0.done)\n".utf8) })
    if !isDone { throw ArgumentParser.ExitCode(Contract.ExitCode.temporaryFailure.rawValue) }
  }

  private func train(
    _ runs: [StudyRunName], _ results: StudyResults, beside others: [StudyRecord], _ line: ProgressLine
  ) throws {
    let waiting = try runs.filter { try results.run($0) == nil }
    let processors = EngineEnvironment.processors
    let atOnce = workers ?? processors
    let crew = StudyCrew(
      out: absolute(out), words: workerWords, workers: atOnce, threads: max(1, processors / atOnce))
    let signals = StopSignals()
    defer { signals.cancel() }
    var progress = StudyProgress(runs: waiting.count, steps: results.plan.budget.optimizerSteps)
    var troubles: [String] = []
    func fail(_ words: String) {
      troubles.append(words)
      line.note(words)
    }
    let isDone = try crew.work(
      waiting, stop: { signals.count }, note: { line.note($0) }
    ) { ended in
      if let trouble = ended.trouble {
        fail("\(ended.name.text) failed: \(trouble)")
      } else {
        progress.runEnded()
      }
      // Others are in work meanwhile: what is wrong with results is told in the end.
      do {
        if ended.trouble == nil, let run = try results.run(ended.name) {
          line.note("\(ended.name.text): Dice \((mean(run.scores.map(\.dice)) ?? 0).decimals(3))")
        }
        try write(results, beside: others)
      } catch {
        fail("after \(ended.name.text) no tables can be drawn: \(Fault(error))")
      }
    } progress: {
      if let shown = progress.shown($0) { line.show(shown) }
    }
    line.clear()
    guard isDone else {
      line.note("stopped at checkpoints; the same command goes on from them")
      throw ArgumentParser.ExitCode(Contract.ExitCode.temporaryFailure.rawValue)
    }
    guard troubles.isEmpty else {
      let more = troubles.count > 1 ? "\(troubles.count) failures, the first: " : ""
      throw Fault(.software, "\(more)\(troubles[0]); the same command tries again")
    }
  }

  /// What to type, where this was typed, for all that is in the tables, and for more where not all were combined.
  private func words(of record: StudyRecord) -> String {
    func list(_ path: KeyPath<StudyRun, String>) -> String {
      record.runs.map { $0[keyPath: path] }.withoutRepeats.joined(separator: ",")
    }
    let asked = [
      "--strategies", list(\.strategy), "--recipe", list(\.recipe), "--seeds",
      "\(record.runs.map(\.seed).max() ?? UInt64(seeds))",
    ]
    let places = ["--data=\(data.data)", "--out=\(out)"] + beside.map { "--beside=\($0)" }
    let shared =
      ["--budget", "\(record.budget.optimizerSteps)"] + NetworkOptions.words(of: record.settings)
      + ["--volume-bytes", "\(network.volumeBytes)"] + (workers.map { ["--workers", "\($0)"] } ?? [])
    return (["popcorn", "study"] + places + data.patternWords + shared + asked).map(Self.quoted)
      .joined(separator: " ")
  }

  /// As a shell takes it for one word.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "-_./,+=:".utf8.contains($0)
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  private var workerWords: [String] { ["study"] + data.words + ["--out=\(absolute(out))"] + trainingWords }

  private var trainingWords: [String] { ["--budget", budget] + network.words }
}
