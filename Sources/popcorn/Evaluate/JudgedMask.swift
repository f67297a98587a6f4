import Contract
import Imaging
import SystemPackage
import Terminal

/// A mask that was read: 1 where the file has more than 0.5.
struct JudgedMask {
  let path: FilePath
  let volume: Volume<UInt8>
  let geometry: GridGeometry

  /// Throws `Fault` for what is no mask, with what is wrong and what to do; says on standard error how one is taken that is
  /// not 0 and 1.
  init(_ path: FilePath) throws {
    self.path = path
    let file = try MaskFile(path)
    volume = file.image.volume.mask(above: 0.5)
    geometry = file.image.geometry
    for notice in file.notices { standardError("\(notice.text)\n") }
  }

  /// Throws where the other mask has other voxels, or lies half a millimetre or half a voxel away; says where it lies a
  /// hundredth of a millimetre away.
  func shares(gridWith truth: JudgedMask) throws {
    func words(_ size: GridSize) -> String { "\(size.x) x \(size.y) x \(size.z)" }
    guard volume.size == truth.volume.size else {
      throw Fault(
        .dataError,
        "\(path) has \(words(volume.size)) voxels, \(truth.path) has \(words(truth.volume.size)); masks are compared on "
          + "one grid\(remedy(truth))")
    }
    let apart = geometry.cornerDisplacement(to: truth.geometry) ?? .infinity
    let allowed = geometry.placeTolerance
    guard apart < allowed else {
      throw Fault(
        .dataError,
        "\(path) lies \(apart.decimals(2)) mm away from \(truth.path), and less than \(allowed.decimals(2)) mm is allowed; "
          + "masks are compared in one place\(remedy(truth))")
    }
    if apart >= ScanPlace.noticed {
      standardError("\(path) lies \(apart.decimals(2)) mm away from \(truth.path): voxel is compared with voxel\n")
    }
  }

  private func remedy(_ truth: JudgedMask) -> String {
    let (ours, others) = (AxisOrder(of: geometry).codes, AxisOrder(of: truth.geometry).codes)
    return ours == others
      ? ". Resample it onto that grid, with nearest neighbours"
      : ". Its axes are stored as \(ours), the truth's as \(others): bring them into one order"
  }
}
