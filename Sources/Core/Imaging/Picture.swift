import CDeflate

/// A small colour picture, and its file: PNG (RFC 2083), 8 bits a channel, no alpha.
public struct Picture: Sendable, Equatable {
  /// Red, green and blue of a point, 0…255.
  public struct Colour: Sendable, Equatable {
    var red, green, blue: UInt8

    /// A colour.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// A grey from 0 (black) to 1 (white); what lies beyond is cut.
    public init(grey: Float) {
      let level = UInt8(max(0, min(255, grey * 255)))
      self.init(level, level, level)
    }
  }

  /// Points a row, and rows.
  public let width, height: Int
  private var points: [Colour]

  /// A black picture.
  public init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    points = Array(repeating: Colour(0, 0, 0), count: width * height)
  }

  /// A point; row 0 is the upper one.
  public subscript(x: Int, y: Int) -> Colour {
    get { points[x + width * y] }
    set { points[x + width * y] = newValue }
  }

  /// The picture with `times` points for each along both axes.
  public func enlarged(_ times: Int) -> Picture {
    var large = Picture(width: times * width, height: times * height)
    for y in 0..<large.height { for x in 0..<large.width { large[x, y] = self[x / times, y / times] } }
    return large
  }

  /// The file's bytes; nil where there is no memory to pack it.
  public var png: [UInt8]? {
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (1 + 3 * width))
    for y in 0..<height {
      rows.append(0)
      for x in 0..<width { rows += [self[x, y].red, self[x, y].green, self[x, y].blue] }
    }
    guard let packed = packed(rows) else { return nil }
    let header = bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header) + chunk("IDAT", packed)
      + chunk("IEND", [])
  }

  private func packed(_ bytes: [UInt8]) -> [UInt8]? {
    guard let compressor = libdeflate_alloc_compressor(9) else { return nil }
    defer { libdeflate_free_compressor(compressor) }
    let room = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      filled = libdeflate_zlib_compress(compressor, bytes, bytes.count, buffer.baseAddress, buffer.count)
    }
  }

  private func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + content
    return bigEndian(content.count) + body + bigEndian(Int(libdeflate_crc32(0, body, body.count)))
  }

  private func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}
