import Contract
import Imaging
import SystemPackage
import Terminal

/// A mask that was read: 1 where the file has more than 0.5.
struct JudgedMask {
  let path: FilePath
  let volume: Volume<UInt8>
  let geometry: GridGeometry
  /// Whether the file says how it lies in the body; else its voxels are compared as they are stored.
  private let isOriented: Bool

  /// Throws `Fault` for what is no mask, with what is wrong and what to do; says on standard error how one is taken that is
  /// not 0 and 1, and what its grid does to figures in millimetres.
  init(_ path: FilePath) throws {
    self.path = path
    let file = try MaskFile(path)
    volume = file.image.volume.mask(above: 0.5)
    geometry = file.image.geometry
    isOriented = file.isOriented
    let ofGrid = [
      isOriented
        ? nil
        : "says not how it lies (ORIENTATION_ASSUMED: qform_code and sform_code are 0): voxel is compared with voxel, and "
          + "places of lesions are as if its axes ran right, forward and up",
      geometry.isSheared
        ? "has axes that are not at right angles: distances between surfaces are as if they were" : nil,
    ]
    let notices = file.notices + ofGrid.compactMap(\.self).map { FileNotice(path: path.string, words: $0) }
    for notice in notices { standardError("\(notice.text)\n") }
  }

  /// Its voxels in the order of the truth's. Throws where they are others, or lie half a millimetre or half a voxel away;
  /// says where they lie a hundredth of a millimetre away.
  func volume(onGridOf truth: JudgedMask) throws -> Volume<UInt8> {
    guard isOriented, truth.isOriented else {
      guard volume.size == truth.volume.size else { throw otherVoxels(than: truth) }
      return volume
    }
    let allowed = geometry.placeTolerance
    let stored = geometry.cornerDisplacement(to: truth.geometry)
    if let stored, stored < allowed {
      say(apart: stored, from: truth)
      return volume
    }
    let (order, others) = (AxisOrder(of: geometry), AxisOrder(of: truth.geometry))
    let turned = order.canonical(geometry).cornerDisplacement(to: others.canonical(truth.geometry))
    guard let nearest = [stored, turned].compactMap(\.self).min() else { throw otherVoxels(than: truth) }
    guard let turned, turned < allowed else {
      throw Fault(
        .dataError,
        "\(path) lies \(nearest.decimals(2)) mm away from \(truth.path), and less than \(allowed.decimals(2)) mm is "
          + "allowed; masks are compared in one place\(remedy(truth))")
    }
    say(apart: turned, from: truth)
    return others.stored(order.canonical(volume))
  }

  private func say(apart: Double, from truth: JudgedMask) {
    guard apart >= ScanPlace.noticed else { return }
    standardError("\(path) lies \(apart.decimals(2)) mm away from \(truth.path): voxel is compared with voxel\n")
  }

  private func otherVoxels(than truth: JudgedMask) -> Fault {
    func words(_ size: GridSize) -> String { "\(size.x) x \(size.y) x \(size.z)" }
    return Fault(
      .dataError,
      "\(path) has \(words(volume.size)) voxels, \(truth.path) has \(words(truth.volume.size)); masks are compared on "
        + "one grid\(remedy(truth))")
  }

  private func remedy(_ truth: JudgedMask) -> String {
    guard isOriented, truth.isOriented else {
      let unsaid = isOriented ? truth.path : path
      return
        ". Of \(unsaid) nobody can tell how it lies (qform_code and sform_code are 0): save it again in its scan's geometry"
    }
    return ". Resample it onto that grid, with nearest neighbours"
  }
}
