import ArgumentParser
import Contract
import Evaluation
import Files
import FoundationEssentials
import Imaging
import SystemPackage

/// `popcorn evaluate`: masks against their truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure lesion masks against the truth.",
    discussion: """
      --truth and --mask are two NIfTI masks, or two folders whose files pair up by name: the part before _mask, _dseg,
      _seg or _FLAIR, or the whole name. Undefined figures (a ratio whose masks are empty) are left out of means.
      """)

  @Option(help: "The true mask, or a folder of them.")
  var truth: String
  @Option(help: "The mask to judge, or a folder of them.")
  var mask: String
  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let pairs = try MaskPairing(truth: FilePath(truth), mask: FilePath(mask)).pairs()
    let results = try pairs.map { EvaluationReport.Case(name: $0.name, comparison: try compare($0)) }
    let report = EvaluationReport(results)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(report.table)
    }
  }

  private func compare(_ pair: MaskPairing.Pair) throws -> MaskComparison {
    let truth = try read(pair.truth)
    let mask = try read(pair.mask)
    guard truth.volume.size == mask.volume.size else {
      throw complaint(
        "popcorn evaluate: \(pair.mask) has \(words(mask.volume.size)) voxels, \(pair.truth) has "
          + "\(words(truth.volume.size)); masks are compared on one grid", .dataError)
    }
    let apart = truth.geometry.cornerDisplacement(to: mask.geometry) ?? 0
    guard apart < 0.5 else {
      throw complaint(
        "popcorn evaluate: \(pair.mask) lies \(apart.decimals(1)) mm away from \(pair.truth); masks are compared in one "
          + "place", .dataError)
    }
    return MaskComparison(
      truth: truth.volume.map { $0 > 0.5 ? 1 : 0 }, mask: mask.volume.map { $0 > 0.5 ? 1 : 0 },
      geometry: truth.geometry)
  }

  private func read(_ path: FilePath) throws -> Image {
    do {
      return try NiftiFile.decode(try BoundedReader.read(path))
    } catch let fault as FileFault {
      throw complaint("popcorn evaluate: \(fault)", .noInput)
    } catch let rejection as Rejection {
      throw complaint("popcorn evaluate: \(path) is no mask that can be read: \(rejection)", .dataError)
    }
  }

  private func words(_ size: GridSize) -> String { "\(size.x) x \(size.y) x \(size.z)" }
}

/// Which truth goes with which mask.
struct MaskPairing {
  struct Pair {
    let name: String
    let truth, mask: FilePath
  }

  let truth, mask: FilePath

  /// One pair of files, or the files of two folders whose stems agree, by name. A truth without a mask is an error: a
  /// mean over what happens to be there would flatter.
  func pairs() throws -> [Pair] {
    guard let truths = try? Directory(truth) else {
      return [Pair(name: Self.stem(truth.lastComponent?.string ?? ""), truth: truth, mask: mask)]
    }
    let masks: Directory
    do {
      masks = try Directory(mask)
    } catch {
      throw complaint("popcorn evaluate: --truth is a folder, --mask is not: \(error)", .noInput)
    }
    let expected = try stems(of: truths, at: truth)
    let given = try stems(of: masks, at: mask)
    guard !expected.isEmpty else {
      throw complaint("popcorn evaluate: \(truth) holds no mask (*.nii, *.nii.gz)", .noInput)
    }
    return try expected.sorted { $0.key < $1.key }.map { stem, path in
      guard let partner = given[stem] else {
        throw complaint("popcorn evaluate: \(mask) holds no mask for \(stem)", .noInput)
      }
      return Pair(name: stem, truth: path, mask: partner)
    }
  }

  private func stems(of directory: Directory, at path: FilePath) throws -> [String: FilePath] {
    var found: [String: FilePath] = [:]
    for name in try directory.names().map(\.string) where name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") {
      guard !name.contains("_FLAIR."), !name.contains("_brainmask.") else { continue }
      let stem = Self.stem(name)
      if let other = found[stem] {
        throw complaint("popcorn evaluate: \(other) and \(path.appending(name)) are both for \(stem)", .dataError)
      }
      found[stem] = path.appending(name)
    }
    return found
  }

  static func stem(_ name: String) -> String {
    var stem = name[...]
    for ending in [".gz", ".nii", "_mask", "_dseg", "_seg", "_FLAIR"] where stem.hasSuffix(ending) {
      stem = stem.dropLast(ending.count)
    }
    return String(stem)
  }
}
