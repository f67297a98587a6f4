import CKernels

/// Vector instructions that kernels are compiled for. A processor that has one has those before it.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// What every processor of its kind has.
  case generic
  case avx2
  case avx512

  /// What the processor has, or less where `POPCORN_ISA` names it.
  public static var best: InstructionSet { allCases[Int(kernels_best_isa().rawValue)] }

  /// Whether a processor that has `b` has `a` too, and more.
  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.kernels.rawValue < b.kernels.rawValue }

  var kernels: kernels_isa {
    switch self {
    case .generic: kernels_generic
    case .avx2: kernels_avx2
    case .avx512: kernels_avx512
    }
  }
}
