import Imaging

/// Which lesions two masks of one image agree on, as the MSSEG 2016 challenge decides (Commowick et al., Scientific
/// Reports 2018; the procedure is that of Anima's segmentation performance analyzer): a lesion counts as detected where
/// enough of it is covered, and by lesions of the other mask that do not lie for the most part in its background.
public struct LesionDetection: Sendable, Hashable {
  /// The challenge's thresholds.
  public struct Criteria: Sendable, Hashable {
    /// More than this share of a lesion must be covered: Anima's alpha, 0 ... 1.
    public var leastCovered = 0.10
    /// No lesion that covers it may have more than this share of itself in the background: Anima's beta, 0 ... 1.
    public var mostOutside = 0.70
    /// Share of the covered part after which nothing further is asked: Anima's gamma, 0 ... 1.
    public var enoughExplained = 0.65
    /// Lesions of at most this many mm³ become background, in both masks.
    public var negligibleVolume = 3.0

    /// The defaults of Anima's application.
    public init() {}

    /// The fewest voxels of a lesion that counts: floor(3 mm³ / voxel's volume) + 1. `voxelVolume`: mm³; where it is no
    /// positive number, no lesion counts.
    public func fewestVoxels(ofVolume voxelVolume: Double) -> Int {
      let quotient = negligibleVolume / voxelVolume
      guard voxelVolume > 0, quotient < 1e15 else { return .max }
      // Headers hold Float32: 0.75 mm³ come as 0.75000004, and a lesion of exactly 3 mm³ must not slip in by that.
      let whole = quotient.rounded()
      return Int(abs(quotient - whole) < 1e-5 * whole ? whole : quotient.rounded(.down)) + 1
    }
  }

  /// Lesions of the truth that are large enough to count, and those of them that were detected.
  public let truthLesions, detectedTruthLesions: Int
  /// Lesions of the mask that are large enough to count, and those of them that are true by the same procedure.
  public let maskLesions, detectedMaskLesions: Int
  /// Volume of the mask's lesions that count, mm³.
  public let maskVolume: Double
  /// Whether the truth has no voxel at all: one whose lesions are all too small to count is not empty.
  private let isTruthEmpty: Bool
  /// Whether the masks are one and the same, lesions that are too small to count included.
  private let areSame: Bool

  /// Takes both masks apart by faces, 6 neighbours. `voxelVolume`: mm³.
  public init(truth: Volume<UInt8>, mask: Volume<UInt8>, voxelVolume: Double, criteria: Criteria = Criteria()) {
    precondition(truth.size == mask.size, "masks of one image have one size")
    let fewest = criteria.fewestVoxels(ofVolume: voxelVolume)
    let table = OverlapTable(
      truth: CountedLesions(in: truth, atLeast: fewest), mask: CountedLesions(in: mask, atLeast: fewest))
    truthLesions = table.truthSizes.count - 1
    maskLesions = table.maskSizes.count - 1
    detectedTruthLesions = table.detected(by: criteria)
    detectedMaskLesions = table.transposed.detected(by: criteria)
    maskVolume = Double(table.maskSizes.dropFirst().reduce(0, +)) * voxelVolume
    isTruthEmpty = !truth.values.contains { $0 != 0 }
    areSame = !zip(truth.values, mask.values).contains { ($0 != 0) != ($1 != 0) }
  }

  /// SensL, the share of the truth's lesions that were detected, 0 ... 1. Where no lesion of the truth counts: 1 where none of
  /// the mask does either and both are the same (empty, for one), else nil: missing what is too small to count is no full score.
  public var sensitivity: Double? { share(detectedTruthLesions, of: truthLesions) }

  /// PPVL, the share of the mask's lesions that are true, 0 ... 1. Where no lesion of the mask counts as for `sensitivity`.
  public var precision: Double? { share(detectedMaskLesions, of: maskLesions) }

  /// F1 = 2 PPVL · SensL / (PPVL + SensL), 0 ... 1; 0 where both are 0 and where no lesion of the mask counts (nothing was
  /// found); nil where no lesion of the truth counts, unless none of the mask does and both are the same. See `withoutTruth`.
  public var f1: Double? {
    guard let sensitivity else { return nil }
    guard let precision, precision + sensitivity > 0 else { return 0 }
    return 2 * precision * sensitivity / (precision + sensitivity)
  }

