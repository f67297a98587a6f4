import Contract
import Engine
import Files
import FoundationEssentials
import Glibc
import Imaging
import Popcorn
import SystemPackage

/// A cycle's directory: `cycle.json`, `convolutions.txt`, `checkpoint/`, pseudo-labels in `masks/` and `reference/`, and at the end
/// `latents/`, `model.safetensors`, `optimizer.safetensors`, `curve.tsv` and `result.json`.
final class CycleDirectory: CheckpointStore {
  private let directory: Directory
  private var checkpoint: Directory
  private let masks: Directory
  private let reference: Directory

  /// The directory at `path`, for this process alone: a worker whose supervisor was killed is at its last step still
  /// when the next one comes, and has to leave the checkpoint first.
  /// - Parameter mayWait: asked ten times a second while another process has it; without, it is waited for.
  /// Throws `CyclePaused` where it is not to be waited for any longer.
  init(_ path: FilePath, mayWait: (() -> Bool)? = nil) throws {
    directory = try Directory(making: path)
    while flock(directory.descriptor.rawValue, mayWait == nil ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      guard errno == EINTR || errno == EWOULDBLOCK else { throw FileFault("lock", path, Errno(rawValue: errno)) }
      guard mayWait?() ?? true else { throw CyclePaused() }
      if mayWait != nil { usleep(100_000) }
    }
    checkpoint = try CycleDirectory.part(Self.checkpointName, of: directory)
    masks = try CycleDirectory.part("masks", of: directory)
    reference = try CycleDirectory.part("reference", of: directory)
    for part in [directory, checkpoint, masks, reference] { try DurableFile.removeTemporaries(from: part) }
  }

  /// A folder in it, which the supervisor, under systemd another user of the group, clears when the cycle is over.
  private static func part(_ name: FilePath, of directory: Directory) throws -> Directory {
    try directory.directory(making: name, permissions: 0o770)
  }

  /// The path of a file in it, as the directory's own was given.
  func path(_ name: String) -> String { directory.path.appending(name).string }

  /// Throws `MethodError.checkpoint` where it is damaged, or another version's.
  var order: CycleOrder {
    get throws {
      let bytes = try BoundedReader.read(try directory.open("cycle.json"), limit: 1 << 30, path: "cycle.json")
      do {
        return try JSONDecoder().decode(CycleOrder.self, from: Data(bytes))
      } catch {
        throw MethodError.checkpoint("\(path("cycle.json")) is no order of this version's (\(error))")
      }
    }
  }

  /// Keeps what the cycle is about to learn from. Throws `Fault` where it was begun with other files.
  func settle(_ content: Digest) throws {
    let known = try BoundedReader.readIfThere(Self.contentName, in: directory, limit: 1 << 10)
    if let known, known != Array("\(content)\n".utf8) {
      throw Fault(
        .configuration,
        "\(directory.path) holds a run of other scans or masks (or they have changed): name another --work")
    }
    if known == nil { try DurableFile.write(Array("\(content)\n".utf8), as: Self.contentName, in: directory) }
  }

  private static let contentName = FilePath("scans.sha256")

  /// Throws `Fault` where the run that is finished here was of another order; who is held out follows from how names tell
  /// persons, also where all files are the same.
  func expectFinished(_ order: CycleOrder) throws {
    let finished = try self.order
    guard finished.settings == order.settings else {
      throw Fault(.configuration, "\(directory.path) holds a finished run of other settings: name another --work")
    }
    guard try Cycle<CPU>.hash(of: finished) == Cycle<CPU>.hash(of: order) else {
      throw Fault(
        .configuration,
        "\(directory.path) holds a finished run of another split: other persons were held out, or left out of the pool "
          + "(--subject-pattern). Give the same, or name another --work")
    }
  }

  func write(_ order: CycleOrder) throws { try write(json: order, as: "cycle.json") }

