import CDeflate
import Contract

/// gzip (RFC 1952) by libdeflate, into buffers whose size is known before.
enum Gzip {
  /// Whether the bytes begin as gzip does; a name says nothing.
  static func begins(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  struct Beginning {
    var bytes: [UInt8] = []
    /// Whether the file ends before these bytes, or their member, do.
    var isCut = false
  }

  /// The first `count` bytes (or all, where there are fewer) of what is packed, over as many members as it takes.
  static func beginning(of bytes: UnsafeBufferPointer<UInt8>, count: Int) throws(Rejection) -> Beginning {
    var beginning = Beginning()
    var position = 0
    while beginning.bytes.count < count, isMember(bytes, at: position) {
      guard let start = try payload(of: bytes, at: position) else {
        beginning.isCut = true
        break
      }
      let wanted = count - beginning.bytes.count
      var inflate = Inflate(bytes, at: start, keep: wanted, limit: wanted)
      let ending = inflate.run()
      beginning.bytes += inflate.beginning
      switch ending {
      case .complete(let end) where end + 8 <= bytes.count: position = end + 8
      case .complete, .truncated:
        beginning.isCut = true
        return beginning
      case .limit: return beginning
      case .damaged:
        guard beginning.bytes.count >= 540 else {
          throw Rejection(.reject, .gzipCRC, ["damaged after": readable(bytes: beginning.bytes.count)])
        }
        return beginning
      }
    }
    return beginning
  }

  struct Unpacked {
    var content: [UInt8]
    /// Bytes after the last member that are not zero.
    var hasTrailingBytes: Bool
  }

  /// All that is packed. `needed` bytes are expected; more than `capacity` is a bomb.
  static func unpack(
    _ bytes: UnsafeBufferPointer<UInt8>, needed: Int, capacity: Int
  ) throws(Rejection) -> Unpacked {
    // Deflate packs 1032 to 1 at best: what cannot hold the needed bytes is not given a buffer for them.
    let possible = min(capacity, bytes.count.multipliedReportingOverflow(by: 1032).partialValue + 64)
    if possible < needed { throw diagnosis(bytes, at: 0, before: 0, needed: needed, capacity: capacity) }
    var trouble: Rejection?
    var end = 0
    let content = [UInt8](unsafeUninitializedCapacity: possible) { buffer, filled in
      (filled, end, trouble) = unpack(bytes, into: buffer, needed: needed)
    }
    if let trouble { throw trouble }
    return Unpacked(content: content, hasTrailingBytes: bytes[end...].contains { $0 != 0 })
  }

  private static func unpack(
    _ bytes: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableBufferPointer<UInt8>, needed: Int
  ) -> (filled: Int, end: Int, trouble: Rejection?) {
    guard let decompressor = libdeflate_alloc_decompressor(), let input = bytes.baseAddress,
      let output = buffer.baseAddress
    else { return (0, 0, Rejection(.wait, .memory)) }
    defer { libdeflate_free_decompressor(decompressor) }
    var (taken, made) = (0, 0)
    while isMember(bytes, at: taken) || taken == 0 {
      var (memberIn, memberOut) = (0, 0)
      let result = libdeflate_gzip_decompress_ex(
        decompressor, input + taken, bytes.count - taken, output + made, buffer.count - made, &memberIn, &memberOut)
      switch result {
      case LIBDEFLATE_SUCCESS:
        taken += memberIn
        made += memberOut
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        return (0, 0, Rejection(.reject, .bomb, ["allowed": readable(bytes: buffer.count)]))
      default:
        return (0, 0, diagnosis(bytes, at: taken, before: made, needed: needed, capacity: buffer.count))
      }
    }
    return (made, taken, nil)
  }

  /// What is wrong with the member at `position`: cut, or damaged.
  private static func diagnosis(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int, before: Int, needed: Int, capacity: Int
  ) -> Rejection {
    let cut = { (produced: Int) in
      Rejection(
        .wait, .gzipTruncated,
        [
          "have": readable(bytes: bytes.count), "unpacked": readable(bytes: before + produced),
          "need unpacked": readable(bytes: needed),
        ])
    }
    do throws(Rejection) {
      guard let start = try payload(of: bytes, at: position) else { return cut(0) }
      var inflate = Inflate(bytes, at: start, keep: 0, limit: max(0, capacity - before))
      switch inflate.run() {
      case .truncated: return cut(inflate.produced)
      case .damaged:
        return Rejection(.reject, .gzipCRC, ["damaged after": readable(bytes: before + inflate.produced)])
      case .limit: return Rejection(.reject, .bomb, ["allowed": readable(bytes: capacity)])
      case .complete(let end):
        if end + 8 > bytes.count { return cut(inflate.produced) }
        if before + inflate.produced < needed, statedSize(bytes, at: end, is: inflate.produced) {
          return Rejection(
            .reject, .truncated,
            ["have": readable(bytes: before + inflate.produced), "need": readable(bytes: needed)])
        }
        return Rejection(.reject, .gzipCRC, ["unpacked": readable(bytes: before + inflate.produced)])
      }
    } catch {
      return error
    }
  }

  /// Whether the member that ends at `end` says that so many bytes were packed.
  private static func statedSize(_ bytes: UnsafeBufferPointer<UInt8>, at end: Int, is produced: Int) -> Bool {
    let size = (0..<4).reduce(0) { $0 | Int(bytes[end + 4 + $1]) << (8 * $1) }
    return size == produced & 0xffff_ffff
  }

  private static func isMember(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
    position + 1 < bytes.count && bytes[position] == 0x1f && bytes[position + 1] == 0x8b
  }

  /// Where the deflate stream of the member at `position` begins; nil where the header is cut.
  private static func payload(
    of bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) throws(Rejection) -> Int? {
    guard position + 10 <= bytes.count else { return nil }
    let flags = bytes[position + 3]
    guard bytes[position + 2] == 8, flags & 0xe0 == 0 else {
      throw Rejection(.reject, .gzipCRC, ["gzip method": "\(bytes[position + 2])", "flags": "\(flags)"])
    }
    var place = position + 10
    if flags & 4 != 0 {
      guard place + 2 <= bytes.count else { return nil }
      place += 2 + Int(bytes[place]) + Int(bytes[place + 1]) << 8
    }
    // FNAME and FCOMMENT: skipped, never shown, because names of persons stand there.
    for flag in [UInt8(8), 16] where flags & flag != 0 {
      while place < bytes.count, bytes[place] != 0 { place += 1 }
      place += 1
    }
    if flags & 2 != 0 { place += 2 }
    return place <= bytes.count ? place : nil
  }

  /// One member, without name and time: equal content gives equal bytes.
  static func pack(_ content: [UInt8], level: Int32 = 6) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(level) else { preconditionFailure("out of memory") }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_gzip_compress_bound(compressor, content.count)
    var packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, filled in
      filled = libdeflate_gzip_compress(compressor, content, content.count, buffer.baseAddress, bound)
    }
    // OS byte: "unknown", whatever the library was built on.
    packed[9] = 255
    return packed
  }
}
