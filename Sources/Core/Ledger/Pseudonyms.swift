import Contract
import Files
import Glibc
import SystemPackage

/// Labels that leave the state directory: keyed hashes, so that nobody without the install key can tell whether a
/// known scan or person is behind one.
public struct Pseudonyms: Sendable {
  /// What every label begins with.
  public static let prefix = "PSN"
  /// Base32 characters of a label, where no other case has the same.
  public static let length = 10
  private let key: SecretKey

  /// Labels under `key`.
  public init(key: SecretKey) { self.key = key }

  /// The name of the key's file in the state directory.
  static let keyName: FilePath = "install.key"

  /// Labels under the key of a state directory: `install.key`, 32 random bytes, 0600, made where it is not there and
  /// `mayBeMade`.
  public init(keyIn directory: Directory, mayBeMade: Bool = true) throws(LedgerFault) {
    do {
      self.init(key: SecretKey(bytes: try Pseudonyms.installKey(in: directory, mayBeMade: mayBeMade)))
    } catch {
      throw .file(error)
    }
  }

  /// A scan's identity: its voxels and where they lie.
  public static func content(voxels: Digest, geometry: GridGeometry) -> Digest {
    let numbers = geometry.size.map { UInt64(bitPattern: Int64($0)) } + geometry.affine.map { ($0 + 0).bitPattern }
    return Digest(
      of: voxels.bytes + numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } })
  }

  /// The label of the case with this content: `PSN` and `length` base32 characters (10 but for a collision).
  public func caseLabel(content: Digest, length: Int = length) -> String {
    Pseudonyms.prefix + Base32.encode(key.digest(of: Array("case\0".utf8) + content.bytes).bytes).prefix(length)
  }

  /// The hash of a subject's key (a name from BIDS, pairs.tsv, a folder): equal for all time points of a person.
  public func subjectHash(_ subjectKey: String) -> String {
    Pseudonyms.prefix + Base32.encode(key.digest(of: Array("subject\0\(subjectKey)".utf8)).bytes).prefix(16)
  }

  /// By this the key is known again; it tells nothing of it.
  var mark: Digest { key.digest(of: Array("mark\0".utf8)) }

  /// Orders subjects for the choice of the held-out, the same for everybody with this key.
  func holdoutRank(ofSubject hash: String) -> Digest { key.digest(of: Array("holdout\0\(hash)".utf8)) }

  private static func installKey(in directory: Directory, mayBeMade: Bool) throws(FileFault) -> [UInt8] {
    do {
      return try read(keyName, in: directory)
    } catch  where error.errno == .noSuchFileOrDirectory && mayBeMade {
      var generator = SystemRandomNumberGenerator()
      let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      try DurableFile.write(key, as: keyName, in: directory, permissions: [.ownerReadWrite], existing: .refuse)
      return key
    }
  }

  private static func read(_ name: FilePath, in directory: Directory) throws(FileFault) -> [UInt8] {
    let file = try directory.open(name)
    defer { try? file.close() }
    let key = try BoundedReader.read(file, limit: 4096, path: directory.path.appending(name.string))
    // A key of another length is not the one that the labels were made with.
    guard key.count == 32 else {
      throw FileFault("use the install key", directory.path.appending(name.string), .invalidArgument)
    }
    return key
  }
}

/// RFC 4648 base32, without padding: letters and digits only, as BIDS labels are.
enum Base32 {
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var characters: [UInt8] = []
    var pending: UInt32 = 0
    var bits: UInt32 = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        characters.append(alphabet[Int(pending >> bits & 31)])
      }
      pending &= (1 << bits) - 1
    }
    if bits > 0 { characters.append(alphabet[Int(pending << (5 - bits) & 31)]) }
    return String(decoding: characters, as: UTF8.self)
  }
}
