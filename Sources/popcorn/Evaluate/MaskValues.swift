import Contract
import Imaging

/// What the values of a file that is taken for a mask say of it.
enum MaskValues: Equatable {
  /// Background and one more value, or one value alone.
  case binary
  /// Labels, whole numbers, which are taken together.
  case labels([Int])
  /// Shares from 0 to 1, which are cut at a half.
  case shares
  /// As many values as only an image has.
  case image(least: Float, most: Float)

  /// More labels than this are no segmentation.
  private static let mostLabels = 32

  init(_ volume: Volume<Float>) {
    var distinct: Set<Float> = []
    var (least, most) = (Float.infinity, -Float.infinity)
    for value in volume.values {
      (least, most) = (min(least, value), max(most, value))
      if distinct.count <= Self.mostLabels + 1 { distinct.insert(value) }
    }
    let labels = distinct.filter { $0 != 0 }.sorted()
    if labels.count < 2 {
      self = .binary
    } else if least >= 0, most <= 1 {
      self = .shares
    } else if labels.count <= Self.mostLabels, labels.allSatisfy({ $0 > 0 && $0 == $0.rounded() }) {
      self = .labels(labels.map { Int($0) })
    } else {
      self = .image(least: least, most: most)
    }
  }

  /// What a person should know of how it is taken; nil where it is what it seems.
  var notice: String? {
    switch self {
    case .binary, .image: nil
    case .labels(let labels):
      "has labels \(labels.map(String.init).joined(separator: ", ")): all of them are taken for lesion"
    case .shares: "has values between 0 and 1: what is above 0.5 is taken for lesion"
    }
  }
}
