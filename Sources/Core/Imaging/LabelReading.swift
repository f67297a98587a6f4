import Contract

/// What the values of a mask say: two of them, or a reason why not.
struct LabelReading {
  var mask: Volume<UInt8>
  var notes: [String] = []
  var foreground: Int

  /// Share of the grid above which a lesion mask is something else: the brain, or the background.
  private static let mostShare = 0.2
  /// Distinct values above which a mask is an image.
  private static let mostClasses = 256

  init(_ volume: Volume<Float>, role: FileRole, limits: IntakeLimits) throws(Rejection) {
    let values = Self.distinct(volume.values)
    guard let values else {
      throw Rejection(.hold, .labelLooksLikeImage, ["values": "more than \(Self.mostClasses)"])
    }
    let foregroundValue = try Self.foreground(of: values, notes: &notes)
    mask = Volume(
      size: volume.size,
      values: volume.values.map { $0 != 0 && abs($0 - foregroundValue) <= 1e-3 * abs(foregroundValue) ? 1 : 0 })
    foreground = mask.total
    guard foreground > 0 || limits.emptyLabels == .accept && role == .label else {
      throw Rejection(.hold, .labelEmpty, ["voxels": "0"])
    }
    let share = Double(foreground) / Double(mask.size.count)
    guard role == .brain || share <= Self.mostShare || limits == .ours else {
      throw Rejection(
        .hold, .labelTooLarge,
        ["share of the grid": (100 * share).fixed(1) + " %", "most": (100 * Self.mostShare).fixed(0) + " %"])
    }
  }

  /// The distinct values, sorted; nil where they are too many for labels.
  private static func distinct(_ values: [Float]) -> [Float]? {
    var seen: Set<Float> = []
    var last = Float.nan
    for value in values where value != last {
      last = value
      if seen.insert(value).inserted, seen.count > mostClasses { return nil }
    }
    return seen.sorted()
  }

  /// The value that stands for lesion; 1 where every voxel is 0.
  private static func foreground(of values: [Float], notes: inout [String]) throws(Rejection) -> Float {
    let others = values.filter { $0 != 0 }
    if others.isEmpty || others == [1] { return 1 }
    if others.count == 1 {
      guard abs(others[0] - 1) > 1e-3 || others[0] == 1 else {
        notes.append("ROUNDED")
        return 1
      }
      notes.append("BINARISED:\(others[0])")
      return others[0]
    }
    if others.allSatisfy({ min(abs($0), abs($0 - 1)) <= 1e-3 }) {
      notes.append("ROUNDED")
      return 1
    }
    let shown = others.prefix(6).map { "\($0)" }.joined(separator: " ") + (others.count > 6 ? " ..." : "")
    if others.allSatisfy({ $0 == $0.rounded() }) {
      throw Rejection(.hold, .labelMulticlass, ["classes": "\(others.count)", "values": shown])
    }
    throw Rejection(.hold, .labelSoft, ["values": shown])
  }
}
