import Contract
import Ledger

/// All that the ledger says of one case, but the names of its files.
struct CaseFacts: Encodable {
  struct Label: Encodable {
    let rater: String
    let revision: Int
    let mask: String
    let foreground: Int
    let arrived: String
  }
  struct Mask: Encodable {
    let generation: Int
    let kind: String
    let mask: String
    let lesions: Int
    let volumeMl: Double
    let made: String
    let isKept: Bool
  }
  struct LeftOut: Encodable {
    let cycle: Int
    let words: String
  }

  let id: String
  let subject: String
  let session: String?
  let state: CaseState
  let reason: ReasonCode?
  let arrived: String
  let size: [Int]
  let spacing: [Double]
  let axisCodes: String
  let contrast: String
  let inputDigest: String
  let voxelDigest: String
  let hasBrainMask: Bool
  let normalisations: [String]
  let warnings: [String]
  let labels: [Label]
  let masks: [Mask]
  let leftOut: [LeftOut]
  let outputs: [String]

  /// The facts of the case with this label. Throws where there is none.
  init(_ id: String, in ledger: Ledger) throws {
    let known = try ledger.case(id)
    self.id = known.label
    subject = known.subject
    session = known.session
    state = known.state
    reason = known.reason
    arrived = known.arrived.description
    size = known.geometry.size
    spacing = known.geometry.spacing
    axisCodes = known.axisCodes
    contrast = known.contrast.rawValue
    inputDigest = known.inputDigest.description
    voxelDigest = known.voxelDigest.description
    hasBrainMask = known.brainDigest != nil
    normalisations = known.normalisations
    warnings = known.warnings
    labels = try ledger.labels(of: id).map {
      Label(
        rater: $0.rater, revision: $0.revision, mask: $0.digest.description, foreground: $0.foreground,
        arrived: $0.arrived.description)
    }
    masks = try ledger.masks(of: id).map {
      Mask(
        generation: $0.generation, kind: $0.kind.rawValue, mask: $0.figures.maskDigest,
        lesions: $0.figures.lesionCount, volumeMl: $0.figures.volumeMl, made: $0.made.description,
        isKept: $0.retired == nil)
    }
    leftOut = try ledger.leftOut(id).map { LeftOut(cycle: $0.cycle, words: $0.words) }
    outputs = try ledger.outputs(of: id).map(\.path.string)
  }

  /// For a person.
  var text: String {
    let grid = size.map { String($0) }.joined(separator: " x ")
    let edges = spacing.map { String(($0 * 1000).rounded() / 1000) }.joined(separator: " x ")
    var rows = [
      ["case", id], ["state", state.rawValue + (reason.map { " (\($0.rawValue))" } ?? "")], ["subject", subject],
      ["session", session ?? "-"], ["arrived", arrived], ["grid", "\(grid) voxels of \(edges) mm, \(axisCodes)"],
      ["contrast", contrast], ["brain mask", hasBrainMask ? "provided" : "none"], ["input", inputDigest],
    ]
    rows += (normalisations + warnings).map { ["noted", $0] }
    rows += labels.map {
      ["expert mask", "\($0.rater.isEmpty ? "" : "rater \($0.rater), ")revision \($0.revision), \($0.arrived)"]
    }
    rows += masks.map {
      [
        "\($0.kind) mask",
        "generation \($0.generation): \($0.lesions) lesions, \($0.volumeMl) ml\($0.isKept ? "" : ", no longer kept")",
      ]
    }
    rows += leftOut.map { ["left out", "cycle \($0.cycle) could not read it: \($0.words)"] }
    rows += outputs.map { ["outbox", $0] }
    return Table([], rows).text(hasHeading: false)
  }
}
