import CNifti

/// The numeric datatypes of NIfTI, by their codes.
enum VoxelType: Int {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  static let colours: Set<Int> = [128, 2304]

  /// Bytes a voxel, by niftiio's table.
  var bytes: Int {
    var (bytes, swap) = (Int32(), Int32())
    nifti_datatype_sizes(Int32(rawValue), &bytes, &swap)
    return Int(bytes)
  }

  /// The format's name for a code, as a receipt prints it.
  static func name(_ code: Int) -> String { String(cString: nifti_datatype_string(Int32(truncatingIfNeeded: code))) }
}

/// Voxels as scaled floats, with what had to be set right on the way.
struct ScaledVoxels {
  var values: [Float]
  /// Voxels that were NaN or infinite and are 0 now.
  var notFinite = 0
  /// Finite voxels beyond ±1e15 after scaling, where a float no longer tells neighbours apart by anything useful.
  var outOfRange = 0

  /// `count` voxels of `type` at `place`: v · slope + intercept in Double, rounded to Float once.
  init(
    _ bytes: UnsafeRawBufferPointer, at place: Int, count: Int, type: VoxelType, isBigEndian: Bool,
    scaling: (slope: Double, intercept: Double)?
  ) {
    values = []
    switch type {
    case .uint8: read(UInt8.self, bytes, place, count, isBigEndian, scaling) { Double($0) }
    case .int8: read(UInt8.self, bytes, place, count, isBigEndian, scaling) { Double(Int8(bitPattern: $0)) }
    case .uint16: read(UInt16.self, bytes, place, count, isBigEndian, scaling) { Double($0) }
    case .int16: read(UInt16.self, bytes, place, count, isBigEndian, scaling) { Double(Int16(bitPattern: $0)) }
    case .uint32: read(UInt32.self, bytes, place, count, isBigEndian, scaling) { Double($0) }
    case .int32: read(UInt32.self, bytes, place, count, isBigEndian, scaling) { Double(Int32(bitPattern: $0)) }
    case .uint64: read(UInt64.self, bytes, place, count, isBigEndian, scaling) { Double($0) }
    case .int64: read(UInt64.self, bytes, place, count, isBigEndian, scaling) { Double(Int64(bitPattern: $0)) }
    case .float32: read(UInt32.self, bytes, place, count, isBigEndian, scaling) { Double(Float(bitPattern: $0)) }
    case .float64: read(UInt64.self, bytes, place, count, isBigEndian, scaling) { Double(bitPattern: $0) }
    }
  }

  @inline(__always)
  private mutating func read<Word: FixedWidthInteger>(
    _ word: Word.Type, _ bytes: UnsafeRawBufferPointer, _ place: Int, _ count: Int, _ isBigEndian: Bool,
    _ scaling: (slope: Double, intercept: Double)?, _ number: (Word) -> Double
  ) {
    let width = MemoryLayout<Word>.size
    let (slope, intercept) = scaling ?? (1, 0)
    var (notFinite, outOfRange) = (0, 0)
    values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      for index in 0..<count {
        let stored = bytes.loadUnaligned(fromByteOffset: place + index * width, as: Word.self)
        // Adding 0 makes -0 a 0, so that equal images have equal bytes.
        let value = number(isBigEndian ? stored.byteSwapped : stored) * slope + intercept + 0
        if abs(value) <= 1e15 {
          buffer[index] = Float(value)
        } else {
          buffer[index] = 0
          if value.isFinite { outOfRange += 1 } else { notFinite += 1 }
        }
      }
      filled = count
    }
    self.notFinite = notFinite
    self.outOfRange = outOfRange
  }
}
