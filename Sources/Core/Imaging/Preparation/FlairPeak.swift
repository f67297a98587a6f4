import Contract
import Glibc

/// The intensity of the tissue that most of the brain has: by it a FLAIR volume is made comparable, as in FLEXCONN
/// (Roy et al. 2018) and the paper's released preprocessing: the highest mode of the smoothed histogram of the
/// non-zero voxels up to their 99th percentile q, smoothing q/80.
public struct FlairPeak: Sendable, Equatable {
  /// Intensity of the mode.
  public let peak: Double
  /// The 99th percentile q.
  public let percentile: Double

  private static let bins = 512

  /// Finds the peak of the values that are greater than 0; nil where there is none.
  public init?(of values: [Float]) {
    var positive = values.filter { $0 > 0 }
    guard !positive.isEmpty else { return nil }
    positive.sort()
    let place = 0.99 * Double(positive.count - 1)
    let below = Int(place)
    let above = min(below + 1, positive.count - 1)
    let q = Double(positive[below]) + (place - Double(below)) * Double(positive[above] - positive[below])
    guard q > 0, q.isFinite else { return nil }
    var histogram = [Double](repeating: 0, count: Self.bins)
    for value in positive {
      guard Double(value) <= q else { break }
      histogram[min(Self.bins - 1, Int(Double(value) / q * Double(Self.bins)))] += 1
    }
    let smooth = Self.smoothed(histogram, sigma: Double(Self.bins) / 80)
    let maxima = (1..<Self.bins - 1).filter { smooth[$0] > smooth[$0 - 1] && smooth[$0] > smooth[$0 + 1] }
    guard let top = maxima.max(by: { smooth[$0] < smooth[$1] }) else { return nil }
    let (left, middle, right) = (smooth[top - 1], smooth[top], smooth[top + 1])
    let shift = 0.5 * (left - right) / (left - 2 * middle + right)
    peak = (Double(top) + 0.5 + shift) * q / Double(Self.bins)
    percentile = q
  }

  private static func smoothed(_ histogram: [Double], sigma: Double) -> [Double] {
    let reach = Int((5 * sigma).rounded(.up))
    let kernel = (-reach...reach).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    return histogram.indices.map { centre in
      (-reach...reach).reduce(0.0) { sum, offset in
        let place = centre + offset
        return histogram.indices.contains(place) ? sum + histogram[place] * kernel[offset + reach] : sum
      }
    }
  }
}
