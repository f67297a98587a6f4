import Contract
import Files
import SystemPackage

/// The files of the outbox that belong to no case. It is a BIDS derivatives dataset (BIDS 1.9,
/// "Derivatives"): a validator accepts it as it lies there.
public struct Dataset: Sendable {
  /// The study's name, for `Name`.
  public var name: String
  /// Version of popcornd.
  public var version: String

  /// A dataset of the study `name`, made by popcornd `version`.
  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// `dataset_description.json`.
  public var description: String {
    JSONText.object([
      ("Name", .string(name)), ("BIDSVersion", .string("1.9.0")), ("DatasetType", .string("derivative")),
      (
        "GeneratedBy",
        .array([
          .object([
            ("Name", .string("popcornd")), ("Version", .string(version)),
            (
              "Description",
              .string("Lesion masks by progressive pseudo-labeling with consistency and proximity (POPCORN).")
            ),
          ])
        ])
      ),
      ("SourceDatasets", .array([.object([("URL", .string("../inbox"))])])),
      ("DatasetLinks", .object([("inbox", .string("../inbox"))])),
    ]).document
  }

  /// `README`.
  public var readme: String {
    """
    Lesion masks of the study "\(name)", made by popcornd \(version).

    desc-draft    automatic mask of a scan that was not selected for training yet
    desc-pseudo   automatic mask of a scan that was selected for training
    desc-expert   an expert's mask, as accepted
    probseg       lesion probability, 0 to 1

    Every image has a sidecar (.json) that says which scan and which generation it came from. lesions.tsv lists all
    masks with their volumes. models/ holds the weights of each generation.

    To correct a mask, save the corrected one into inbox/labeled/. What is edited here is left alone and not read.
    Automatic research segmentation. Not for diagnosis.

    """
  }

  /// `descriptions.tsv`: what the `desc` labels mean.
  public static let descriptions = """
    desc_id\tdescription
    draft\tAutomatic lesion mask; the scan was not selected for training yet
    pseudo\tAutomatic lesion mask; the scan was selected for training
    expert\tLesion mask drawn or corrected by an expert

    """

  /// `.bidsignore`: what BIDS has no names for.
  public static let ignored = """
    models/
    releases/
    lesions.tsv
    index.html
    **/*_qc.png
    **/*_qc.html

    """

  /// Writes the dataset's own files.
  public func publish(in outbox: Outbox) throws(LedgerFault) {
    try outbox.publish(Array(description.utf8), at: "dataset_description.json")
    try outbox.publish(Array(readme.utf8), at: "README")
    try outbox.publish(Array(Dataset.descriptions.utf8), at: "descriptions.tsv")
    try outbox.publish(Array(Dataset.ignored.utf8), at: ".bidsignore")
  }
}

/// `lesions.tsv`: a line for each mask that counts, sorted by case.
public struct LesionTable: Sendable {
  private static let columns = [
    "participant", "session", "case", "generation", "kind", "n_lesions", "n_voxels", "volume_ml", "largest_ml",
    "mean_probability", "qc_flags", "mask_sha256",
  ]
  private let rows: [[String]]

  /// The table as the ledger has it: an expert's mask where there is one, else the newest automatic one.
  public init(_ ledger: Ledger) throws(LedgerFault) {
    var automatic: [String: AutomaticMask] = [:]
    for mask in try ledger.newestMasks() { automatic[mask.caseLabel] = mask }
    var rows: [[String]] = []
    for known in try ledger.cases().sorted(by: { $0.label < $1.label }) {
      switch known.state {
      case .expert:
        for label in try ledger.currentLabels(of: known.label) { rows.append(LesionTable.row(known, label)) }
      case .accepted, .drafted, .pseudo:
        if let mask = automatic[known.label] { rows.append(LesionTable.row(known, mask)) }
      case .waiting, .held, .rejected, .withdrawn: break
      }
    }
    self.rows = rows
  }

  /// The file's text.
  public var document: String {
    ([LesionTable.columns] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  private static func row(_ known: Case, _ mask: AutomaticMask) -> [String] {
    let figures = mask.figures
    return [
      known.subject, known.session ?? "n/a", known.label, String(mask.generation),
      known.state == .pseudo ? "pseudo" : "draft", String(figures.lesionCount), String(figures.voxelCount),
      String(figures.volumeMl), String(figures.largestMl), String(figures.meanProbability),
      flags(known.warnings + figures.warnings), figures.maskDigest,
    ]
  }

  private static func row(_ known: Case, _ label: ExpertLabel) -> [String] {
    let volume = Double(label.foreground) * known.geometry.voxelVolume / 1000
    return [
      known.subject, known.session ?? "n/a", known.label, "n/a", "expert\(label.rater)", "n/a",
      String(label.foreground), String(volume), "n/a", "n/a", flags(known.warnings), label.digest.description,
    ]
  }

  private static func flags(_ warnings: [String]) -> String {
    let words = warnings.map { $0.map { $0.isWhitespace ? "_" : String($0) }.joined() }
    return words.isEmpty ? "n/a" : words.joined(separator: ",")
  }
}
