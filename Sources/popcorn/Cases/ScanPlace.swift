import Contract
import Imaging

/// Where a scan lies. What is drawn on it has to lie there too, in whatever order its axes are stored.
struct ScanPlace {
  let geometry: GridGeometry
  /// Whether the scan's file says so; else its axes are assumed.
  let isOriented: Bool

  /// From so far on, mm, it is said that two grids do not lie in one place.
  static let noticed = 0.01

  /// A mask, or a brain's mask, in its place on the scan.
  /// - Parameter isOriented: whether its file says how it lies; else its voxels are taken to be stored as the scan's.
  /// Throws `Fault` where it lies elsewhere, or where that cannot be told. One of another size is answered as it is: the
  /// preparation refuses it.
  func bring(_ mask: Image, isOriented: Bool, from path: String) throws -> (image: Image, notice: FileNotice?) {
    guard isOriented else { return try bring(unoriented: mask, from: path) }
    guard let apart = geometry.displacement(of: mask.geometry) else { return (mask, nil) }
    let (nearest, allowed) = (min(apart.stored, apart.turned), mask.geometry.placeTolerance)
    guard nearest < allowed else { throw misplaced(mask.geometry, by: nearest, allowed: allowed, from: path) }
    // Of two orders that a slanted grid may be read in both have to be read in one.
    let image = apart.stored < allowed ? Image(volume: mask.volume, geometry: geometry) : mask
    return (
      image,
      nearest < Self.noticed
        ? nil
        : FileNotice(
          path: path, words: "lies \(nearest.decimals(2)) mm away from its scan: its voxels are taken for the scan's")
    )
  }

  private func bring(unoriented mask: Image, from path: String) throws -> (image: Image, notice: FileNotice?) {
    guard mask.geometry.size == geometry.size else {
      throw Fault(
        .dataError,
        "\(path): ORIENTATION_UNKNOWN, its header says not how it lies (qform_code and sform_code are 0), and it has "
          + "\(Self.words(mask.geometry.size)) voxels where its scan has \(Self.words(geometry.size)). Save it again in the "
          + "geometry of the scan")
    }
    return (
      Image(volume: mask.volume, geometry: geometry),
      FileNotice(
        path: path,
        words:
          "says not how it lies (ORIENTATION_ASSUMED: qform_code and sform_code are 0): its voxels are taken to be stored as "
          + "its scan's"
      )
    )
  }

  private func misplaced(_ other: GridGeometry, by apart: Double, allowed: Double, from path: String) -> Fault {
    let (own, others) = (AxisOrder(of: geometry).codes, AxisOrder(of: other).codes)
    let axes = own == others ? "" : "; its axes are stored as \(others), the scan's as \(own)"
    let unsaid = isOriented ? "" : ", whose header says not how it lies (qform_code and sform_code are 0)"
    return Fault(
      .dataError,
      "\(path): LABEL_GEOMETRY, it lies \(apart.decimals(2)) mm away from its scan\(unsaid), and less than "
        + "\(allowed.decimals(2)) mm is allowed\(axes). Save it again in the geometry of the scan")
  }

  private static func words(_ size: [Int]) -> String { size.map(String.init).joined(separator: " x ") }
}

extension GridGeometry {
  /// Grids that lie so far apart, mm, are two: half a millimetre, or half a voxel where that is less.
  var placeTolerance: Double { min(0.5, (spacing.min() ?? 0) / 2) }

  /// How far corners lie apart, mm, as both are stored and in the body's order of the axes; nil where neither has the sizes of
  /// the other.
  func displacement(of other: GridGeometry) -> (stored: Double, turned: Double)? {
    let stored = cornerDisplacement(to: other)
    let turned = AxisOrder(of: self).canonical(self).cornerDisplacement(to: AxisOrder(of: other).canonical(other))
    return stored == nil && turned == nil ? nil : (stored ?? .infinity, turned ?? .infinity)
  }
}
