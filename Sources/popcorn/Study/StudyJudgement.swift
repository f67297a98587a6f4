import Contract
import Engine
import Evaluation
import Files
import FoundationEssentials
import Imaging
import Popcorn
import Study
import SystemPackage

/// What a training is worth on the test scans, and what it shows of the method: pseudo-labels beside the hidden truth, latents.
struct StudyJudgement {
  let name: StudyRunName
  let scans: StudyScans
  let settings: TrainingSettings
  let schedule: StudyRun.Schedule
  let files: ScanFiles
  /// The run's.
  let folder: Directory

  /// What the run is worth.
  /// - Parameter seen: what was seen of it on the way.
  /// Throws `CyclePaused` where `stop` asked for a stop.
  func judge(
    _ result: CycleResult, seen: StudyObserver, seconds: Double, on device: CPU, stop: @escaping () -> Bool
  ) throws -> StudyRun {
    let (network, use) = try Models(on: device).network(result.model)
    let window = SlidingWindow(network, edge: settings.patchSize, manner: use.window) {
      if stop() { throw CyclePaused() }
    }
    let pictures = StudyPictures(of: scans.folder.test, files: files)
    var scores: [StudyRun.Score] = []
    var latents = try readLatents(result)
    var agreement = LatentAgreement()
    for (number, scan) in scans.folder.test.enumerated() {
      let segmentation = try window.segment(try files.volume(of: scan))
      let mask = use.point().mask(segmentation.probability, voxel: settings.preparation.voxelVolume)
      latents[scan.id] = segmentation.latent
      scores.append(try score(mask, of: scan))
      try pictures.draw(mask, of: scan, in: folder)
      if let truth = scan.masks.first {
        try agreement.add(
          try files.volume(of: scan), truth: try files.mask(truth, of: scan), number: number, network: network,
          edge: settings.patchSize)
      }
    }
    let strategy = try Strategies.named(name.strategy)
    // One at the end is of a training that fell afterwards, and went back to it for good.
    let looks = seen.progress.filter { $0.optimizerSteps <= result.optimizerSteps }
    let end = StudyRun.Progress(
      step: max(result.selections.map(\.step).max() ?? 0, (looks.last?.step ?? -1) + 1),
      optimizerSteps: result.optimizerSteps,
      trainingScans: scans.trainingSet.count + result.selections.count, meanDice: mean(scores.map(\.dice)) ?? 0)
    return StudyRun(
      strategy: name.strategy, recipe: name.recipe, seed: name.seed, outcome: result.outcome, words: result.words,
      threshold: use.point().threshold, optimizerSteps: result.optimizerSteps,
      patches: result.optimizerSteps * strategy.companion.patches,
      labelledPatches: labelledPatches(of: strategy, result, seen.progress),
      schedule: schedule,
      experts: scans.trainingSet.count, pseudoLabels: result.selections.count, seconds: seconds,
      incidents: result.incidents.count, fallenAt: result.incidents.map(\.at), worker: result.worker,
      program: Provenance.program.map { "\($0)" }, processor: Provenance.processor, modelDigest: result.modelDigest,
      heldOutDice: mean(result.gate.map(\.after)),
      latentAgreement: agreement.measured, scores: scores,
      progress: looks + [end], selections: try result.selections.map { try selection($0) },
      poolLeftOut: result.leftOut?.map(\.id), poolAtStart: seen.poolAtStart.isEmpty ? nil : seen.poolAtStart,
      latents: points(latents, result))
  }

  /// Where patches of the pool stand beside labelled ones a step has one of these, but two until a teacher has spoken.
  private func labelledPatches(of strategy: any Strategy, _ result: CycleResult, _ progress: [StudyRun.Progress]) -> Int
  {
    let steps = result.optimizerSteps
    guard strategy.companion.isOfPool else { return 2 * steps }
    guard strategy.teacher != nil else { return steps }
    // Nobody looked at the end of step 0 where it took the whole budget.
    return steps + (progress.first { $0.step == 0 }?.optimizerSteps ?? steps)
  }

  private func score(_ mask: Volume<UInt8>, of scan: CaseReference) throws -> StudyRun.Score {
    let voxelMl = settings.preparation.voxelVolume / 1000
    let overlaps = try files.overlaps(of: mask, with: scan)
    let truth = mean(overlaps.map { Double($0.truePositives + $0.falseNegatives) }) ?? 0
    return StudyRun.Score(
      name: scan.id, dice: overlaps.dice, precision: overlaps.precision, sensitivity: overlaps.sensitivity,
      truthMl: truth * voxelMl,
      maskMl: Double(mask.values.count { $0 != 0 }) * voxelMl)
  }

  private func selection(_ selection: CycleResult.Selection) throws -> StudyRun.Selection {
    let scan = scans.folder.unlabeled.first { $0.id == selection.proximity.id }
    let overlap = try scan.flatMap { scan in
      try scans.hiddenTruth(of: scan).map { truth in
        let drawn = MaskReference(kind: .pseudo, path: selection.referenceMask, onReferenceGrid: true)
        let mask = try files.mask(drawn, of: scan).values.map { $0 == 1 ? UInt8(1) : 0 }
        return VoxelOverlap(truth: try files.mask(truth, of: scan).values, mask: mask)
      }
    }
    return StudyRun.Selection(
      name: selection.proximity.id, step: selection.step, rank: selection.rank,
      proximity: selection.proximity.nearest.isEmpty ? nil : selection.proximity.sum, dice: overlap?.dice,
      precision: overlap?.precision, sensitivity: overlap?.sensitivity)
  }

  private func readLatents(_ result: CycleResult) throws -> [String: [Float]] {
    guard result.outcome == .publish else { return [:] }
    var latents: [String: [Float]] = [:]
    for scan in scans.trainingSet + scans.folder.unlabeled {
      latents[scan.id] = try? LatentFile.read("\(result.latents)/\(scan.id).f32")
    }
    return latents
  }

  private func points(_ latents: [String: [Float]], _ result: CycleResult) -> [StudyRun.LatentPoint] {
    let steps = Dictionary(result.selections.map { ($0.proximity.id, $0.step) }, uniquingKeysWith: { $1 })
    var known: [(part: String, scan: String, latent: [Float])] = []
    func add(_ cases: [CaseReference], as part: String) {
      for scan in cases { if let latent = latents[scan.id] { known.append((part, scan.id, latent)) } }
    }
    add(scans.trainingSet, as: "labeled")
    add(scans.folder.unlabeled, as: "unlabeled")
    add(scans.folder.test, as: "test")
    let scores = PrincipalAxes(of: known.map(\.latent)).scores
    return zip(known, scores).map { scan, score in
      StudyRun.LatentPoint(
        name: scan.scan, part: scan.part, step: scan.part == "labeled" ? 0 : steps[scan.scan], x: score.x, y: score.y)
    }
  }
}
