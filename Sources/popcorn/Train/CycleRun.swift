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
  private let cases: CachedCases
  private let tuning: Tuning
  private var pace = Pace()

  /// Called between steps and tiles; answers whether to go on.
  var between: () throws -> Bool = { true }
  /// Called with the progress, at most once a second.
  var onProgress: (TrainingProgress) throws -> Void = { _ in }
  /// Called with what a person should know of the training.
  var onNote: (String) -> Void = { _ in }
  /// Looks at what training has come to, where somebody does.
  var observer: StudyObserver?
  /// Called with what is said of the processor's measurements.
  var onTuning: (String) -> Void = { _ in }

  /// - Parameters:
  ///   - areCanonical: whether scans and masks are the service's own copies, which it has judged.
  ///   - tuning: where measurements of this processor are kept.
  init(
    _ order: CycleOrder, in directory: CycleDirectory, cache: PreparedCache?, memoryForVolumes: Int,
    areCanonical: Bool = false, tuning: Tuning = Tuning()
  ) {
    self.order = order
    self.tuning = tuning
    self.directory = directory
    files = ScanFiles(settings: order.settings.preparation, cache: cache, areCanonical: areCanonical)
    cases = CachedCases(files, bytes: memoryForVolumes)
  }

  /// The labelled and held-out cases that cannot be prepared, for a reason of their own: known before hours are spent, and
  /// all at once. Of the pool such a case is left out by the cycle itself. Throws `CyclePaused` where it may not go on.
  func unusable() throws -> [UnusableCase] {
    try onProgress(TrainingProgress(phase: "preparing"))
    return try (order.trainingSet + order.holdout).compactMap { scan in
      guard try between() else { throw CyclePaused() }
      do {
        _ = try cases.volume(of: scan)
        for mask in scan.masks { _ = try cases.mask(mask, of: scan) }
        return nil
      } catch let rejection as Rejection where rejection.reason.outcome != .survive {
        return UnusableCase(id: scan.id, reason: rejection.reason, text: Fault(rejection).description)
      }
    }
  }

  func run(on device: CPU, recordedBy recorder: (any StepRecorder)? = nil) throws -> CycleResult {
    try onProgress(TrainingProgress(phase: "preparing"))
    let convolutions = try convolutions()
    device.convolutions = .table(convolutions)
    let cycle = try Cycle(
      order, on: device, model: try order.model.map(Models.file), optimizer: try order.optimizer.map(Models.file),
      cases: cases, store: directory, host: self,
      provenance: [
        ModelUse.convolutionsKey: convolutions.line, "isa": EngineIdentity.instructionSet,
        "onednn": EngineIdentity.oneDNN,
      ])
    return try directory.write(try cycle.run(recordedBy: recorder), worker: .here)
  }

  /// How this cycle computes its convolutions: settled at its beginning, so that one that is resumed goes on with the same
  /// bytes whatever was measured meanwhile.
  private func convolutions() throws -> ConvolutionTable {
    if let settled = try directory.convolutions { return settled }
    let layers = try NetworkLayers(width: order.settings.width, edge: order.settings.patchSize)
    let table = layers.complete(try tuning.table(for: layers, say: onTuning, mayContinue: between))
    try directory.write(table)
    return table
  }

  func mayContinue(_ progress: TrainingProgress) throws -> Bool {
    if let shown = pace.take(progress) { try onProgress(shown) }
    return try between()
  }

  func keep(
    _ mask: Volume<UInt8>, of segmentation: Segmentation, for scan: CaseReference, at point: OperatingPoint
  ) throws -> KeptLabel {
    let opened: (prepared: Prepared, header: GeometryHeader)
    // Its volume may have come from a cache, and its file be damaged since.
    do { opened = try files.prepare(scan) } catch { throw UnreadableCase(error) }
    return try directory.keep(
      mask, of: segmentation, for: scan, prepared: opened.prepared, header: opened.header, at: point)
  }

  func epochEnded(_ curve: [EpochReport]) throws { try directory.write(curve: curve) }

  func stepEnded(_ end: StepEnd, view: StepView) throws {
    try observer?.stepEnded(end, view: view)
  }

  func latentAtStart(of scan: CaseReference) -> [Float]? {
    order.latents?[scan.id].flatMap { try? LatentFile.read($0) }
  }

  func leftOut(_ scan: CaseReference, because error: any Error) -> String {
    let words = Fault(error).description
    onNote("case \(scan.id) is left out of the pool: \(words)")
    return words
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
      version: Version.text, isa: EngineIdentity.instructionSet, threads: CPU.threads,
      oneDNN: EngineIdentity.oneDNN)
  }
}
