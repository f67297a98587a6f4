import Contract
import Engine
import Imaging

@testable import Popcorn

/// Little volumes with bright blobs for lesions, made from their names: a study in memory.
final class TinyStudy: CaseSource, CycleHost {
  /// One voxel more than a patch: eight tiles.
  static let edge = 9

  /// What the host was told, and masks by path, as files would keep them; an expert's that is not here is made.
  var kept: [String: Volume<UInt8>] = [:]
  private(set) var told: [CycleResult.Incident] = []
  private(set) var leftOut: [String] = []
  private(set) var curve: [EpochReport] = []
  private(set) var calls = 0
  private(set) var keeps = 0
  private(set) var callsByPhase: [String: Int] = [:]
  var damaged: Set<String> = []
  /// Whose labels cannot be kept; and whether none can be a second time.
  var unkeepable: Set<String> = []
  var keepableOnce = false
  /// The call at which the host says stop; and the one at which the process dies.
  var stopsAt: Int?
  var diesAt: Int?

  struct Death: Error {}
  struct Damage: Error {}

  static func order(
    labelled: Int = 3, pool: Int = 5, holdout: Int = 1, change: (inout TrainingSettings) -> Void = { _ in }
  ) -> CycleOrder {
    var settings = TrainingSettings()
    settings.width = 8
    settings.patchSize = 8
    settings.preparation = PreparationSettings(spacing: 1, size: [edge, edge, edge])
    settings.selectPerStep = 2
    settings.epochsPerStep = 1
    settings.initialEpochs = 2
    settings.checkpointInterval = 4
    settings.neighbours = 2
    change(&settings)
    return CycleOrder(
      cycle: 1, model: nil, optimizer: nil, trainingSet: (0..<labelled).map { scan("L\($0)", labelled: true) },
      pool: (0..<pool).map { scan("U\($0)", labelled: false) },
      holdout: (0..<holdout).map { scan("H\($0)", labelled: true) }, settings: settings)
  }

  static func scan(_ id: String, labelled: Bool) -> CaseReference {
    CaseReference(
      id: id, subject: id, scan: id, masks: labelled ? [MaskReference(kind: .expert, path: "\(id)-mask")] : [])
  }

  func truth(of id: String) -> Volume<UInt8> {
    let size = GridSize(Self.edge, Self.edge, Self.edge)
    var mask = Volume(size: size, values: [UInt8](repeating: 0, count: size.count))
    var random = Random(seed: stableHash(id))
    for _ in 0..<3 {
      let corner = (0..<3).map { _ in 1 + random.int(below: 5) }
      for z in 0..<2 { for y in 0..<2 { for x in 0..<2 { mask[corner[0] + x, corner[1] + y, corner[2] + z] = 1 } } }
    }
    return mask
  }

  private var volumes: [String: CaseVolume] = [:]
  private var truths: [String: Volume<UInt8>] = [:]

  func volume(of scan: CaseReference) throws -> CaseVolume {
    if damaged.contains(scan.id) { throw Damage() }
    let volume = volumes[scan.id] ?? makeVolume(of: scan)
    volumes[scan.id] = volume
    return volume
  }

  private func makeVolume(of scan: CaseReference) -> CaseVolume {
    let truth = truth(of: scan.id)
    var random = Random(seed: stableHash(scan.id), stream: 1)
    var (image, brain) = (Volume(size: truth.size, values: truth.values.map { Float($0) }), truth)
    for z in 0..<Self.edge {
      for y in 0..<Self.edge {
        for x in 0..<Self.edge {
          let isBrain = [x, y, z].allSatisfy { 1..<Self.edge - 1 ~= $0 }
          brain[x, y, z] = isBrain ? 1 : 0
          image[x, y, z] = isBrain ? 1 + image[x, y, z] + 0.1 * random.normal() : 0
        }
      }
    }
    return CaseVolume(image: image, brain: brain)
  }

