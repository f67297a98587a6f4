import Contract
import SystemPackage

/// LABEL-NEXT.tsv: the scans of the pool of which an expert's mask would teach most. Those are far from the training set,
/// and the network is unsure of what it found in them; each of the two orders the pool, and the sum of a scan's places
/// in both orders decides. Ties go by label.
public struct LabelNextTable: Sendable {
  /// How many scans are named.
  public static let length = 20

  private static let columns = [
    "rank", "case", "far_rank", "unsure_rank", "proximity", "mean_probability", "n_lesions", "volume_ml", "mask",
  ]
  private let rows: [[String]]

  /// The table of `Ledger.queue()` with the newest mask of each case; `path` is where a case's mask lies in the outbox.
  /// A scan without a mask or a place in the order of proximity is not named: nothing is known of it yet. A mask without
  /// a lesion has no probability to be unsure of and comes last in that order.
  public init(
    _ queue: [(case: Case, proximity: ProximityFigures?)], masks: [AutomaticMask],
    path: (Case) throws(LedgerFault) -> FilePath?
  ) throws(LedgerFault) {
    let newest = Dictionary(masks.map { ($0.caseLabel, $0) }) { first, _ in first }
    let known = queue.compactMap { entry -> Known? in
      guard let near = entry.proximity, let mask = newest[entry.case.label] else { return nil }
      return Known(scan: entry.case, sum: near.sum, figures: mask.figures)
    }.sorted { $0.scan.label < $1.scan.label }
    let far = LabelNextTable.places(known.map { -$0.sum })
    let unsure = LabelNextTable.places(known.map(\.certainty))
    let order = known.indices.sorted { (far[$0] + unsure[$0], $0) < (far[$1] + unsure[$1], $1) }
    var rows: [[String]] = []
    for (rank, index) in order.prefix(LabelNextTable.length).enumerated() {
      let (scan, figures) = (known[index].scan, known[index].figures)
      rows.append([
        String(rank + 1), scan.label, String(far[index]), String(unsure[index]), String(known[index].sum),
        figures.voxelCount > 0 ? String(figures.meanProbability) : "n/a", String(figures.lesionCount),
        String(figures.volumeMl), try path(scan)?.string ?? "n/a",
      ])
    }
    self.rows = rows
  }

  /// The file's text; where nothing is named a sentence says so.
  public var document: String {
    guard rows.isEmpty else {
      return ([LabelNextTable.columns] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
    }
    return LabelNextTable.columns.joined(separator: "\t")
      + "\n# Nothing to name: no scan waits in the pool, or none of them has a draft and a place in the order yet.\n"
  }

  private struct Known {
    let scan: Case
    let sum: Double
    let figures: MaskFigures
    var certainty: Double { figures.voxelCount > 0 ? figures.meanProbability : .infinity }
  }

  /// The place of each value, from 1 for the smallest; equal values share the first of their places.
  private static func places(_ values: [Double]) -> [Int] {
    let first = Dictionary(values.sorted().enumerated().map { ($1, $0 + 1) }) { first, _ in first }
    return values.map { first[$0] ?? 0 }
  }
}