  /// The result, where the cycle is done and what came of it is there: else it is to be done again.
  var result: CycleResult? {
    guard let file = try? directory.open("result.json"),
      let bytes = try? BoundedReader.read(file, limit: 1 << 30, path: "result.json")
    else { return nil }
    guard var result = try? JSONDecoder().decode(CycleResult.self, from: Data(bytes)),
      Self.modelName.withPlatformString({ faccessat(directory.descriptor.rawValue, $0, R_OK, 0) }) == 0
    else { return nil }
    // The folder may have been moved since.
    result.model = path(Self.modelName.string)
    result.optimizer = path(Self.optimizerName.string)
    result.latents = path(Self.latentsName.string)
    result.selections = result.selections.map(located)
    return result
  }

  func located(_ selection: CycleResult.Selection) -> CycleResult.Selection {
    var selection = selection
    let name = "\(selection.proximity.id).nii.gz"
    (selection.referenceMask, selection.mask) = (path("reference/\(name)"), path("masks/\(name)"))
    return selection
  }

  private static let checkpointName = FilePath("checkpoint")
  /// Where a checkpoint lies that nothing could go on from: the version that wrote it may.
  static let asideName = FilePath("checkpoint-unreadable")

  /// The cycle begins at its beginning; what it had come to, and how it computed, is put aside.
  func putCheckpointAside() throws {
    let (place, aside) = (directory.path.pushing(Self.checkpointName), directory.path.pushing(Self.asideName))
    let files = FileManager.default
    if files.fileExists(atPath: aside.string) { try files.removeItem(atPath: aside.string) }
    let table = directory.path.pushing(Self.convolutionsName)
    if files.fileExists(atPath: table.string) {
      let kept = place.pushing(Self.convolutionsName).string
      // Of an attempt that a kill ended.
      if files.fileExists(atPath: kept) { try files.removeItem(atPath: kept) }
      try files.moveItem(atPath: table.string, toPath: kept)
    }
    try files.moveItem(atPath: place.string, toPath: aside.string)
    checkpoint = try Self.part(Self.checkpointName, of: directory)
  }

  private static let modelName = FilePath("model.safetensors")
  private static let optimizerName = FilePath("optimizer.safetensors")
  private static let latentsName = FilePath("latents")

  private static let convolutionsName = FilePath("convolutions.txt")

  /// How the cycle computes its convolutions; nil before it was settled. Throws `MethodError.checkpoint` where that cannot
  /// be read.
  var convolutions: ConvolutionTable? {
    get throws {
      guard let bytes = try BoundedReader.readIfThere(Self.convolutionsName, in: directory, limit: 1 << 20) else {
        return nil
      }
      guard let table = ConvolutionTable(text: String(decoding: bytes, as: UTF8.self)) else {
        throw MethodError.checkpoint("\(Self.convolutionsName) cannot be read")
      }
      return table
    }
  }

  func write(_ table: ConvolutionTable) throws {
    try DurableFile.write(Array(table.text.utf8), as: Self.convolutionsName, in: directory)
  }

  func read(_ name: String) throws -> [UInt8]? {
    try BoundedReader.readIfThere(FilePath(name), in: checkpoint, limit: 1 << 33)
  }

  func write(_ bytes: [UInt8], as name: String) throws {
    try DurableFile.write(bytes, as: FilePath(name), in: checkpoint)
  }

  func remove(_ name: String) throws {
    _ = FilePath(name).withPlatformString { unlinkat(checkpoint.descriptor.rawValue, $0, 0) }
  }

  func names() throws -> [String] { try checkpoint.names().map(\.string) }

  /// Keeps a pseudo-label: on the reference grid, and on the scan's own with the scan's own geometry.
  func keep(
    _ mask: Volume<UInt8>, of segmentation: Segmentation, for scan: CaseReference, prepared: Prepared,
    header: GeometryHeader, at point: OperatingPoint
  ) throws -> KeptLabel {
    let name = FilePath("\(scan.id).nii.gz")
    let place = Image(volume: segmentation.probability, geometry: prepared.geometry).header
    try DurableFile.write(NiftiFile.encode(mask: mask, like: place), as: name, in: reference)
    let native = NativeMask(segmentation, prepared: prepared, at: point)
    let bytes = NiftiFile.encode(mask: native.mask, like: header, description: "popcornd pseudo \(scan.id)")
    try DurableFile.write(bytes, as: name, in: masks)
    return KeptLabel(
      referenceMask: path("reference/\(name)"), mask: path("masks/\(name)"),
      figures: native.figures(maskDigest: "\(Digest(of: bytes))", probabilityDigest: nil))
  }

