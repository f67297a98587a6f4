/// Numbers at places of a header whose byte order is known.
struct HeaderBytes {
  let bytes: [UInt8]
  let isBigEndian: Bool

  func integer<T: FixedWidthInteger>(_ type: T.Type, at place: Int) -> T {
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: T.self) }
    return isBigEndian ? T(bigEndian: value) : T(littleEndian: value)
  }

  func float(at place: Int) -> Double { Double(Float(bitPattern: integer(UInt32.self, at: place))) }
  func double(at place: Int) -> Double { Double(bitPattern: integer(UInt64.self, at: place)) }

  /// The text of a fixed field: up to its terminator or end, unprintable bytes dropped.
  func text(at place: Int, count: Int) -> String {
    String(
      decoding: bytes[place..<place + count].prefix { $0 != 0 }.filter { (0x20..<0x7f).contains($0) }, as: UTF8.self)
  }
}

extension [UInt8] {
  mutating func put(_ value: some FixedWidthInteger, at place: Int) {
    Swift.withUnsafeBytes(of: value.littleEndian) { bytes in
      for (offset, byte) in bytes.enumerated() { self[place + offset] = byte }
    }
  }

  mutating func put(float value: Double, at place: Int) { put(Float(value).bitPattern, at: place) }
  mutating func put(double value: Double, at place: Int) { put(value.bitPattern, at: place) }

  mutating func put(text: String, at place: Int, count: Int) {
    for (offset, byte) in text.utf8.prefix(count - 1).enumerated() { self[place + offset] = byte }
  }
}
