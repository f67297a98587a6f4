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
    ...Gen0006    the mask that generation 6 had made before a newer one replaced it
    probseg       lesion probability, 0 to 1

    Every image has a sidecar (.json) that says which scan and which generation it came from. lesions.tsv lists all
    masks with their volumes. models/ holds the weights of each generation.

    To correct a mask, save the corrected one into inbox/labeled/. What is edited here is left alone and not read.
    Automatic research segmentation. Not for diagnosis.

    """
  }

  /// `descriptions.tsv`: what the `desc` labels mean, also those of masks that `earlier` generations made.
  public static func descriptions(with earlier: [Int]) -> String {
    let kept = earlier.flatMap { generation in
      MaskKind.allCases.map { kind in
        "\(OutputNames.kept(kind, of: generation))\tThe \(kind.rawValue) mask as generation \(generation) made it\n"
      }
    }
    return """
      desc_id\tdescription
      draft\tAutomatic lesion mask; the scan was not selected for training yet
      pseudo\tAutomatic lesion mask; the scan was selected for training
      expert\tLesion mask drawn or corrected by an expert

      """ + kept.joined()
  }

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
    rows = try (LesionTable.automatic(ledger) + LesionTable.expert(ledger)).sorted { a, b in
      (a[2], a[4]) < (b[2], b[4])
    }
  }

  /// The file's text.
  public var document: String {
    ([LesionTable.columns] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  private static func automatic(_ ledger: Ledger) throws(LedgerFault) -> [[String]] {
    // SQLite takes the figures apart: a study's ten thousand masks are read whenever one of them changes.
    try ledger.database.rows(
      """
      SELECT c.subject, c.session, c.label, m.generation, iif(c.state = 'pseudo', 'pseudo', 'draft'), \
      m.figures ->> 'lesionCount', m.figures ->> 'voxelCount', m.figures ->> 'volumeMl', m.figures ->> 'largestMl', \
      m.figures ->> 'meanProbability', c.warnings, m.figures ->> 'warnings', m.figures ->> 'maskDigest' \
      FROM masks m JOIN cases c ON c.id = m.case_id WHERE c.state IN ('accepted', 'drafted', 'pseudo') \
      AND m.generation = (SELECT max(generation) FROM masks WHERE case_id = c.id)
      """
    ) { row throws(LedgerFault) in
      let figures: [String] = row.text(11) == "[]" ? [] : try row.json(11)
      return [
        row.text(0), row.textIfAny(1) ?? "n/a", row.text(2), String(row.integer(3)), row.text(4),
        String(row.integer(5)), String(row.integer(6)), String(row.real(7)), String(row.real(8)), String(row.real(9)),
        flags(CompactText.words(row.text(10)) + figures), row.text(12),
      ]
    }
  }

  private static func expert(_ ledger: Ledger) throws(LedgerFault) -> [[String]] {
    try ledger.database.rows(
      """
      SELECT c.subject, c.session, c.label, l.rater, l.foreground, c.geometry, c.warnings, l.digest, l.lesion_count, \
      l.largest_ml \
      FROM labels l JOIN cases c ON c.id = l.case_id WHERE c.state = 'expert' AND l.revision = \
      (SELECT max(revision) FROM labels WHERE case_id = l.case_id AND rater = l.rater)
      """
    ) { row throws(LedgerFault) in
      let volume = Double(row.integer(4)) * (try CompactText.geometry(row.text(5))).voxelVolume / 1000
      return [
        row.text(0), row.textIfAny(1) ?? "n/a", row.text(2), "n/a", "expert\(row.text(3))",
        row.integerIfAny(8).map { String($0) } ?? "n/a", String(row.integer(4)), String(volume),
        row.realIfAny(9).map { String($0) } ?? "n/a", "n/a", flags(CompactText.words(row.text(6))), row.text(7),
      ]
    }
  }

  private static func flags(_ warnings: [String]) -> String {
    let words = warnings.map { $0.map { $0.isWhitespace ? "_" : String($0) }.joined() }
    return words.isEmpty ? "n/a" : words.joined(separator: ",")
  }
}
