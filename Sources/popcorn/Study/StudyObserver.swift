import Contract
import Evaluation
import Files
import Imaging
import Popcorn
import Study
import SystemPackage

/// Looks at the test scans at ends of steps, a fifth of the budget apart at least: a look costs as much as many steps. The
/// end of the run is what is judged. Nothing is chosen by what it sees.
final class StudyObserver {
  private let test: [CaseReference]
  private let files: any CaseSource
  private let folder: Directory
  private let budget: Int
  private(set) var progress: [StudyRun.Progress]

  private static let name = FilePath("progress.json")

  /// Goes on from what lies in the run's folder.
  init(test: [CaseReference], files: any CaseSource, budget: Int, in folder: Directory) throws {
    self.budget = budget
    self.test = test
    self.files = files
    self.folder = folder
    progress = try StudyFiles.read([StudyRun.Progress].self, Self.name, in: folder) ?? []
  }

  func stepEnded(_ end: StepEnd, segment: (CaseReference) throws -> Volume<UInt8>) throws {
    let before = progress.last { $0.step < end.step }?.optimizerSteps
    guard end.optimizerSteps < budget, end.optimizerSteps - (before ?? -budget) >= budget / 5 else { return }
    let scores = try test.map { try files.overlaps(of: try segment($0), with: $0).dice }
    progress.removeAll { $0.step >= end.step }
    progress.append(
      StudyRun.Progress(
        step: end.step, optimizerSteps: end.optimizerSteps, trainingScans: end.trainingScans,
        meanDice: mean(scores) ?? 0))
    try StudyFiles.write(progress, Self.name, in: folder)
  }
}
