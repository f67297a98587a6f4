import Contract
import Files
import SystemPackage

/// A latent vector as a file: Float32, little-endian, nothing else.
enum LatentFile {
  /// Throws where the file is none, or holds what is no number.
  static func read(_ path: String) throws -> [Float] {
    let bytes = try BoundedReader.read(FilePath(path), limit: 1 << 24)
    let values = bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    guard !values.isEmpty, bytes.count == 4 * values.count, values.allSatisfy(\.isFinite) else {
      throw Fault(.dataError, "\(path) is not a latent vector")
    }
    return values
  }
}
