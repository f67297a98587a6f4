import Glibc

/// What a teacher makes of a patch without a label, and how unsure it is of it (Sedai et al. 2019, arXiv 2103.02083; the
/// paper's reference [19]): means over passes with dropout.
public struct SoftLabel: Sendable, Equatable {
  /// p̄, the mean lesion probability, (D, H, W), 0…1.
  public var lesion: [Float]
  /// H = −Σ p̄_c ln p̄_c over both classes, (D, H, W), 0…ln 2.
  public var entropy: [Float]

  /// From the lesion probabilities of several passes.
  public init(passes: [[Float]]) {
    let count = passes.first?.count ?? 0
    var mean = [Float](repeating: 0, count: count)
    for pass in passes { for voxel in mean.indices { mean[voxel] += pass[voxel] / Float(passes.count) } }
    lesion = mean
    entropy = mean.map { -$0 * log(max($0, 1e-12)) - (1 - $0) * log(max(1 - $0, 1e-12)) }
  }

  /// Planes that were turned together.
  init(lesion: [Float], entropy: [Float]) {
    self.lesion = lesion
    self.entropy = entropy
  }
}

/// γ of the weight e^(−γ H) of a voxel, as the paper's authors ran it.
public let uncertaintySharpness: Float = 3.5

/// What a patch costs against a soft label, sure voxels counting more: with w = e^(−γ H),
/// mean(w) · ½ [D(w s, w p_lesion) + D(w (1 − s), w p_background)], D(a, b) = 1 − 2 Σ a b / (Σ a + Σ b + 1).
/// - Parameter probabilities: planar (2, D, H, W).
/// - Returns: the loss, 0…1, and its gradient with respect to the probabilities.
public func softLabelLoss(_ probabilities: [Float], _ label: SoftLabel) -> (loss: Double, gradient: [Float]) {
  let weights = label.entropy.map { exp(-uncertaintySharpness * $0) }
  let count = weights.count
  let mean = weights.reduce(0.0) { $0 + Double($1) } / Double(max(1, count))
  var loss = 0.0
  var gradient = [Float](repeating: 0, count: 2 * count)
  for channel in 0..<2 {
    let target = label.lesion.indices.map { weights[$0] * (channel == 1 ? label.lesion[$0] : 1 - label.lesion[$0]) }
    let given = (0..<count).map { weights[$0] * probabilities[channel * count + $0] }
    let overlap = SoftOverlap(target, given)
    loss += mean / 2 * overlap.loss
    for voxel in 0..<count {
      gradient[channel * count + voxel] =
        Float(mean / 2) * weights[voxel] * overlap.gradient(bySecondWhere: target[voxel])
    }
  }
  return (loss, gradient)
}

/// D(a, b) = 1 − 2 Σ a b / (Σ a + Σ b + 1): one minus the soft Dice overlap of two fields of probabilities.
public struct SoftOverlap: Sendable {
  private let shared: Double
  private let sum: Double

  /// Of two fields of one length; voxels where `counts` is false are left out.
  public init(_ a: [Float], _ b: [Float], where counts: [Bool]? = nil) {
    var (shared, sum) = (0.0, 1.0)
    for voxel in a.indices where counts?[voxel] ?? true {
      shared += Double(a[voxel] * b[voxel])
      sum += Double(a[voxel] + b[voxel])
    }
    (self.shared, self.sum) = (shared, sum)
  }

  /// D, 0…1.
  public var loss: Double { 1 - 2 * shared / sum }

  /// ∂D/∂b at a voxel where a is `other`: −2 a / S + 2 I / S². The same with the names exchanged.
  public func gradient(bySecondWhere other: Float) -> Float {
    Float(2 * shared / (sum * sum)) - Float(2 / sum) * other
  }
}
