import Contract

/// What a header means: the grid it places, decided where the standard leaves two readings.
struct GridReading {
  var size: GridSize
  /// Volumes beyond the first three dimensions.
  var volumes: Int
  var geometry: GridGeometry
  var notes: [String]
  var warnings: [String]

  init(_ header: NiftiHeader, limits: IntakeLimits) throws(Rejection) {
    notes = header.notes
    warnings = []
    (size, volumes) = try GridReading.extents(of: header, limits: limits)
    if volumes == 1, header.dim[0] > 3 { notes.append("SQUEEZED_4D") }
    let scale = GridReading.millimetres(header, notes: &notes, warnings: &warnings)
    let edges = GridReading.edges(header, scale: scale, notes: &notes)
    let affine = try GridReading.affine(
      header, size: size, edges: edges, scale: scale, limits: limits, notes: &notes)
    geometry = GridGeometry(size: size.list, affine: affine)
    try judge(header, edges: edges, limits: limits)
  }

  // MARK: Size

  private static func extents(
    of header: NiftiHeader, limits: IntakeLimits
  ) throws(Rejection) -> (GridSize, Int) {
    let shape = header.dim.map { "\($0)" }.joined(separator: " ")
    guard (1...7).contains(header.dim[0]), header.extents.allSatisfy({ $0 > 0 }) else {
      throw Rejection(.reject, .badDim, ["dim": shape])
    }
    let extents = header.extents + Array(repeating: 1, count: 7 - header.dim[0])
    var count = 1
    for extent in extents {
      let product = count.multipliedReportingOverflow(by: extent)
      guard !product.overflow, product.partialValue < GridGeometry.mostVoxels else {
        throw Rejection(.reject, .tooLarge, ["dim": shape, "allowed voxels": "\(limits.maximumVoxels)"])
      }
      count = product.partialValue
    }
    let voxels = extents[0] * extents[1] * extents[2]
    guard count <= limits.maximumVoxels else {
      throw Rejection(
        .reject, .tooLarge,
        [
          "dim": shape, "voxels": "\(count)", "allowed voxels": "\(limits.maximumVoxels)",
          "memory": readable(bytes: 8 * count),
        ])
    }
    guard extents[0...2].allSatisfy({ $0 >= limits.minimumSlices }) else {
      throw Rejection(.reject, .tooFewSlices, ["dim": shape, "least": "\(limits.minimumSlices)"])
    }
    return (GridSize(extents[0], extents[1], extents[2]), count / voxels)
  }

  // MARK: Lengths

  /// The factor that makes the header's lengths millimetres.
  private static func millimetres(
    _ header: NiftiHeader, notes: inout [String], warnings: inout [String]
  ) -> Double {
    switch header.geometry.units & 7 {
    case 1:
      notes.append("UNITS:m")
      return 1000
    case 2: return 1
    case 3:
      notes.append("UNITS:um")
      return 0.001
    default:
      if header.format != .analyze { warnings.append("UNITS_UNKNOWN") }
      return 1
    }
  }

  /// The voxel edges that pixdim says, mm; nil where it says none.
  private static func edges(_ header: NiftiHeader, scale: Double, notes: inout [String]) -> [Double?] {
    let edges = header.geometry.pixdim[1...3]
    if edges.contains(where: { $0 < 0 }) { notes.append("PIXDIM_NEGATIVE") }
    return edges.map { $0.isFinite && $0 != 0 ? abs($0) * scale : nil }
  }

  // MARK: Place

  private static func affine(
    _ header: NiftiHeader, size: GridSize, edges: [Double?], scale: Double, limits: IntakeLimits,
    notes: inout [String]
  ) throws(Rejection) -> [Double] {
    let rows = sform(header, scale: scale, notes: &notes)
    let quaternion = qform(header, edges: edges, scale: scale, notes: &notes)
    if rows != nil, edges.contains(where: { $0 == nil }) { notes.append("PIXDIM_FROM_SFORM") }
    if let rows {
      if let quaternion {
        let apart = GridGeometry(size: size.list, affine: rows)
          .cornerDisplacement(to: GridGeometry(size: size.list, affine: quaternion))
        if let apart, !(apart <= 0.01) { notes.append("SFORM_QFORM_DIFFER:\(apart.fixed(2))mm") }
      }
      return try checked(rows)
    }
    if let quaternion { return try checked(quaternion) }
    let known = edges.compactMap { $0 }
    guard known.count == 3 else {
      throw Rejection(
        .hold, .badVoxelSize, ["pixdim": header.geometry.pixdim[1...3].map { "\($0)" }.joined(separator: " ")])
    }
    let numbers: KeyValuePairs = [
      "qform_code": "\(header.geometry.qformCode)", "sform_code": "\(header.geometry.sformCode)",
    ]
    let isVouchedFor = limits.isOrientationVouchedFor && limits.unknownOrientation == .hold
    switch (isVouchedFor && header.format != .analyze ? .assumeRAS : limits.unknownOrientation, header.format) {
    case (.assumeRAS, _):
      notes.append("ORIENTATION_ASSUMED:RAS")
      let origin = (0..<3).map { -known[$0] * Double(size.list[$0] - 1) / 2 }
      return [known[0], 0, 0, origin[0], 0, known[1], 0, origin[1], 0, 0, known[2], origin[2]]
    case (.hold, .analyze): throw Rejection(.hold, .analyzeNoOrientation)
    case (.reject, .analyze): throw Rejection(.reject, .analyzeNoOrientation)
    case (.hold, _): throw Rejection(.hold, .orientationUnknown, numbers)
    case (.reject, _): throw Rejection(.reject, .orientationUnknown, numbers)
    }
  }

