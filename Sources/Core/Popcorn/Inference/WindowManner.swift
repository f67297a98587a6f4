import Glibc

/// How the network is shown a whole scan and its tiles are put together. Stored with a model: masks are made as its
/// training made them.
public struct WindowManner: Sendable, Hashable {
  /// Whether a tile counts most in its middle, by a Gaussian of an eighth of its edge; else all of it counts alike.
  public var isGaussian: Bool
  /// Whether each tile is seen from left to right too, and the two are averaged.
  public var isMirrored: Bool

  /// The paper's: the plain mean of overlapping tiles.
  public static let paper = WindowManner(isGaussian: false, isMirrored: false)

  /// How tiles are seen and put together.
  public init(isGaussian: Bool, isMirrored: Bool) {
    self.isGaussian = isGaussian
    self.isMirrored = isMirrored
  }

  /// As a model's file has it: `plain`, `gaussian`, `plain mirrored`, `gaussian mirrored`.
  public var text: String { (isGaussian ? "gaussian" : "plain") + (isMirrored ? " mirrored" : "") }

  /// What `text` says; nil for anything else.
  public init?(text: String) {
    let all = [false, true].flatMap { gaussian in
      [false, true].map { WindowManner(isGaussian: gaussian, isMirrored: $0) }
    }
    guard let known = all.first(where: { $0.text == text }) else { return nil }
    self = known
  }

  /// What each voxel of a line of `edge` voxels counts, above 0 to 1; a voxel of a tile counts the product over its axes.
  func weights(edge: Int) -> [Float] {
    guard isGaussian else { return [Float](repeating: 1, count: edge) }
    let (middle, deviation) = (Double(edge - 1) / 2, Double(edge) / 8)
    return (0..<edge).map { Float(exp(-0.5 * pow((Double($0) - middle) / deviation, 2))) }
  }
}
