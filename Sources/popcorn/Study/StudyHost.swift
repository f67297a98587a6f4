import Contract
import Evaluation
import Files
import FoundationEssentials
import Imaging
import Popcorn
import Study
import SystemPackage

/// Looks at the test scans at the end of each step of a run. Nothing is chosen by what it sees.
final class StudyObserver {
  private let test: [CaseReference]
  private let files: any CaseSource
  private let folder: Directory
  private(set) var progress: [StudyRun.Progress]

  private static let name = FilePath("progress.json")

  /// Goes on from what lies in the run's folder.
  init(test: [CaseReference], files: any CaseSource, in folder: Directory) throws {
    self.test = test
    self.files = files
    self.folder = folder
    progress = try StudyFiles.read([StudyRun.Progress].self, Self.name, in: folder) ?? []
  }

  func stepEnded(_ end: StepEnd, segment: (CaseReference) throws -> Volume<UInt8>) throws {
    let scores = try test.map { scan in
      let mask = try segment(scan)
      return average(
        try scan.masks.map { VoxelOverlap(truth: try files.mask($0, of: scan).values, mask: mask.values).dice })
        ?? 0
    }
    progress.removeAll { $0.step >= end.step }
    progress.append(
      StudyRun.Progress(
        step: end.step, optimizerSteps: end.optimizerSteps, trainingScans: end.trainingScans,
        meanDice: average(scores) ?? 0))
    try StudyFiles.write(progress, Self.name, in: folder)
  }
}

/// JSON files of a study.
enum StudyFiles {
  static func write(_ value: some Encodable, _ name: FilePath, in folder: Directory) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(Array(encoder.encode(value)), as: name, in: folder)
  }

  /// Nil where there is no such file.
  static func read<Value: Decodable>(_ type: Value.Type, _ name: FilePath, in folder: Directory) throws -> Value? {
    let bytes: [UInt8]
    do {
      let file = try folder.open(name)
      defer { try? file.close() }
      bytes = try BoundedReader.read(file, limit: 1 << 28, path: name)
    } catch let fault as FileFault where fault.errno == .noSuchFileOrDirectory {
      return nil
    }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw Fault(.dataError, "\(folder.path)/\(name) cannot be read (\(error)): remove it to measure it again")
    }
  }
}

/// The mean; nil of nothing.
func average(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
