import Contract
import Engine
import Evaluation
import Files
import FoundationEssentials
import Imaging
import Popcorn
import Study
import SystemPackage

/// One run of a study: a training, judged by `StudyJudgement`. In its folder below the study's lie the cycle's
/// directory with its checkpoint, `progress.json`, `pool.json`, `run.json` once all is done, and pictures.
struct StudyTraining {
  let name: StudyRunName
  let scans: StudyScans
  let plan: StudyPlan
  /// The study's folder.
  let out: FilePath
  let volumeBytes: Int

  static let resultName = FilePath("run.json")
  /// Where all runs of a study keep what they have prepared, and how many bytes of it.
  static func prepared(in out: FilePath) -> FilePath { out.appending("prepared") }
  static let preparedLimit = 20 << 30

  private var place: FilePath { out.pushing(name.folder) }

  /// Trains from where it was stopped, judges, and writes `run.json`. Answers false where `stop` asked for a stop.
  func run(stop: @escaping () -> Bool, say: @escaping (String) -> Void, show: @escaping (TrainingProgress) -> Void)
    throws -> Bool
  {
    let recipe = try Recipe(named: name.recipe)
    let schedule = StudyRun.Schedule(
      budget: plan.budget.optimizerSteps, labeled: scans.masksLearnedFrom,
      pool: scans.folder.unlabeled.count, recipe: recipe)
    var settings = schedule.applied(to: plan.settings)
    settings.strategy = name.strategy
    settings.recipe = name.recipe
    settings.seed = name.seed
    settings.stepBudget = plan.budget.optimizerSteps
    let order = CycleOrder(
      cycle: 1, model: nil, optimizer: nil, trainingSet: scans.trainingSet, pool: scans.folder.unlabeled,
      holdout: scans.holdout, settings: settings)

    try FileManager.default.createDirectory(atPath: place.string, withIntermediateDirectories: true)
    let folder = try Directory(place)
    // Whoever comes second waits here, and finds the result.
    var isWaiting = false
    let directory: CycleDirectory
    do {
      directory = try CycleDirectory(place.appending("cycle")) {
        if !isWaiting { say("\(name.text) is in work by another process: waiting for it") }
        isWaiting = true
        return !stop()
      }
    } catch is CyclePaused {
      return false
    }
    if try StudyFiles.read(StudyRun.self, Self.resultName, in: folder) != nil { return true }
    do {
      do {
        try train(order, by: schedule, in: directory, and: folder, stop: stop, say: say, show: show)
      } catch MethodError.checkpoint(let why) {
        say("\(name.text) begins anew, nothing can go on from its checkpoint: \(why)")
        try StudyFiles.remove([StudyObserver.progressName, StudyObserver.poolName, StudyClock.name], in: folder)
        try directory.putCheckpointAside()
        try train(order, by: schedule, in: directory, and: folder, stop: stop, say: say, show: show)
      }
      return true
    } catch is CyclePaused {
      return false
    }
  }

  /// Throws `CyclePaused` where `stop` asked for a stop, and `MethodError.checkpoint`.
  private func train(
    _ order: CycleOrder, by schedule: StudyRun.Schedule, in directory: CycleDirectory, and folder: Directory,
    stop: @escaping () -> Bool, say: @escaping (String) -> Void, show: @escaping (TrainingProgress) -> Void
  ) throws {
    let settings = order.settings
    let cache = try PreparedCache(path: Self.prepared(in: out), limit: Self.preparedLimit)
    let files = ScanFiles(settings: settings.preparation, cache: cache)
    let clock = StudyClock(in: folder)
    let run = CycleRun(order, in: directory, cache: cache, memoryForVolumes: volumeBytes)
    let labelsPool = try Strategies.named(name.strategy).labelsPool
    let observer = try StudyObserver(
      test: scans.folder.test, pool: labelsPool ? scans.poolWithTruth : [], files: files,
      budget: plan.budget.optimizerSteps, in: folder)
    run.observer = observer
    run.onProgress = show
    run.onNote = say
    var lastKept = ContinuousClock.now
    run.between = {
      if ContinuousClock.now - lastKept > .seconds(20) {
        try clock.keep()
        lastKept = .now
      }
      return !stop()
    }
    if directory.result == nil { try directory.write(order) }
    let device = CPU()
    do {
      let result = try directory.result ?? run.run(on: device)
      try clock.keep()
      let judgement = StudyJudgement(
        name: name, scans: scans, settings: settings, schedule: schedule, files: files, folder: folder)
      let judged = try judgement.judge(
        result, seen: observer, seconds: clock.seconds, on: device, stop: stop)
      try StudyFiles.write(judged, Self.resultName, in: folder)
    } catch let pause as CyclePaused {
      try clock.keep()
      throw pause
    }
  }
}

/// Wall-clock seconds of a run over all its sessions, kept in `seconds.json`: what a kill loses is less than half a minute.
final class StudyClock {
  private let folder: Directory
  private let before: Double
  private let start = ContinuousClock.now
  static let name = FilePath("seconds.json")

  init(in folder: Directory) {
    self.folder = folder
    before = (try? StudyFiles.read([Double].self, Self.name, in: folder))?.first ?? 0
  }

  var seconds: Double { before + (ContinuousClock.now - start).seconds }

  func keep() throws { try StudyFiles.write([seconds], Self.name, in: folder) }
}