  func write(curve: [EpochReport]) throws {
    let columns = [
      "step", "epoch", "optimizer_steps", "segmentation", "consistency", "similarity", "total", "mass_ratio",
      "validation", "rate",
    ]
    let rows = curve.map { report in
      [
        "\(report.step)", "\(report.epoch)", "\(report.optimizerSteps)", "\(report.segmentation)",
        "\(report.consistency)", "\(report.similarity)", "\(report.total)", "\(report.massRatio)",
        report.validation.map { "\($0)" } ?? "n/a", "\(report.learningRate)",
      ]
    }
    let text = ([columns] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
    try DurableFile.write(Array(text.utf8), as: "curve.tsv", in: directory)
  }

  /// Writes all that came of the cycle, `result.json` last: where it is, everything is.
  func write(_ outcome: CycleOutcome, worker: WorkerIdentity) throws -> CycleResult {
    let latents = try CycleDirectory.part(Self.latentsName, of: directory)
    for member in outcome.latents {
      try DurableFile.write(
        member.latent.withUnsafeBytes { Array($0) }, as: FilePath("\(member.id).f32"), in: latents)
    }
    try DurableFile.write(outcome.model, as: Self.modelName, in: directory)
    try DurableFile.write(outcome.optimizer, as: Self.optimizerName, in: directory)
    try write(curve: outcome.curve)
    let result = CycleResult(
      outcome: outcome.outcome, words: outcome.words, model: path(Self.modelName.string),
      modelDigest: "\(Digest(of: outcome.model))", optimizer: path(Self.optimizerName.string),
      latents: path(Self.latentsName.string),
      gate: outcome.gate, selections: outcome.selections, incidents: outcome.incidents,
      leftOut: outcome.leftOut, optimizerSteps: outcome.optimizerSteps, finalLoss: outcome.finalLoss,
      threshold: outcome.threshold,
      worker: worker)
    try write(json: result, as: "result.json")
    for name in try names() { try remove(name) }
    return result
  }

  private func write(json value: some Encodable, as name: FilePath) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(Array(encoder.encode(value)), as: name, in: directory)
  }
}

/// A segmentation on the scan's own grid.
struct NativeMask {
  let probability: Volume<Float>
  let mask: Volume<UInt8>
  private let steps: [PreparationStep]
  private let voxelVolume: Double
  private let point: OperatingPoint

  init(_ segmentation: Segmentation, prepared: Prepared, at point: OperatingPoint) {
    probability = prepared.restore(probability: segmentation.probability)
    steps = prepared.steps
    voxelVolume = prepared.scan.voxelVolume
    mask = point.mask(probability, voxel: voxelVolume)
    self.point = point
  }

  func figures(maskDigest: String, probabilityDigest: String?) -> MaskFigures {
    let lesions = LesionFigures(of: mask, voxelVolume: voxelVolume)
    var sum = 0.0
    for voxel in mask.values.indices where mask.values[voxel] != 0 { sum += Double(probability.values[voxel]) }
    return MaskFigures(
      maskDigest: maskDigest, probabilityDigest: probabilityDigest, lesionCount: lesions.count,
      voxelCount: lesions.voxels, volumeMl: lesions.ml, largestMl: lesions.largestMl,
      meanProbability: lesions.voxels > 0 ? sum / Double(lesions.voxels) : 0, preparation: steps,
      warnings: lesions.voxels == 0 ? ["EMPTY_MASK"] : [], voxelDigest: "\(mask.voxelDigest)",
      threshold: point.threshold, smallestLesion: point.floor > 0 ? point.floor : nil)
  }
}
