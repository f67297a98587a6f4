import Engine
import Glibc

/// Image quality data augmentation (IQDA; Kamraoui et al., arXiv 2012.07950): what scanners do to an image, done to a
/// patch. The two patches of a pair get theirs independently. Labels stay as they are.
public enum ImageQuality: Equatable, Sendable {
  /// As it is.
  case unchanged
  /// Edge enhancement: x + λ (x − G_σ x), σ in voxels.
  case sharpen(sigma: Float, strength: Float)
  /// Gaussian blur, σ in voxels.
  case blur(sigma: Float)
  /// Axial subsampling: the mean over `slices` voxels along z, as in thick slices.
  case thickSlices(Int)

  /// Draws one: nothing 0.15, edges 0.25, blur 0.2, slices 0.4 (the released code's probabilities); σ from 0.5 to 1.75
  /// voxels, λ = 1, 2 to 4 slices (the authors' printed ranges).
  public init(random: inout Random) {
    let draw = random.uniform()
    let sigma = 0.5 + 1.25 * random.uniform()
    let slices = 2 + random.int(below: 3)
    switch draw {
    case ..<0.15: self = .unchanged
    case ..<0.40: self = .sharpen(sigma: sigma, strength: 1)
    case ..<0.60: self = .blur(sigma: sigma)
    default: self = .thickSlices(slices)
    }
  }

  /// A cubic patch in that quality. (D, H, W) in and out; the border is mirrored, its voxel repeated.
  public func apply(to patch: [Float], edge: Int) -> [Float] {
    switch self {
    case .unchanged: return patch
    case .blur(let sigma): return gaussian(patch, edge: edge, sigma: sigma)
    case .sharpen(let sigma, let strength):
      let smooth = gaussian(patch, edge: edge, sigma: sigma)
      return patch.indices.map { patch[$0] + strength * (patch[$0] - smooth[$0]) }
    case .thickSlices(let slices):
      // The window of an even number of slices reaches one further down than up.
      let weights = [Float](repeating: 1 / Float(slices), count: slices)
      return filter(patch, edge: edge, stride: edge * edge, weights: weights, reach: slices / 2)
    }
  }
}

/// A Gaussian of standard deviation `sigma` voxels along all axes, cut at four σ.
private func gaussian(_ patch: [Float], edge: Int, sigma: Float) -> [Float] {
  let reach = Int(4 * Double(sigma) + 0.5)
  let bell = (-reach...reach).map { exp(-0.5 * Double($0 * $0) / (Double(sigma) * Double(sigma))) }
  let sum = bell.reduce(0, +)
  let weights = bell.map { Float($0 / sum) }
  var result = patch
  for stride in [edge * edge, edge, 1] {
    result = filter(result, edge: edge, stride: stride, weights: weights, reach: reach)
  }
  return result
}

/// Correlates every line along one axis with `weights`, whose index `reach` lies on the voxel.
private func filter(_ patch: [Float], edge: Int, stride: Int, weights: [Float], reach: Int) -> [Float] {
  let mirrored = (0..<edge + weights.count - 1).map { mirror($0 - reach, edge) * stride }
  var result = patch
  for first in 0..<patch.count where (first / stride) % edge == 0 {
    for place in 0..<edge {
      var sum: Float = 0
      for tap in weights.indices { sum += weights[tap] * patch[first + mirrored[place + tap]] }
      result[first + place * stride] = sum
    }
  }
  return result
}

/// The index inside 0..<edge that stands for one outside: (d c b a | a b c d | d c b a).
private func mirror(_ index: Int, _ edge: Int) -> Int {
  let period = 2 * edge
  let folded = ((index % period) + period) % period
  return folded < edge ? folded : period - 1 - folded
}
