import Contract

/// The fields of a NIfTI-1, NIfTI-2 or Analyze 7.5 header that matter here, as they stand in it.
struct NiftiHeader {
  enum Format { case analyze, one, two }

  var format: Format
  /// Whether the voxels lie in a file of their own (`.img`).
  var isPair: Bool
  var isBigEndian: Bool
  var dim: [Int]
  var datatype: Int
  var bitpix: Int
  /// vox_offset; NIfTI-1 stores a float, which may be anything.
  var voxelOffset: Double
  var slope: Double
  var intercept: Double
  var intent: Int
  var description: String
  var auxiliary: String
  var databaseName: String
  var geometry: GeometryHeader
  /// What was odd and is set right.
  var notes: [String] = []

  /// Bytes of the header proper.
  var length: Int { format == .two ? 540 : 348 }

  /// Voxels that the header speaks of, along the axes 1…dim[0].
  var extents: [Int] { Array(dim[1...max(1, min(7, dim[0]))]) }

  /// Reads the header at the beginning of a file (at least its first 540 bytes, where there are so many).
  init(_ beginning: [UInt8]) throws(Rejection) {
    guard beginning.count >= 348 else {
      throw Rejection(.wait, .incomplete, ["have": readable(bytes: beginning.count), "need": "348 B"])
    }
    let little = HeaderBytes(bytes: beginning, isBigEndian: false)
    let big = HeaderBytes(bytes: beginning, isBigEndian: true)
    let sizes = (little.integer(Int32.self, at: 0), big.integer(Int32.self, at: 0))
    if beginning[4...6].elementsEqual("n+2".utf8) || beginning[4...6].elementsEqual("ni2".utf8) {
      guard beginning.count >= 540 else {
        throw Rejection(.wait, .incomplete, ["have": readable(bytes: beginning.count), "need": "540 B"])
      }
      let isBig = sizes.1 == 540 || (sizes.0 != 540 && (1...7).contains(big.integer(Int64.self, at: 16)))
      self.init(second: isBig ? big : little)
      if sizes.0 != 540, sizes.1 != 540 { notes.append("SIZEOF_HDR:\(sizes.0)") }
      return
    }
    let magic = Array(beginning[344..<347])
    let isNifti = magic.elementsEqual("n+1".utf8) || magic.elementsEqual("ni1".utf8)
    let sizeIsRight = sizes.0 == 348 || sizes.1 == 348
    guard isNifti || sizeIsRight else {
      throw Rejection(.reject, .badMagic, ["sizeof_hdr": "\(sizes.0)"])
    }
    let isBig = sizeIsRight ? sizes.1 == 348 : !(1...7).contains(little.integer(Int16.self, at: 40))
    if !isNifti {
      // Analyze has numbers or zeros where the magic is; letters are a damaged magic.
      let marks = beginning[38] == UInt8(ascii: "r") || magic.allSatisfy { $0 == 0 }
      guard marks, beginning[344] != UInt8(ascii: "n") else {
        throw Rejection(.reject, .badMagic, ["magic": magic.map { "\($0)" }.joined(separator: " ")])
      }
    }
    self.init(first: isBig ? big : little, format: isNifti ? .one : .analyze)
    if !sizeIsRight { notes.append("SIZEOF_HDR:\(sizes.0)") }
  }

  private init(first bytes: HeaderBytes, format: Format) {
    self.format = format
    isBigEndian = bytes.isBigEndian
    isPair = format == .analyze || bytes.bytes[345] == UInt8(ascii: "i")
    dim = (0..<8).map { Int(bytes.integer(Int16.self, at: 40 + 2 * $0)) }
    intent = format == .one ? Int(bytes.integer(Int16.self, at: 68)) : 0
    datatype = Int(bytes.integer(Int16.self, at: 70))
    bitpix = Int(bytes.integer(Int16.self, at: 72))
    voxelOffset = bytes.float(at: 108)
    slope = format == .one ? bytes.float(at: 112) : 0
    intercept = format == .one ? bytes.float(at: 116) : 0
    description = bytes.text(at: 148, count: 80)
    auxiliary = bytes.text(at: 228, count: 24)
    databaseName = bytes.text(at: 14, count: 18)
    let isNifti = format == .one
    geometry = GeometryHeader(
      pixdim: (0..<8).map { bytes.float(at: 76 + 4 * $0) },
      qformCode: isNifti ? Int(bytes.integer(Int16.self, at: 252)) : 0,
      sformCode: isNifti ? Int(bytes.integer(Int16.self, at: 254)) : 0,
      quaternion: (0..<3).map { isNifti ? bytes.float(at: 256 + 4 * $0) : 0 },
      offset: (0..<3).map { isNifti ? bytes.float(at: 268 + 4 * $0) : 0 },
      rows: (0..<12).map { isNifti ? bytes.float(at: 280 + 4 * $0) : 0 },
      units: isNifti ? Int(bytes.bytes[123]) : 0)
  }

  private init(second bytes: HeaderBytes) {
    format = .two
    isBigEndian = bytes.isBigEndian
    isPair = bytes.bytes[5] == UInt8(ascii: "i")
    dim = (0..<8).map { Int(bytes.integer(Int64.self, at: 16 + 8 * $0)) }
    intent = Int(bytes.integer(Int32.self, at: 504))
    datatype = Int(bytes.integer(Int16.self, at: 12))
    bitpix = Int(bytes.integer(Int16.self, at: 14))
    voxelOffset = Double(bytes.integer(Int64.self, at: 168))
    slope = bytes.double(at: 176)
    intercept = bytes.double(at: 184)
    description = bytes.text(at: 240, count: 80)
    auxiliary = bytes.text(at: 320, count: 24)
    databaseName = ""
    geometry = GeometryHeader(
      pixdim: (0..<8).map { bytes.double(at: 104 + 8 * $0) },
      qformCode: Int(bytes.integer(Int32.self, at: 344)),
      sformCode: Int(bytes.integer(Int32.self, at: 348)),
      quaternion: (0..<3).map { bytes.double(at: 352 + 8 * $0) },
      offset: (0..<3).map { bytes.double(at: 376 + 8 * $0) },
      rows: (0..<12).map { bytes.double(at: 400 + 8 * $0) },
      units: Int(bytes.integer(Int32.self, at: 500)))
  }
}
