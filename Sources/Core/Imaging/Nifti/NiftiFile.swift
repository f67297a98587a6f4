import Contract

/// A file as it was read.
public struct NiftiReading: Sendable {
  /// Scaled values in storage order, place, and the header's geometry fields.
  public var image: Image
  /// What was set right on the way: `SQUEEZED_4D`, `NAN_ZEROED:12`.
  public var normalisations: [String]
  /// What is unusual but taken: `ANISOTROPIC:0.9x0.9x6.4`.
  public var warnings: [String]
  /// The printable part of `descrip`: for our own marks, not for logs.
  public var description: String
  /// Bytes of memory that reading, or preparing a scan later, takes at its highest, predicted from the header.
  public var predictedBytes: Int
}

/// NIfTI-1 and -2 in memory: single files and pairs, gzip or not, either byte order. Decoding trusts nothing: no
/// allocation before the header has been checked, none larger than the header says and the input can fill.
public enum NiftiFile {
  /// The image in `bytes`. `.ours` limits suit canonical copies; foreign files go through `popcorn-admit`.
  public static func decode(
    _ bytes: [UInt8], limits: IntakeLimits = .ours
  ) throws(Rejection) -> Image {
    try read(bytes, limits: limits).image
  }

  /// Reads a file with all that was noticed about it. `voxels` is the second half of a `.hdr`/`.img` pair, `bytes`
  /// then its first. A `label` may be one-hot along a fourth dimension of two.
  public static func read(
    _ bytes: [UInt8], voxels: [UInt8]? = nil, role: FileRole = .scan, limits: IntakeLimits
  ) throws(Rejection) -> NiftiReading {
    var outcome: Result<NiftiReading, Rejection>
    outcome = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(Rejection) in try read(buffer, voxels: voxels, role: role, limits: limits) }
    }
    return try outcome.get()
  }

  private static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, voxels: [UInt8]?, role: FileRole, limits: IntakeLimits
  ) throws(Rejection) -> NiftiReading {
    guard !bytes.isEmpty else { throw Rejection(.wait, .emptyFile, ["have": "0 B"]) }
    guard bytes.count <= limits.maximumBytes, (voxels?.count ?? 0) <= limits.maximumBytes else {
      throw Rejection(
        .reject, .tooLarge, ["have": readable(bytes: bytes.count), "allowed": readable(bytes: limits.maximumBytes)])
    }
    guard Gzip.begins(bytes) else {
      return try NiftiContent(Array(bytes.prefix(1024)), role: role, limits: limits)
        .read(bytes, packedBytes: 0, voxels: voxels)
    }
    let beginning = try Gzip.beginning(of: bytes, count: 1024)
    if beginning.bytes.starts(with: [0x1f, 0x8b]) {
      let once = try Gzip.unpack(bytes, needed: 0, capacity: min(limits.maximumBytes, bytes.count * 64 + 1 << 20))
      let inner = once.content
      var reading = try inner.withUnsafeBufferPointer { buffer in
        Result { () throws(Rejection) in
          let second = try Gzip.beginning(of: buffer, count: 1024)
          guard !second.bytes.starts(with: [0x1f, 0x8b]) else {
            throw Rejection(.reject, .archive, ["gzip": "3 layers"])
          }
          return try unpackAndRead(buffer, beginning: second, voxels: voxels, role: role, limits: limits)
        }
      }.get()
      reading.normalisations.insert("GZIP_TWICE", at: 0)
      return reading
    }
    return try unpackAndRead(bytes, beginning: beginning, voxels: voxels, role: role, limits: limits)
  }

  private static func unpackAndRead(
    _ bytes: UnsafeBufferPointer<UInt8>, beginning: Gzip.Beginning, voxels: [UInt8]?, role: FileRole,
    limits: IntakeLimits
  ) throws(Rejection) -> NiftiReading {
    let content: NiftiContent
    do {
      content = try NiftiContent(beginning.bytes, role: role, limits: limits)
    } catch {
      guard error.reason == .incomplete else { throw error }
      let have = readable(bytes: beginning.bytes.count)
      throw beginning.isCut
        ? Rejection(.wait, .gzipTruncated, ["have": readable(bytes: bytes.count), "unpacked": have])
        : Rejection(.reject, .truncated, ["unpacked": have])
    }
    let needed = content.header.isPair ? content.header.length : content.needed
    _ = try content.predictedBytes(packed: bytes.count)
    let unpacked = try Gzip.unpack(bytes, needed: needed, capacity: needed + slack)
    var reading = try unpacked.content.withUnsafeBufferPointer { buffer in
      Result { () throws(Rejection) in
        try content.read(buffer, packedBytes: bytes.count, voxels: voxels)
      }
    }.get()
    if unpacked.hasTrailingBytes { reading.warnings.append("TRAILING_BYTES") }
    return reading
  }

  /// Bytes that may follow the voxels before an unpacked file counts as a bomb.
  static let slack = 1 << 20
}
