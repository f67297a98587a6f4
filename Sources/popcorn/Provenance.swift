import Contract
import Files
import SystemPackage

/// What computes here, as it is written beside what was computed.
enum Provenance {
  /// The processor's name; `processor` where the system tells none.
  static let processor: String = {
    let bytes = (try? BoundedReader.read(FilePath("/proc/cpuinfo"), limit: 1 << 24)) ?? []
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.split(separator: " ").joined(separator: " ") } ?? "processor"
  }()

  /// SHA-256 of this program's file: a version's number says less, for it stays while a version is made.
  static let program: Digest? = (try? BoundedReader.read(FilePath("/proc/self/exe"), limit: 1 << 30)).map {
    Digest(of: $0)
  }
}
