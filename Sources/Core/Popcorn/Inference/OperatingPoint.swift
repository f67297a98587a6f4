import Imaging

/// Where a probability becomes a lesion. Stored with a model: masks are cut as its training cut them.
public struct OperatingPoint: Sendable, Hashable {
  /// Probability from which a voxel is lesion, above 0 and below 1.
  public var threshold: Double
  /// The smallest volume that is a lesion, mm³; what is smaller is left out. 0 keeps all.
  public var floor: Double

  /// Where a probability becomes a lesion.
  public init(threshold: Double = 0.5, floor: Double = 0) {
    self.threshold = threshold
    self.floor = floor
  }

  /// The hard mask: 1 where the probability reaches the threshold and enough of it hangs together; `unknownVoxel` where it is
  /// less than `band` away from the threshold, and no more than half of the way from there to 0 or 1: else nothing could
  /// be told to be one of the two.
  /// - Parameter voxel: volume of a voxel, mm³.
  public func mask(_ probability: Volume<Float>, voxel: Double, band: Double = 0) -> Volume<UInt8> {
    let reach = min(band, 0.5 * min(threshold, 1 - threshold))
    var mask = probability.map { value in
      if reach > 0, abs(Double(value) - threshold) < reach { return unknownVoxel }
      return Double(value) >= threshold ? UInt8(1) : 0
    }
    let least = leastVoxels(of: voxel)
    guard least > 1 else { return mask }
    let lesion = mask.map { $0 == 1 ? UInt8(1) : 0 }
    let (labels, count) = Components.label(lesion, connectivity: .corners)
    let sizes = Components.sizes(of: labels, count: count)
    for place in labels.values.indices where labels.values[place] > 0 {
      if sizes[Int(labels.values[place]) - 1] < least { mask.values[place] = 0 }
    }
    return mask
  }

  /// The fewest voxels that make up the floor's volume.
  private func leastVoxels(of voxel: Double) -> Int {
    guard floor > 0, voxel > 0 else { return 0 }
    return Int(min((floor / voxel).rounded(.up), 1e9))
  }
}

/// As a model's file has it.
extension OperatingPoint {
  /// The entries of a file.
  public var metadata: [String: String] { [Self.thresholdKey: "\(threshold)", Self.floorKey: "\(floor)"] }

  /// The entries' names.
  public static let (thresholdKey, floorKey) = ("threshold", "floor")

  /// A threshold that is one; else nil.
  public static func threshold(text: String) -> Double? { Double(text).flatMap { $0 > 0 && $0 < 1 ? $0 : nil } }

  /// A floor that is one; else nil.
  public static func floor(text: String) -> Double? { Double(text).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil } }
}
