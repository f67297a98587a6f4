import Contract
import Imaging

/// What the values of a file that is taken for a mask say of it.
enum MaskValues: Equatable {
  /// Nothing but background.
  case empty
  /// Background and one more whole number, or that alone.
  case binary
  /// Labels, whole numbers, which are taken together.
  case labels([Int])
  /// Shares from 0 to 1, which are cut at a half.
  case shares
  /// What no mask has: so many values, in this range.
  case image(values: Int, least: Float, most: Float)

  /// More labels than this are no segmentation.
  private static let mostLabels = 32
  /// By how much shares may leave 0 to 1: resampling by splines swings over.
  private static let overshoot: Float = 0.1

  init(_ volume: Volume<Float>) {
    var distinct: Set<Float> = []
    var (least, most) = (Float.infinity, -Float.infinity)
    for value in volume.values {
      (least, most) = (min(least, value), max(most, value))
      if distinct.count <= Self.mostLabels + 1 { distinct.insert(value) }
    }
    let labels = distinct.filter { $0 != 0 }.sorted()
    if labels.isEmpty {
      self = .empty
    } else if labels.count <= Self.mostLabels, labels.allSatisfy({ $0 > 0 && $0 == $0.rounded() && $0 < 1e9 }) {
      self = labels.count == 1 ? .binary : .labels(labels.map { Int($0) })
    } else if least >= -Self.overshoot, most <= 1 + Self.overshoot {
      self = .shares
    } else {
      self = .image(values: distinct.count, least: least, most: most)
    }
  }

  /// Whether there is anything but background.
  var isMarked: Bool { self != .empty }

  /// What a person should know of how it is taken; nil where it is what it seems.
  var notice: String? {
    switch self {
    case .empty, .binary, .image: nil
    case .labels(let labels):
      "has labels \(labels.map(String.init).joined(separator: ", ")): all of them are taken for lesion"
    case .shares: "has values between 0 and 1: what is above 0.5 is taken for lesion"
    }
  }

  /// Why it is not taken; nil where it is.
  var refusal: String? {
    guard case .image(let values, let least, let most) = self else { return nil }
    let count = values > Self.mostLabels ? "many" : "\(values)"
    return "is an image and no mask: it has \(count) values, from \(least) to \(most); a mask "
      + "has 0 and whole numbers above it, or shares from 0 to 1"
  }
}
