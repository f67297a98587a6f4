import COneDNN

/// What computes here: recorded with every model, because results are equal byte for byte on the same only.
public enum EngineIdentity {
  /// The widest vector instructions in use: `avx512`, `avx2` or `generic`; what the processor has, or less where
  /// `POPCORN_ISA` says so.
  public static var instructionSet: String { InstructionSet.best.rawValue }

  /// oneDNN's version, such as `2.6.3`.
  public static var oneDNN: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    onednn_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}
