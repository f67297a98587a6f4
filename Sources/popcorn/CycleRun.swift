import Contract
import Engine
import Files
import Imaging
import Popcorn
import SystemPackage

/// Runs a cycle whose order lies in a directory, and writes there what comes of it.
final class CycleRun: CycleHost {
  let order: CycleOrder
  private let directory: CycleDirectory
  private let files: ScanFiles
  private let memoryForVolumes: Int
  private var pace = Pace()

  /// Called between steps and tiles; answers whether to go on.
  var between: () throws -> Bool = { true }
  /// Called with the progress, at most once a second.
  var onProgress: (TrainingProgress) throws -> Void = { _ in }
  /// Called with what a person should know.
  var onNote: (String) -> Void = { _ in }

  init(_ order: CycleOrder, in directory: CycleDirectory, cache: PreparedCache?, memoryForVolumes: Int) {
    self.order = order
    self.directory = directory
    self.memoryForVolumes = memoryForVolumes
    files = ScanFiles(settings: order.settings.preparation, cache: cache)
  }

  func run(on device: CPU, recordedBy recorder: (any StepRecorder)? = nil) throws -> CycleResult {
    try onProgress(TrainingProgress(phase: "preparing"))
    let cycle = try Cycle(
      order, on: device, model: try order.model.map(Models.file), optimizer: try order.optimizer.map(Models.file),
      cases: CachedCases(files, bytes: memoryForVolumes), store: directory, host: self)
    return try directory.write(try cycle.run(recordedBy: recorder), worker: .here)
  }

  func mayContinue(_ progress: TrainingProgress) throws -> Bool {
    if let shown = pace.take(progress) { try onProgress(shown) }
    return try between()
  }

  func keep(_ mask: Volume<UInt8>, of segmentation: Segmentation, for scan: CaseReference) throws -> KeptLabel {
    let (prepared, image) = try files.prepare(scan)
    return try directory.keep(
      mask, of: segmentation, for: scan, prepared: prepared, image: image, threshold: order.settings.threshold)
  }

  func epochEnded(_ curve: [EpochReport]) throws { try directory.write(curve: curve) }

  func leftOut(_ scan: CaseReference, because error: any Error) {
    onNote("case \(scan.id) is left out of the pool: \(Fault(error).description)")
  }

  func incident(_ incident: CycleResult.Incident) {
    onNote(
      "\(incident.reason.rawValue) at step \(incident.at): back to step \(incident.backTo), rate \(incident.learningRate)"
    )
  }
}

/// Lets progress through at most once a second, with an estimate of the time left.
struct Pace {
  private let clock = ContinuousClock()
  private var lastShown: ContinuousClock.Instant?
  private var start: (time: ContinuousClock.Instant, done: Int)?

  mutating func take(_ progress: TrainingProgress) -> TrainingProgress? {
    let now = clock.now
    if start == nil || progress.done < (start?.done ?? 0) { start = (now, progress.done) }
    if let lastShown, now - lastShown < .seconds(1) { return nil }
    lastShown = now
    guard let start, progress.done > start.done, progress.total > progress.done else { return progress }
    var shown = progress
    shown.secondsLeft =
      (now - start.time).seconds / Double(progress.done - start.done) * Double(progress.total - progress.done)
    return shown
  }
}

extension WorkerIdentity {
  /// This program on this machine.
  static var here: WorkerIdentity {
    WorkerIdentity(
      version: PopcornVersion.text, isa: EngineIdentity.instructionSet, threads: CPU.threads,
      oneDNN: EngineIdentity.oneDNN)
  }
}
