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
    var scores: [Double] = []
    for scan in test {
      let mask = try segment(scan)
      var dice: [Double] = []
      for reference in scan.masks {
        dice.append(VoxelOverlap(truth: try files.mask(reference, of: scan).values, mask: mask.values).dice)
      }
      scores.append(average(dice) ?? 0)
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
    guard let bytes = try bytes(of: name, in: folder) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw Fault(.dataError, "\(folder.path)/\(name) cannot be read (\(error)): remove it to measure it again")
    }
  }

  private static func bytes(of name: FilePath, in folder: Directory) throws -> [UInt8]? {
    let file: FileDescriptor
    do {
      file = try folder.open(name)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
    defer { try? file.close() }
    return try BoundedReader.read(file, limit: 1 << 28, path: name)
  }
}

/// The mean; nil of nothing.
func average(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