  func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
    let mask = kept[mask.path] ?? truths[scan.id] ?? truth(of: scan.id)
    if scan.masks.first?.kind == .expert { truths[scan.id] = mask }
    return mask
  }

  /// How far the cycle last said it was.
  private(set) var lastSaid: TrainingProgress?
  func mayContinue(_ progress: TrainingProgress) throws -> Bool {
    calls += 1
    callsByPhase[progress.phase, default: 0] += 1
    lastSaid = progress
    if calls == diesAt { throw Death() }
    return calls != stopsAt
  }

  func keep(
    _ mask: Volume<UInt8>, of segmentation: Segmentation, for scan: CaseReference, at point: OperatingPoint
  ) throws -> KeptLabel {
    if unkeepable.contains(scan.id) || keepableOnce && kept["reference/\(scan.id)"] != nil {
      throw UnreadableCase(Damage())
    }
    keeps += 1
    kept["reference/\(scan.id)"] = mask
    return KeptLabel(
      referenceMask: "reference/\(scan.id)", mask: "masks/\(scan.id)",
      figures: MaskFigures(
        maskDigest: "", probabilityDigest: nil, lesionCount: 0, voxelCount: mask.values.reduce(0) { $0 + Int($1) },
        volumeMl: 0, largestMl: 0, meanProbability: 0, preparation: [], warnings: []))
  }

  func epochEnded(_ curve: [EpochReport]) { self.curve = curve }
  func leftOut(_ scan: CaseReference, because error: any Error) -> String {
    leftOut.append(scan.id)
    return "\(scan.id) is damaged"
  }
  /// Latents that the host knows, and for whom it was asked.
  var known: [String: [Float]] = [:]
  func latentAtStart(of scan: CaseReference) -> [Float]? { known[scan.id] }
  func incident(_ incident: CycleResult.Incident) { told.append(incident) }
}

/// A store that outlives the run, as a disk outlives a process; it can die before or after a write.
final class TinyStore: CheckpointStore {
  private(set) var files: [String: [UInt8]] = [:]
  private(set) var writes = 0
  private(set) var bytesWritten = 0
  private(set) var snapshotsWritten = 0
  var diesBefore: Int?
  var diesAfter: Int?

  func read(_ name: String) throws -> [UInt8]? { files[name] }

  func write(_ bytes: [UInt8], as name: String) throws {
    writes += 1
    if writes == diesBefore { throw TinyStudy.Death() }
    files[name] = bytes
    bytesWritten += bytes.count
    if name.hasPrefix("snapshot") { snapshotsWritten += 1 }
    if writes == diesAfter { throw TinyStudy.Death() }
  }

  func remove(_ name: String) throws { files[name] = nil }
  func names() throws -> [String] { files.keys.sorted() }
}

/// A cycle over a study in memory.
func cycle(
  _ order: CycleOrder, _ study: TinyStudy, _ store: TinyStore, model: Safetensors? = nil
) throws -> Cycle<CPU> {
  try Cycle(order, on: CPU(), model: model, optimizer: nil, cases: study, store: store, host: study)
}

/// The same without arithmetic, for what does not hang on what is learned.
/// - Parameter cases: where volumes and masks come from; nil for the study.
func nullCycle(
  _ order: CycleOrder, _ study: TinyStudy, model: Safetensors? = nil, cases: (any CaseSource)? = nil
) throws -> Cycle<Null> {
  try Cycle(
    order, on: Null(), model: model, optimizer: nil, cases: cases ?? study, store: TinyStore(), host: study)
}

/// A model's weights alone: what it says of recipe and strategy differs between runs that learned the same.
func weights(in model: [UInt8]) throws -> [Float] {
  try Safetensors.decode(model).entries.flatMap(\.values.floats)
}

/// Notes every step, and the weights before the first and after each.
final class StepNotes: StepRecorder {
  private(set) var steps: [TakenStep] = []
  private(set) var weights: [[Float]] = []
  private var parameters: ParameterBlock?

  func begins(_ parameters: ParameterBlock) {
    self.parameters = parameters
    weights = [parameters.values]
  }

  func took(_ step: TakenStep) {
    steps.append(step)
    if let parameters { weights.append(parameters.values) }
  }

  func ended(with step: Int) {}
}