  /// What the mask claims where the truth is empty, lesions and mm³; nil where the truth is not.
  public var withoutTruth: (lesions: Int, volume: Double)? { isTruthEmpty ? (maskLesions, maskVolume) : nil }

  private func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : areSame ? 1 : nil
  }
}

/// The lesions of a mask that are large enough, numbered from 1 in raster order; everything else is 0.
private struct CountedLesions {
  let labels: [Int32]
  let count: Int

  init(in mask: Volume<UInt8>, atLeast fewest: Int) {
    let (labels, count) = Components.label(mask, connectivity: .faces)
    let sizes = Components.sizes(of: labels, count: count)
    var numbers: [Int32] = [0]
    var kept: Int32 = 0
    for size in sizes {
      if size >= fewest { kept += 1 }
      numbers.append(size >= fewest ? kept : 0)
    }
    self.labels = labels.values.map { numbers[Int($0)] }
    self.count = Int(kept)
  }
}

/// Voxels that each lesion of the truth has in common with each of the mask. Number 0 is the background.
private struct OverlapTable {
  private struct Cell: Hashable {
    let truth, mask: Int32
  }

  /// For each lesion of the truth, the mask's lesions on it with the voxels they share; 0, the background, is not in it.
  private let rows: [[(lesion: Int, shared: Int)]]
  /// For each lesion of the mask, how much of it lies in the truth's background; the reverse for the truth's.
  private let maskOutside, truthOutside: [Int]
  let truthSizes, maskSizes: [Int]

  init(truth: CountedLesions, mask: CountedLesions) {
    var cells: [Cell: Int] = [:]
    var truthSizes = [Int](repeating: 0, count: truth.count + 1)
    var maskSizes = [Int](repeating: 0, count: mask.count + 1)
    for (one, other) in zip(truth.labels, mask.labels) where one | other != 0 {
      truthSizes[Int(one)] += 1
      maskSizes[Int(other)] += 1
      cells[Cell(truth: one, mask: other), default: 0] += 1
    }
    var rows = [[(lesion: Int, shared: Int)]](repeating: [], count: truth.count + 1)
    for (cell, shared) in cells where cell.truth > 0 && cell.mask > 0 {
      rows[Int(cell.truth)].append((Int(cell.mask), shared))
    }
    self.rows = rows
    maskOutside = maskSizes.indices.map { cells[Cell(truth: 0, mask: Int32($0))] ?? 0 }
    truthOutside = truthSizes.indices.map { cells[Cell(truth: Int32($0), mask: 0)] ?? 0 }
    (self.truthSizes, self.maskSizes) = (truthSizes, maskSizes)
  }

  private init(transposing table: OverlapTable) {
    var rows = [[(lesion: Int, shared: Int)]](repeating: [], count: table.maskSizes.count)
    for (one, row) in table.rows.enumerated() {
      for (other, shared) in row { rows[other].append((one, shared)) }
    }
    self.rows = rows
    (maskOutside, truthOutside) = (table.truthOutside, table.maskOutside)
    (truthSizes, maskSizes) = (table.maskSizes, table.truthSizes)
  }

  var transposed: OverlapTable { OverlapTable(transposing: self) }

  /// How many lesions of the truth are detected.
  func detected(by criteria: LesionDetection.Criteria) -> Int {
    truthSizes.indices.dropFirst().count { isDetected($0, by: criteria) }
  }

  private func isDetected(_ lesion: Int, by criteria: LesionDetection.Criteria) -> Bool {
    let covered = truthSizes[lesion] - truthOutside[lesion]
    guard Double(covered) / Double(truthSizes[lesion]) > criteria.leastCovered else { return false }
    // Of equal parts the larger lesion is asked first, then the one that begins first: Anima numbers them by size.
    let byPart = rows[lesion].sorted {
      ($1.shared, maskSizes[$1.lesion], $0.lesion) < ($0.shared, maskSizes[$0.lesion], $1.lesion)
    }
    var explained = 0
    for (other, shared) in byPart {
      if Double(maskOutside[other]) / Double(maskSizes[other]) > criteria.mostOutside { return false }
      explained += shared
      if Double(explained) / Double(covered) >= criteria.enoughExplained { return true }
    }
    return true
  }
}
