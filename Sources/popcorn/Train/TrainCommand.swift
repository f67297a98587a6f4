import ArgumentParser
import Contract
import Engine
import Evaluation
import Files
import FoundationEssentials
import Glibc
import Imaging
import Popcorn
import SystemPackage
import Terminal

/// `popcorn train`: one batch run, no service.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network on a folder of labelled and unlabelled scans.",
    discussion: """
      DIR holds labeled/NAME_FLAIR.nii.gz with NAME_mask.nii.gz, unlabeled/NAME_FLAIR.nii.gz, and test/ like labeled/ for a \
      measurement at the end. Scans are skull-stripped, or NAME_brainmask.nii.gz lies beside them or in brainmasks/. Every fifth \
      labelled subject, at least one of two and more, is held out for validation. With --work the run can be stopped (SIGINT, SIGTERM) and started again where it was. NAME-t1, NAME_t2, NAME-s1 and NAME_ses-1 are of one \
      subject, NAME, as are those that begin sub-NAME_; P7_01 is of P7, but site_01 of itself, as for the service. \
      --subject-pattern says it otherwise.
      """)

  @OptionGroup var data: DataOptions
  @Option(help: "The network to write, .safetensors.")
  var model: String
  @Option(help: "One of: \(Strategies.names.joined(separator: ", ")).")
  var strategy = "popcorn"
  @Option(
    help:
      """
      One of: \(RecipeName.allCases.map(\.rawValue).joined(separator: ", ")), also with \
      \(RecipeText.words.joined(separator: ", ")): paper+average.
      """)
  var recipe = "paper"
  @OptionGroup var network: NetworkOptions
  @Option(help: "Epochs of the initial training, at most.")
  var initialEpochs = 100
  @Option(help: "Epochs a step (N).")
  var epochs = 2
  @Option(help: "Scans a step takes from the pool (K).")
  var select = 200
  @Option(help: "Neighbours whose distances are summed (p).")
  var neighbours = 5
  @Option(help: "From which every random number derives.")
  var seed: UInt64 = 20_211_014
  @Option(help: "Optimizer steps, no fewer and no more; 0 for as many as the epochs have.")
  var steps = 0
  @Option(help: "A folder for checkpoints and pseudo-labels, by which the run can be resumed.")
  var work: String?
  @Option(help: "A new folder for all pairs that are learned from and what they cost, for a judge; half a MB a pair.")
  var record: String?
  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    try network.check()
    for (name, count) in [
      ("initial-epochs", initialEpochs), ("epochs", epochs), ("select", select), ("neighbours", neighbours),
    ] where !(TrainingSettings.counts ~= count) {
      throw ValidationError("--\(name) \(count): \(TrainingSettings.countsInWords).")
    }
    if steps < 0 { throw ValidationError("--steps \(steps): 0 or more is needed.") }
    if record != nil, let method = try? Strategies.named(strategy), method.companion.isOfPool {
      throw ValidationError("--record is of pairs that are both labelled, and those of \(strategy) are not.")
    }
  }

  func run() throws {
    try reportingFaults {
      _ = (try Strategies.named(strategy), try Recipe(named: recipe))
      if let work { try data.refuse(work, for: "--work", example: "work") }
      if let record { try data.refuse(record, for: "--record", example: "record") }
      let folder = try data.folder()
      let target = try OutputFile(model, besides: folder.files)
      let (trainingSet, holdout) = folder.split()
      let (pool, leftOut) = folder.poolBesideHoldout
      let order = CycleOrder(
        cycle: 1, model: nil, optimizer: nil, trainingSet: trainingSet, pool: pool, holdout: holdout,
        settings: settings)
      let place = absolute(work ?? "\(model).work")
      let directory = try CycleDirectory(place)
      let digests = try folder.fileDigests()
      try folder.refuseOverlap(digests)
      try directory.settle(DataFolder.contentDigest(of: digests))
      let cache = try PreparedCache(path: place.appending("prepared"), limit: Self.preparedLimit)
      let line = ProgressLine()
      let isDone = directory.result != nil
      if !isDone {
        try directory.write(order)
        let files = ScanFiles(settings: settings.preparation, cache: cache)
        let look = try folder.look(with: files, keeping: Self.preparedLimit) {
          line.show(TrainingProgress(phase: "looking at the scans", done: $0, total: $1))
        }
        try folder.refuseOverlap(look.digests)
        for note in look.notes { line.note(note) }
        if let named = firstAndMore(leftOut.map(\.id)) {
          line.note("left out of the pool, being of people held out: \(named)")
        }
      } else {
        try directory.expectFinished(order)
        if record != nil {
          throw Fault(.usage, "\(place) holds a finished run, of which nothing can be recorded: name another --work")
        }
      }

      let run = CycleRun(order, in: directory, cache: cache, memoryForVolumes: network.volumeBytes)
      let stop = StopSignals()
      defer { stop.cancel() }
      run.onProgress = { line.show($0) }
      run.onNote = { line.note($0) }
      run.onTuning = { line.note($0) }
      run.between = { !stop.wasAsked }
      let device = CPU()
      let result: CycleResult
      do {
        result = try directory.result ?? run.run(on: device, recordedBy: try record.map(TrainingRecord.init))
      } catch is CyclePaused {
        line.note("stopped at a checkpoint; the same command with --work \(place) goes on from it")
        throw ArgumentParser.ExitCode(Contract.ExitCode.temporaryFailure.rawValue)
      } catch MethodError.checkpoint(let why) {
        throw Fault(
          .configuration,
          "nothing can go on from \(place): \(why). Remove \(place) to start anew, or name another --work")
      }
      line.note(result.words)
      try target.write(try BoundedReader.read(FilePath(result.model)))
      try report(result, test: try measure(folder.test, model: result.model, cache: cache, on: device))
      if result.outcome == .collapsed || result.outcome == .diverged {
        throw ArgumentParser.ExitCode(Contract.ExitCode.failure.rawValue)
      }
    }
  }

  /// Bytes of prepared scans in the work folder, at most.
  private static let preparedLimit = 20 << 30

  private var settings: TrainingSettings {
    var settings = network.settings
    settings.recipe = recipe
    settings.strategy = strategy
    settings.selectPerStep = select
    settings.epochsPerStep = epochs
    settings.neighbours = neighbours
    settings.initialEpochs = initialEpochs
    settings.seed = seed
    settings.stepBudget = steps
    return settings
  }

  /// A test case on the reference grid; means over its experts.
  private struct TestCase: Encodable {
    var name: String
    var dice: Double
    /// Nil where nothing was marked.
    var precision: Double?
    /// Nil where there is no lesion.
    var sensitivity: Double?
  }

  private struct Report: Encodable {
    var settings: TrainingSettings
    var worker: WorkerIdentity
    var outcome: CycleResult.Outcome
    var words: String
    var optimizerSteps: Int
    var finalLoss: Double
    var incidents: [CycleResult.Incident]
    var gate: [CycleResult.Gate]
    var selected: [String]
    var test: [TestCase]
    var meanTestDice: Double?
    var modelDigest: String
  }

  private func measure(
    _ cases: [CaseReference], model: String, cache: PreparedCache, on device: CPU
  ) throws -> [TestCase] {
    guard !cases.isEmpty else { return [] }
    let (trained, use) = try Models(on: device).network(model)
    let window = SlidingWindow(trained, edge: network.patch, manner: use.window)
    let files = ScanFiles(settings: settings.preparation, cache: cache)
    return try cases.map { scan in
      let mask = use.point().mask(
        try window.segment(try files.volume(of: scan)).probability, voxel: settings.preparation.voxelVolume)
      let overlaps = try files.overlaps(of: mask, with: scan)
      return TestCase(
        name: scan.id, dice: overlaps.dice, precision: overlaps.precision, sensitivity: overlaps.sensitivity)
    }
  }

  private func report(_ result: CycleResult, test: [TestCase]) throws {
    let mean = Evaluation.mean(test.map(\.dice))
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let report = Report(
        settings: settings, worker: result.worker, outcome: result.outcome, words: result.words,
        optimizerSteps: result.optimizerSteps,
        finalLoss: result.finalLoss, incidents: result.incidents, gate: result.gate,
        selected: result.selections.map(\.proximity.id), test: test, meanTestDice: mean,
        modelDigest: result.modelDigest)
      return try standardOutput(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
    for scan in test { try standardOutput("\(scan.name)\t\(scan.dice.decimals(3))") }
    if let mean { try standardOutput("mean Dice of \(test.count) test scans\t\(mean.decimals(3))") }
    try standardOutput(
      "\(result.optimizerSteps) optimizer steps, \(result.incidents.count) incidents, written to \(model)")
  }
}
