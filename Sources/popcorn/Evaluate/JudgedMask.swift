import Contract
import Files
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
    let reading: NiftiReading
    do {
      reading = try NiftiFile.read(try BoundedReader.read(path), limits: .ours)
    } catch let rejection as Rejection {
      let (reason, numbers) = (rejection.reason, rejection.numbers)
      throw Fault(
        .dataError,
        "\(path) is no mask that can be read (\(rejection)). \(reason.explanation(with: numbers)) \(reason.remedy)")
    }
    if let zeroed = reading.normalisations.first(where: { $0.hasPrefix(Self.notNumbers) }) {
      throw Fault(
        .dataError,
        "\(path) has voxels that are no numbers (\(zeroed.dropFirst(Self.notNumbers.count))): write 0 or 1 there")
    }
    let image = reading.image
    guard let edge = image.geometry.spacing.max(), edge < Self.largestEdge else {
      throw Fault(.dataError, "\(path) has voxels of a metre and more: its header is not in millimetres")
    }
    let values = MaskValues(image.volume)
    if let words = values.refusal { throw Fault(.dataError, "\(path) \(words)") }
    volume = image.volume.mask(above: 0.5)
    geometry = image.geometry
    let marked = volume.values.count { $0 != 0 }
    let notices = [
      values.notice,
      marked == 0 && values.isMarked ? "has nothing above 0.5: it is taken for empty" : nil,
      marked * 2 > volume.values.count ? "has lesion in more than half of its voxels: is it inverted?" : nil,
    ]
    for notice in notices.compactMap({ $0 }) { standardError("\(path) \(notice)\n") }
  }

  private static let notNumbers = "NAN_ZEROED:"
  private static let largestEdge = 1000.0

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
    let allowed = min(0.5, (geometry.spacing.min() ?? 0) / 2)
    guard apart < allowed else {
      throw Fault(
        .dataError,
        "\(path) lies \(apart.decimals(2)) mm away from \(truth.path), and less than \(allowed.decimals(2)) mm is allowed; "
          + "masks are compared in one place\(remedy(truth))")
    }
    if apart >= Self.noticed {
      standardError("\(path) lies \(apart.decimals(2)) mm away from \(truth.path): voxel is compared with voxel\n")
    }
  }

  private static let noticed = 0.01

  private func remedy(_ truth: JudgedMask) -> String {
    let (ours, others) = (AxisOrder(of: geometry).codes, AxisOrder(of: truth.geometry).codes)
    return ours == others
      ? ". Resample it onto that grid, with nearest neighbours"
      : ". Its axes are stored as \(ours), the truth's as \(others): bring them into one order"
  }
}
