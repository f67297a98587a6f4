import Contract
import Files

/// The sidecar of an image in the outbox: BIDS fields first, ours under `Popcornd`. No time and no path is in it, so
/// that the same mask has the same sidecar.
public struct Sidecar: Sendable {
  private var fields: [(name: String, value: JSONText)] = []
  private var ours: [(name: String, value: JSONText)] = []

  /// The sidecar of an automatic mask or its probability map. `selection` is that of a scan that was selected.
  public static func automatic(
    _ mask: AutomaticMask, as kind: MaskKind, of known: Case, by generation: Generation, selection: Selection?,
    kinds: [String: MaskReference.Kind] = [:], isProbability: Bool = false
  ) -> Sidecar {
    var sidecar = Sidecar(known, isManual: false)
    let figures = mask.figures
    sidecar.ours += [
      ("MaskSHA256", .string(figures.maskDigest)),
      ("ProbabilitySHA256", figures.probabilityDigest.map { .string($0) } ?? .null),
      ("Kind", .string(kind.rawValue)), ("Generation", .integer(generation.number)),
      ("ModelSHA256", .string(generation.model.description)),
    ]
    if let selection {
      sidecar.ours += [
        ("SelectedInCycle", .integer(selection.cycle)), ("SelectedAtStep", .integer(selection.step)),
        ("SelectionRank", .integer(selection.rank)), ("ProximitySum", .number(selection.proximity.sum)),
        ("Neighbours", .array(selection.proximity.nearest.map { neighbour($0, kinds) })),
      ]
    }
    sidecar.ours += [
      ("Threshold", .number(mask.threshold)), ("LesionVolume_ml", .number(figures.volumeMl)),
      ("LesionCount", .integer(figures.lesionCount)), ("LargestLesion_ml", .number(figures.largestMl)),
      ("MeanProbability", .number(figures.meanProbability)), ("Preparation", preparation(figures.preparation)),
    ]
    sidecar.finish(known, warnings: figures.warnings, isReviewed: false)
    if isProbability { sidecar.fields.append(("Units", .string("arbitrary"))) }
    return sidecar
  }

  /// The sidecar of an expert's mask.
  public static func expert(_ label: ExpertLabel, of known: Case) -> Sidecar {
    var sidecar = Sidecar(known, isManual: true)
    sidecar.ours += [
      ("MaskSHA256", .string(label.digest.description)), ("LabelInputSHA256", .string(label.inputDigest.description)),
      ("Kind", .string("expert")), ("Rater", label.rater.isEmpty ? .null : .string(label.rater)),
      ("Revision", .integer(label.revision)),
      ("LesionVolume_ml", .number(Double(label.foreground) * known.geometry.voxelVolume / 1000)),
      ("LesionCount", label.lesionCount.map { .integer($0) } ?? .null),
      ("LargestLesion_ml", label.largestMl.map { .number($0) } ?? .null),
    ]
    sidecar.finish(known, warnings: [], isReviewed: true)
    return sidecar
  }

  /// The file's text.
  public var document: String { JSONText.object(fields + [("Popcornd", .object(ours))]).document }

  private init(_ known: Case, isManual: Bool) {
    fields = [
      ("Type", .string("Lesion")), ("Manual", .bool(isManual)),
      ("Sources", .array([.string("bids:inbox:\(known.label)")])), ("SpatialReference", .string("orig")),
    ]
    ours = [
      ("CaseID", .string(known.label)), ("Subject", .string(known.subject)),
      ("InputSHA256", .string(known.inputDigest.description)), ("VoxelSHA256", .string(known.voxelDigest.description)),
    ]
  }

  private mutating func finish(_ known: Case, warnings: [String], isReviewed: Bool) {
    ours += [
      ("VoxelVolume_mm3", .number(known.geometry.voxelVolume)),
      ("Normalisations", .array(known.normalisations.map { .string($0) })),
      ("Warnings", .array((known.warnings + warnings).map { .string($0) })), ("Reviewed", .bool(isReviewed)),
    ]
    if !isReviewed { ours.append(("Statement", .string("Automatic research segmentation. Not for diagnosis."))) }
  }

  private static func neighbour(
    _ near: ProximityFigures.Neighbour, _ kinds: [String: MaskReference.Kind]
  ) -> JSONText {
    .object([
      ("Case", .string(near.id)), ("Distance", .number(near.distance)),
      ("Kind", kinds[near.id].map { .string($0.rawValue) } ?? .null),
    ])
  }

  private static func preparation(_ steps: [PreparationStep]) -> JSONText {
    .array(
      steps.map { step in
        let figures = step.figures.sorted { $0.key < $1.key }.map { (name: $0.key, value: JSONText.number($0.value)) }
        return .object([("Step", .string(step.name))] + figures)
      })
  }
}
