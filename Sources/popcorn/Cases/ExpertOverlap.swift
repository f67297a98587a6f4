import Contract
import Evaluation
import Imaging
import Popcorn

extension CaseSource {
  /// How a mask on the reference grid agrees with what each expert drew.
  func overlaps(of mask: Volume<UInt8>, with scan: CaseReference) throws -> [VoxelOverlap] {
    try scan.masks.map { VoxelOverlap(truth: try self.mask($0, of: scan).values, mask: mask.values) }
  }
}

/// Means over the experts.
extension [VoxelOverlap] {
  var dice: Double { mean(map(\.dice)) ?? 0 }
  /// Of those for whom it is defined; nil where it is for none.
  var precision: Double? { mean(compactMap(\.precision)) }
  /// See `precision`.
  var sensitivity: Double? { mean(compactMap(\.sensitivity)) }
}
