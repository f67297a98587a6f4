import CCrypto

/// A SHA-256, the identity of bytes: of a file, of a scan's voxels, of a generation's weights.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// The digest of `content`.
  public init(of content: some Sequence<UInt8>) {
    var running = RunningDigest()
    running.update(Array(content))
    self = running.finish()
  }

  /// A digest from its 64 hexadecimal digits; nil where they are not that.
  public init?(hexadecimal text: some StringProtocol) {
    let digits = text.utf8.compactMap(Digest.value(ofDigit:))
    guard digits.count == 64, text.utf8.count == 64 else { return nil }
    bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Orders digests bytewise: the tie-break wherever cases are equal otherwise.
  public static func < (a: Digest, b: Digest) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

  private static func value(ofDigit character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// A SHA-256 taken piece by piece.
public struct RunningDigest: ~Copyable {
  private let context: OpaquePointer

  /// Starts with no bytes taken.
  public init() {
    // libcrypto answers nil only when the machine has no memory left.
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    self.context = context
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Takes more bytes.
  public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The digest of all that was taken. Call it once.
  public mutating func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &bytes, nil)
    return Digest(bytes: bytes)
  }
}

/// A secret kept in the state directory, with which hashes that leave it are keyed: without the
/// key nobody can test whether a known scan or name is behind a label.
public struct SecretKey: Sendable {
  private let bytes: [UInt8]

  /// A key of these bytes (32 are made at install).
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// HMAC-SHA-256 of `content` under this key.
  public func digest(of content: some Sequence<UInt8>) -> Digest {
    let content = Array(content)
    var digest = [UInt8](repeating: 0, count: 32)
    HMAC(EVP_sha256(), bytes, Int32(bytes.count), content, content.count, &digest, nil)
    return Digest(bytes: digest)
  }
}