  private static func checked(_ affine: [Double]) throws(Rejection) -> [Double] {
    guard [3, 7, 11].allSatisfy({ affine[$0].isFinite }) else {
      throw Rejection(
        .hold, .badOrigin, ["origin": [3, 7, 11].map { "\(affine[$0])" }.joined(separator: " ")])
    }
    return affine
  }

  /// The sform, mm; nil where it is not set, not finite or flat.
  private static func sform(_ header: NiftiHeader, scale: Double, notes: inout [String]) -> [Double]? {
    guard header.geometry.sformCode > 0 else { return nil }
    let rows = header.geometry.rows.map { $0 * scale }
    let grid = GridGeometry(size: [1, 1, 1], affine: rows)
    let product = grid.spacing.reduce(1, *)
    guard product.isFinite, product > 0, grid.voxelVolume > 1e-3 * product else {
      notes.append("SFORM_SINGULAR")
      return nil
    }
    return rows
  }

  /// The qform, mm, by the formula of nifti1.h in Double; nil where it is not set or no rotation.
  private static func qform(
    _ header: NiftiHeader, edges: [Double?], scale: Double, notes: inout [String]
  ) -> [Double]? {
    guard header.geometry.qformCode > 0, let dx = edges[0], let dy = edges[1], let dz = edges[2] else { return nil }
    var (b, c, d) = (header.geometry.quaternion[0], header.geometry.quaternion[1], header.geometry.quaternion[2])
    let squared = b * b + c * c + d * d
    guard squared.isFinite, squared <= 1.0001 else {
      notes.append("QFORM_INVALID")
      return nil
    }
    var a = (max(0, 1 - squared)).squareRoot()
    if 1 - squared < 1e-7 {
      // A half turn: stored floats lose `a` to rounding, so the vector part is made one again.
      let norm = squared.squareRoot()
      (a, b, c, d) = (0, b / norm, c / norm, d / norm)
    }
    let factor = header.geometry.pixdim[0]
    if abs(factor) != 1 { notes.append("QFAC:\(factor.fixed(2))") }
    let z = factor == -1 ? -dz : dz
    let t = header.geometry.offset.map { $0 * scale }
    return [
      (a * a + b * b - c * c - d * d) * dx, 2 * (b * c - a * d) * dy, 2 * (b * d + a * c) * z, t[0],
      2 * (b * c + a * d) * dx, (a * a + c * c - b * b - d * d) * dy, 2 * (c * d - a * b) * z, t[1],
      2 * (b * d - a * c) * dx, 2 * (c * d + a * b) * dy, (a * a + d * d - b * b - c * c) * z, t[2],
    ]
  }

  // MARK: Plausible?

  private mutating func judge(_ header: NiftiHeader, edges: [Double?], limits: IntakeLimits) throws(Rejection) {
    let spacing = geometry.spacing
    let shown = spacing.map { $0.fixed(2) }.joined(separator: "x")
    guard spacing.allSatisfy({ $0 >= limits.minimumVoxelMm && $0 <= limits.maximumVoxelMm }) else {
      throw Rejection(
        .hold, .badVoxelSize,
        ["voxel mm": shown, "allowed": "\(limits.minimumVoxelMm) to \(limits.maximumVoxelMm)"])
    }
    let view = (0..<3).map { spacing[$0] * Double(size.list[$0]) }
    let shownView = view.map { $0.fixed(0) }.joined(separator: "x")
    guard view.allSatisfy({ $0 >= limits.minimumFovMm }), view.allSatisfy({ $0 <= 1000 }) || limits == .ours else {
      throw Rejection(.hold, .fieldOfView, ["field of view mm": shownView, "least": "\(limits.minimumFovMm)"])
    }
    if view.contains(where: { $0 > 400 }) { warnings.append("LARGE_FOV:\(shownView)") }
    if zip(edges, spacing).contains(where: { edge, real in edge.map { abs($0 - real) > 0.01 * real } ?? false }) {
      notes.append("PIXDIM_SFORM_DIFFER")
    }
    if geometry.isSheared { warnings.append("SHEARED:\(geometry.shear.fixed(3))") }
    let (least, most) = (spacing.min() ?? 1, spacing.max() ?? 1)
    if most > 2.5 * least { warnings.append("ANISOTROPIC:\(shown)") }
    if least < 0.6 { warnings.append("FINE_VOXELS:\(shown)") }
    if [3, 7, 11].contains(where: { abs(geometry.affine[$0]) > 10_000 }) { warnings.append("FAR_ORIGIN") }
  }
}
