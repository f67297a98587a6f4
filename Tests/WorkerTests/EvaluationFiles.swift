import Contract
import Files
import Imaging
import SystemPackage

@testable import popcorn

/// Masks to judge, of 6 x 5 x 4 voxels of 2 x 2 x 3 mm where nothing else is said, in a folder of their own.
struct EvaluationFiles {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("popcorn-evaluate") }

  @discardableResult
  func write(
    _ voxels: Set<Int>, _ file: String, size: [Int] = [6, 5, 4], shift: Double = 0
  ) throws -> FilePath {
    let geometry = GridGeometry(size: size, affine: [2, 0, 0, shift, 0, 2, 0, 0, 0, 0, 3, 0])
    let mask = Volume<UInt8>(
      size: GridSize(size[0], size[1], size[2]), values: (0..<size.reduce(1, *)).map { voxels.contains($0) ? 1 : 0 })
    let header = Image(volume: mask.floats, geometry: geometry).header
    return try write(bytes: NiftiFile.encode(mask: mask, like: header), file)
  }

  @discardableResult
  func write(bytes: [UInt8], _ file: String) throws -> FilePath {
    let path = FilePath(file)
    let directory = try Directory(folder.path).directory(making: path.removingLastComponent())
    try DurableFile.write(bytes, as: FilePath(path.lastComponent?.string ?? ""), in: directory)
    return folder.path.appending(file)
  }

  func report(_ truths: [String], _ mask: String, others: [String] = []) throws -> EvaluationReport {
    let paths = { (names: [String]) in names.map { folder.path.appending($0) } }
    let cases = try MaskPairing(truths: paths(truths), masks: paths([mask] + others)).cases()
    return EvaluationReport(try cases.map(EvaluateCommand.judge), others: others)
  }

  func complaint(_ truth: String, _ mask: String) -> Fault? {
    do {
      _ = try report([truth], mask)
      return nil
    } catch {
      return Fault(error)
    }
  }
}
