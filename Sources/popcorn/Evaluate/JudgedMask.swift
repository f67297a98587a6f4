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

  /// Its voxels in the order of the other's, and how far they lie apart, mm. Throws where they are others, or lie half a
  /// millimetre or half a voxel away.
  func volume(onGridOf other: JudgedMask) throws -> (volume: Volume<UInt8>, apart: Double) {
    guard isOriented, other.isOriented else {
      guard volume.size == other.volume.size else { throw otherVoxels(than: other) }
      return (volume, 0)
    }
    guard let apart = geometry.displacement(of: other.geometry) else { throw otherVoxels(than: other) }
    let allowed = geometry.placeTolerance
    if apart.stored < allowed { return (volume, apart.stored) }
    guard apart.turned < allowed else {
      throw Fault(
        .dataError,
        "\(path) lies \(min(apart.stored, apart.turned).decimals(2)) mm away from \(other.path), and less than "
          + "\(allowed.decimals(2)) mm is allowed; masks are compared in one place\(remedy(other))")
    }
    return (AxisOrder(of: other.geometry).stored(AxisOrder(of: geometry).canonical(volume)), apart.turned)
  }

  /// Its voxels to be compared with a truth's. Says where they lie a hundredth of a millimetre away.
  func volume(against truth: JudgedMask) throws -> Volume<UInt8> {
    let (volume, apart) = try volume(onGridOf: truth)
    if apart >= ScanPlace.noticed {
      standardError("\(path) lies \(apart.decimals(2)) mm away from \(truth.path): voxel is compared with voxel\n")
    }
    return volume
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
