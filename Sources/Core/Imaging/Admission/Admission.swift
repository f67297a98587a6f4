import Contract
import Files

/// Judges one foreign file and makes the copy that everybody else reads.
public struct Admission: Sendable {
  /// What the file is meant to be.
  public let role: FileRole
  /// What is taken.
  public let limits: IntakeLimits

  /// Judges files of `role` within `limits`.
  public init(role: FileRole, limits: IntakeLimits) {
    self.role = role
    self.limits = limits
  }

  /// The verdict on a file (`voxels`: the second of a pair) and, where it is taken, its canonical copy: packed
  /// little-endian NIfTI, scans as Float32 after scaling, masks as uint8, geometry as it came, all text dropped. Of a
  /// file that is held the verdict also says whether it would be taken if a person released it.
  public func judge(_ file: [UInt8], voxels: [UInt8]? = nil) -> (verdict: Verdict, canonical: [UInt8]?) {
    var answer = judgeOnce(file, voxels: voxels)
    if answer.verdict.outcome == .hold {
      let released = Admission(role: role, limits: limits.released).judgeOnce(file, voxels: voxels)
      answer.verdict.isReleasable = released.verdict.outcome == .accept
    }
    return answer
  }

  private func judgeOnce(_ file: [UInt8], voxels: [UInt8]?) -> (verdict: Verdict, canonical: [UInt8]?) {
    var verdict = Verdict(.accept)
    verdict.inputDigest = Self.digest(of: file, voxels)
    verdict.partDigests = voxels.map { [Digest(of: file), Digest(of: $0)].map(\.description) }
    // Some copiers reserve the whole file and fill it later: the caller looks again. That is to be known of a file that cannot
    // be read too: its header may be what is missing.
    if Self.endsInZeros(file, voxels: voxels) { verdict.warnings.append(Verdict.tailZero) }
    do throws(Rejection) {
      let reading = try NiftiFile.read(file, voxels: voxels, role: role, limits: limits)
      verdict.normalisations = reading.normalisations
      verdict.warnings = reading.warnings + verdict.warnings
      verdict.geometry = reading.image.geometry
      verdict.axisCodes = AxisOrder(of: reading.image.geometry).codes
      verdict.predictedBytes = reading.predictedBytes
      verdict.ownCase = Self.ownCase(in: reading.description)
      verdict.voxelDigest = reading.image.volume.voxelDigest.description
      let canonical =
        role == .scan ? try judgeScan(reading, &verdict) : try judgeMask(reading, &verdict)
      verdict.canonicalDigest = Digest(of: canonical).description
      return (verdict, canonical)
    } catch {
      verdict.take(error)
      return (verdict, nil)
    }
  }

  private func judgeScan(_ reading: NiftiReading, _ verdict: inout Verdict) throws(Rejection) -> [UInt8] {
    let values = reading.image.volume.values
    if verdict.ownCase != nil { throw Rejection(.hold, .ownOutput) }
    let first = values[0]
    guard let second = values.first(where: { $0 != first }) else {
      throw Rejection(.reject, .constant, ["every voxel": "\(first)"])
    }
    if !values.contains(where: { $0 != first && $0 != second }) {
      throw Rejection(
        .hold, .swapped, ["values": "\(min(first, second)) \(max(first, second))", "looks like": "a mask"])
    }
    var nonzero = values.filter { $0 != 0 }
    nonzero.sort()
    verdict.foreground = nonzero.count
    let percentile = { (share: Double) in Double(nonzero[Int(share * Double(nonzero.count - 1))]) }
    verdict.range = [percentile(0.01), percentile(0.99)]
    let negative = nonzero.prefix { $0 < 0 }.count
    if negative * 100 > values.count { verdict.warnings.append("NEGATIVE_VALUES:\(negative)") }
    return NiftiFile.encode(scan: reading.image.volume, like: reading.image.header)
  }

  private func judgeMask(_ reading: NiftiReading, _ verdict: inout Verdict) throws(Rejection) -> [UInt8] {
    let label = try LabelReading(reading.image.volume, role: role, limits: limits)
    verdict.normalisations += label.notes
    verdict.foreground = label.foreground
    if role == .label {
      let figures = LesionFigures(of: label.mask, voxelVolume: reading.image.geometry.voxelVolume)
      verdict.lesionCount = figures.count
      verdict.largestLesionMl = figures.largestMl
    }
    verdict.voxelDigest = label.mask.voxelDigest.description
    return NiftiFile.encode(mask: label.mask, like: reading.image.header)
  }

  /// Whether the last 64 KiB of what is to be the voxels of an unpacked file are all 0.
  private static func endsInZeros(_ file: [UInt8], voxels: [UInt8]?) -> Bool {
    let values = voxels?[...] ?? file.dropFirst(352)
    return !(voxels ?? file).starts(with: [0x1f, 0x8b]) && !values.isEmpty
      && values.suffix(1 << 16).allSatisfy { $0 == 0 }
  }

  private static func digest(of file: [UInt8], _ voxels: [UInt8]?) -> String {
    var running = RunningDigest()
    running.update(file)
    if let voxels { running.update(voxels) }
    return running.finish().description
  }

  /// The case in `popcornd gen-NNNN CASE`, as our masks have it in `descrip`.
  private static func ownCase(in description: String) -> String? {
    let words = description.split(separator: " ")
    guard words.count >= 3, words[0] == "popcornd", words[1].hasPrefix("gen-") else { return nil }
    return String(words[2])
  }
}
