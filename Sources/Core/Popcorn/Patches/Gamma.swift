import Engine
import Glibc

/// Contrast of another scanner, done to a patch: x^γ. The FLAIR peak, 1 after preparation, stays where it is; what is
/// brighter or darker, lesions among it, comes closer to it or goes further away. `ImageQuality` has no change of contrast.
public struct Gamma: Equatable, Sendable {
  /// γ, above 0; 1 changes nothing.
  public let exponent: Float

  /// As it is.
  public static let unchanged = Gamma(exponent: 1)

  /// - Parameter exponent: above 0.
  public init(exponent: Float) { self.exponent = exponent }

  /// Draws one: ln γ uniform between ±ln 1.5. (nnU-Net draws γ from 0.7 to 1.5, for intensities from 0 to 1.)
  public init(random: inout Random) { exponent = exp((2 * random.uniform() - 1) * log(Float(1.5))) }

  /// A patch in that contrast. What is not above 0, as outside of the brain, stays.
  public func apply(to patch: [Float]) -> [Float] {
    self == .unchanged ? patch : patch.map { $0 > 0 ? pow($0, exponent) : $0 }
  }
}
