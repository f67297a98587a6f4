import CNifti
import Contract

/// What a NIfTI header says about where its voxels lie: kept as it came and written again unchanged, because
/// computing it anew is how affines drift from tool to tool.
public struct GeometryHeader: Sendable, Equatable {
  /// pixdim[0…7]; the first is the handedness of the qform.
  var pixdim: [Double]
  var qformCode: Int
  var sformCode: Int
  /// quatern_b, quatern_c, quatern_d.
  var quaternion: [Double]
  /// qoffset_x, qoffset_y, qoffset_z.
  var offset: [Double]
  /// srow_x, srow_y, srow_z: twelve numbers.
  var rows: [Double]
  /// xyzt_units.
  var units: Int

  /// The header of a new image: sform and, where the axes are orthogonal, an agreeing qform; millimetres.
  init(stating geometry: GridGeometry) {
    rows = geometry.affine.map { Double(Float($0)) }
    var matrix = mat44()
    withUnsafeMutableBytes(of: &matrix) { bytes in
      let places = bytes.assumingMemoryBound(to: Float.self)
      for place in 0..<12 { places[place] = Float(geometry.affine[place]) }
      places[15] = 1
    }
    var (b, c, d, x, y, z, dx, dy, dz, handedness) = (
      Float(), Float(), Float(), Float(), Float(), Float(), Float(), Float(), Float(), Float()
    )
    nifti_mat44_to_quatern(matrix, &b, &c, &d, &x, &y, &z, &dx, &dy, &dz, &handedness)
    pixdim = [Double(handedness)] + geometry.spacing.map { Double(Float($0)) } + [1, 1, 1, 1]
    quaternion = [b, c, d].map(Double.init)
    offset = [x, y, z].map(Double.init)
    sformCode = 1
    qformCode = geometry.isOrthogonal ? 1 : 0
    units = 2
  }

  init(
    pixdim: [Double], qformCode: Int, sformCode: Int, quaternion: [Double], offset: [Double], rows: [Double],
    units: Int
  ) {
    self.pixdim = pixdim
    self.qformCode = qformCode
    self.sformCode = sformCode
    self.quaternion = quaternion
    self.offset = offset
    self.rows = rows
    self.units = units
  }
}

extension GridGeometry {
  /// The largest |cosine| between two columns of the affine: 0 for orthogonal axes.
  var shear: Double {
    let columns = (0..<3).map { column in (0..<3).map { affine[4 * $0 + column] / spacing[column] } }
    return [(0, 1), (0, 2), (1, 2)].map { pair in
      abs(zip(columns[pair.0], columns[pair.1]).map { $0 * $1 }.reduce(0, +))
    }.max() ?? 0
  }

  var isOrthogonal: Bool { shear < 1e-4 }

  /// Whether axes are so far from right angles that it is said.
  public var isSheared: Bool { shear > 1e-3 }
}
