import Files
import SystemPackage

/// The names of a case's files in the outbox: BIDS derivatives, paths beneath the outbox. `space-orig` because nothing
/// was resampled; `label-L` is the reserved abbreviation for lesion (BIDS 1.9, "Common image-derived labels").
public struct OutputNames: Sendable, Equatable {
  /// A `sub-` and perhaps a `ses-` entity, such as `sub-PSN7Q2M4K5TBA`.
  public let entities: String
  private let folder: FilePath

  /// The names under subject label `subject` and session label `session`. What BIDS labels cannot hold (anything but
  /// ASCII letters and digits) is left out.
  public init(subject: String, session: String? = nil) {
    let subject = "sub-\(OutputNames.plain(subject))"
    let session = session.map { OutputNames.plain($0) }.flatMap { $0.isEmpty ? nil : "ses-\($0)" }
    entities = [subject, session].compactMap { $0 }.joined(separator: "_")
    folder = [subject, session, "anat"].compactMap { $0 }.reduce(into: FilePath("")) { $0.append($1) }
  }

  /// The names of a case: under its label, never under its subject's own.
  public init(of known: Case) { self.init(subject: known.label, session: known.session) }

  /// The automatic mask; its sidecar has `.json` in place of `.nii.gz`.
  public func mask(_ kind: MaskKind) -> FilePath { file("label-L_desc-\(kind.rawValue)_mask.nii.gz") }

  /// The automatic mask that an older generation made, where such are kept.
  public func mask(_ kind: MaskKind, keptOf generation: Int) -> FilePath {
    file("label-L_desc-\(OutputNames.kept(kind, of: generation))_mask.nii.gz")
  }

  /// The `desc` label of such a mask.
  static func kept(_ kind: MaskKind, of generation: Int) -> String { "\(kind.rawValue)Gen\(generation.padded(4))" }

  /// Whether a path of ours in the outbox is such a mask of an older generation, or its sidecar.
  public static func isKept(_ path: FilePath) -> Bool {
    let entities = (path.lastComponent?.string ?? "").split(separator: "_")
    return entities.contains { entity in MaskKind.allCases.contains { entity.hasPrefix("desc-\($0.rawValue)Gen") } }
  }

  /// The expert's mask as accepted. BIDS has no entity for who drew: the rater goes into `desc`, and where its label cannot
  /// hold the name, the beginning of the name's SHA-256 too: raters Müller and Möller are two.
  public func expert(rater: String = "") -> FilePath {
    let plain = OutputNames.plain(rater)
    let name = plain == rater ? plain : plain + Digest(of: rater.utf8).description.prefix(6)
    return file("label-L_desc-expert\(name)_mask.nii.gz")
  }

  /// The lesion probability. The template of probabilistic segmentations has `seg` and no `desc`.
  public var probability: FilePath { file("seg-popcorn_label-L_probseg.nii.gz") }

  /// The sidecar of an image.
  public static func sidecar(of image: FilePath) -> FilePath {
    let text = image.string
    return FilePath((text.hasSuffix(".nii.gz") ? String(text.dropLast(7)) : text) + ".json")
  }

  /// The weights of a generation.
  public static func model(_ generation: Int) -> FilePath { model(generation, "safetensors") }
  /// The card of a generation: what it is and how it was made.
  public static func card(_ generation: Int) -> FilePath { model(generation, "json") }

  private static func model(_ generation: Int, _ ending: String) -> FilePath {
    FilePath("models/popcorn_gen-\(generation.padded(4)).\(ending)")
  }

  private func file(_ rest: String) -> FilePath { folder.appending("\(entities)_space-orig_\(rest)") }

  private static func plain(_ label: String) -> String {
    String(label.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) })
  }
}
