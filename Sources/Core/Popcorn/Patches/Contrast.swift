import Engine
import Glibc

/// Contrast of another scanner, done to a patch: x^γ. The FLAIR peak, 1 after preparation, stays where it is; what is
/// brighter or darker, lesions among it, comes closer to it or goes further away.
///
/// Of nnU-Net's augmentations the one that the paper's (`ImageQuality`) has nothing of: sharpness and slices differ
/// between scanners, and contrast does.
public struct Contrast: Equatable, Sendable {
  /// γ, above 0; 1 changes nothing.
  public let gamma: Float

  /// As it is.
  public static let unchanged = Contrast(gamma: 1)

  /// - Parameter gamma: above 0.
  public init(gamma: Float) { self.gamma = gamma }

  /// Draws one: ln γ uniform between ±ln 1.5. nnU-Net draws γ from 0.7 to 1.5.
  public init(random: inout Random) { gamma = exp((2 * random.uniform() - 1) * log(Float(1.5))) }

  /// A patch in that contrast. What is not above 0, outside of the brain or where edges were enhanced, stays.
  public func apply(to patch: [Float]) -> [Float] {
    self == .unchanged ? patch : patch.map { $0 > 0 ? pow($0, gamma) : $0 }
  }
}
