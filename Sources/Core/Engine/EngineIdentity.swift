import COneDNN
import FoundationEssentials

/// What computes here: recorded with every model, because results are equal byte for byte on the same only.
public enum EngineIdentity {
  /// The widest vector instructions that the processor and its kernel offer: `avx512`, `avx2` or `generic`.
  public static let instructionSet: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let flags = text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? []
    if flags.contains("avx512f") { return "avx512" }
    return flags.contains("avx2") && flags.contains("fma") ? "avx2" : "generic"
  }()

  /// oneDNN's version, such as `2.6.3`.
  public static var oneDNN: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    onednn_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}
