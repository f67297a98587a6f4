import Contract
import Evaluation
import Files
import Imaging
import Popcorn
import Study
import SystemPackage

/// Looks at the test scans at ends of steps, a fifth of the budget apart at least: a look costs as much as many steps. The
/// end of the run is what is judged. Once the labelled are learned, before any of the pool is taken, it looks at the whole
/// pool too. Nothing is chosen by what it sees.
final class StudyObserver {
  private let test: [CaseReference]
  /// Scans of the pool whose truth is known.
  private let pool: [(scan: CaseReference, truth: MaskReference)]
  private let files: any CaseSource
  private let folder: Directory
  private let budget: Int
  private(set) var progress: [StudyRun.Progress]
  /// The pool as the network sees it that has learned from experts alone: how near each is, and what its label would be.
  private(set) var poolAtStart: [StudyRun.Selection]

  static let (progressName, poolName) = (FilePath("progress.json"), FilePath("pool.json"))

  /// Goes on from what lies in the run's folder.
  init(
    test: [CaseReference], pool: [(scan: CaseReference, truth: MaskReference)], files: any CaseSource, budget: Int,
    in folder: Directory
  ) throws {
    self.budget = budget
    self.test = test
    self.pool = pool
    self.files = files
    self.folder = folder
    progress = try StudyFiles.read([StudyRun.Progress].self, Self.progressName, in: folder) ?? []
    poolAtStart = try StudyFiles.read([StudyRun.Selection].self, Self.poolName, in: folder) ?? []
  }

  func stepEnded(_ end: StepEnd, view: StepView) throws {
    try lookAtTest(end, view)
    if end.step == 0, poolAtStart.isEmpty { try lookAtPool(view) }
  }

  private func lookAtTest(_ end: StepEnd, _ view: StepView) throws {
    let before = progress.last { $0.step < end.step }?.optimizerSteps
    guard end.optimizerSteps < budget, end.optimizerSteps - (before ?? -budget) >= budget / 5 else { return }
    let scores = try test.map { try files.overlaps(of: try view.segment($0), with: $0).dice }
    progress.removeAll { $0.step >= end.step }
    progress.append(
      StudyRun.Progress(
        step: end.step, optimizerSteps: end.optimizerSteps, trainingScans: end.trainingScans,
        meanDice: mean(scores) ?? 0))
    try StudyFiles.write(progress, Self.progressName, in: folder)
  }

  private func lookAtPool(_ view: StepView) throws {
    guard !pool.isEmpty else { return }
    let known = Dictionary(pool.map { ($0.scan.id, $0) }) { first, _ in first }
    poolAtStart = try view.nearestFirst().enumerated().compactMap { place, figures in
      guard let (scan, truth) = known[figures.id] else { return nil }
      let overlap = VoxelOverlap(
        truth: try files.mask(truth, of: scan).values, mask: try view.segment(scan).values)
      return StudyRun.Selection(
        name: scan.id, step: 0, rank: place + 1, proximity: figures.sum, dice: overlap.dice,
        precision: overlap.precision, sensitivity: overlap.sensitivity)
    }
    try StudyFiles.write(poolAtStart, Self.poolName, in: folder)
  }
}
