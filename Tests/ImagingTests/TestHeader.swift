@testable import Imaging

/// A sound little-endian NIfTI-1 scan of int16 that a test spoils in one place.
struct TestHeader {
  static let size = GridSize(12, 13, 14)
  var bytes = [UInt8](repeating: 0, count: 352)
  var voxels: [UInt8] = []

  init() {
    put(Int32(348), at: 0)
    for (index, value) in [3, 12, 13, 14, 1, 1, 1, 1].enumerated() { put(Int16(value), at: 40 + 2 * index) }
    put(Int16(4), at: 70)
    put(Int16(16), at: 72)
    for (index, value) in [1.0, 7, 7, 7, 0, 0, 0, 0].enumerated() { put(float: value, at: 76 + 4 * index) }
    put(float: 352, at: 108)
    put(float: 1, at: 112)
    bytes[123] = 2
    put(Int16(1), at: 254)
    for (index, value) in [-7.0, 0, 0, 40, 0, 7, 0, -40, 0, 0, 7, -40].enumerated() {
      put(float: value, at: 280 + 4 * index)
    }
    bytes.put(text: "n+1", at: 344, count: 4)
    setVoxels { Int16($0 % 97) }
  }

  static var count: Int { size.count }

  mutating func put(_ value: some FixedWidthInteger, at place: Int) { bytes.put(value, at: place) }
  mutating func put(float value: Double, at place: Int) { bytes.put(float: value, at: place) }

  mutating func setVoxels<T: FixedWidthInteger>(_ value: (Int) -> T) {
    voxels = (0..<Self.count).flatMap { index in withUnsafeBytes(of: value(index).littleEndian) { Array($0) } }
  }

  mutating func setVoxels(floats value: (Int) -> Float) {
    setVoxels { value($0).bitPattern }
    put(Int16(16), at: 70)
    put(Int16(32), at: 72)
  }

  mutating func setDatatype(_ code: Int, bits: Int) {
    put(Int16(code), at: 70)
    put(Int16(bits), at: 72)
    voxels = (0..<Self.count * max(1, bits / 8)).map { UInt8(truncatingIfNeeded: $0 % 97) }
  }

  /// Header and voxels.
  func file() -> [UInt8] { bytes + voxels }
}
