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
  /// What interpolation may have done to a value, as a share of it.
  private static let rounding: Float = 1e-3

  init(_ volume: Volume<Float>, role: FileRole, limits: IntakeLimits) throws(Rejection) {
    let values = Self.distinct(volume.values)
    guard let values else {
      throw Rejection(.hold, .labelLooksLikeImage, ["values": "more than \(Self.mostClasses)"])
    }
    let lesion = role == .label ? Set(limits.lesionValues) : []
    let foreground = try Self.foreground(of: values, lesion: lesion, notes: &notes)
    mask = Volume(
      size: volume.size,
      values: volume.values.map { value in
        value != 0 && foreground.contains { abs(value - $0) <= Self.rounding * abs($0) } ? 1 : 0
      })
    self.foreground = mask.total
    guard self.foreground > 0 || limits.emptyLabels == .accept && role == .label else {
      throw Rejection(.hold, .labelEmpty, ["voxels": "0"])
    }
    let share = Double(self.foreground) / Double(mask.size.count)
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

  /// The values that stand for lesion: those of `lesion` where an administrator has named them, else the only one there
  /// is; 1 where every voxel is 0.
  private static func foreground(
    of values: [Float], lesion: Set<Int>, notes: inout [String]
  ) throws(Rejection) -> [Float] {
    let others = values.filter { $0 != 0 }
    if others.isEmpty { return [1] }
    if !lesion.isEmpty { return try named(lesion, among: others, notes: &notes) }
    if others == [1] { return [1] }
    // Whole numbers that are read as floats are denormals.
    if others.count == 1, others[0].isNormal {
      guard abs(others[0] - 1) > rounding || others[0] == 1 else {
        notes.append("ROUNDED")
        return [1]
      }
      notes.append("BINARISED:\(others[0])")
      return others
    }
    if others.allSatisfy({ min(abs($0), abs($0 - 1)) <= rounding }), others.contains(where: { $0 > 0.5 }) {
      notes.append("ROUNDED")
      return [1]
    }
    throw unclear(others)
  }

  /// The values of `lesion` that the mask has. A mask that has none of them, but others, says nothing of lesions.
  private static func named(
    _ lesion: Set<Int>, among others: [Float], notes: inout [String]
  ) throws(Rejection) -> [Float] {
    let whole = others.filter { abs($0) > rounding }.map { (value: $0, nearest: $0.rounded()) }
    guard whole.allSatisfy({ abs($0.value - $0.nearest) <= rounding * abs($0.nearest) }) else { throw unclear(others) }
    if others.contains(where: { $0 != $0.rounded() }) { notes.append("ROUNDED") }
    let present = Set(whole.map(\.nearest)).sorted()
    let found = present.filter { lesion.contains(Int($0)) }
    guard !found.isEmpty else { throw unclear(others) }
    if present != [1] { notes.append("LESION_VALUES:" + found.map { String(Int($0)) }.joined(separator: "+")) }
    return found
  }

  private static func unclear(_ others: [Float]) -> Rejection {
    let shown = others.prefix(6).map { "\($0)" }.joined(separator: " ") + (others.count > 6 ? " ..." : "")
    guard others.allSatisfy({ $0 == $0.rounded() }) else { return Rejection(.hold, .labelSoft, ["values": shown]) }
    return Rejection(.hold, .labelMulticlass, ["classes": "\(others.count)", "values": shown])
  }
}
