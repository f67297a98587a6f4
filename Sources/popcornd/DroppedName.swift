import Contract
import Files
import SystemPackage
import Watch

/// What a dropped file's place and name say of it: what it is, what belongs to it, whose it is.
struct DroppedName: Sendable, Equatable {
  /// What a name says of the contrast.
  enum Contrast: Sendable { case flair, other, unsaid }

  /// What it is to be read as.
  let role: FileRole
  /// Scan, masks and brain mask that belong together have the same key.
  let key: String
  /// Which expert drew it; empty where the name does not say.
  let rater: String
  /// What names the person.
  let subject: String
  /// The BIDS session.
  let session: String?
  /// Its contrast, as far as the name says.
  let contrast: Contrast
  /// A case's label that stands in the name: our own output, corrected and saved under its name.
  let ownCase: String?

  /// Reads the name of a file; `pattern` is `[inbox] subject_pattern`.
  init(of file: SeenFile, subjectPattern pattern: String) {
    self.init(
      tree: file.tree, path: file.path, isBrain: file.kind == .brainMask, subjectPattern: pattern)
  }

  init(tree: InboxTree, path: FilePath, isBrain: Bool, subjectPattern pattern: String) {
    let stem = String(decoding: FileName(of: path).stem, as: UTF8.self)
    let folders = path.removingLastComponent().components.dropFirst().map(\.string)
    let entities = Entities(stem)
    let words = stem.lowercased()
    let label = DroppedName.labelEnding(of: words)
    if isBrain || entities.map(\.isBrainMask) == true {
      role = .brain
    } else if tree != .unlabeled, entities.map(\.isLesionMask) ?? (label != nil) {
      role = .label
    } else {
      role = .scan
    }
    rater = role == .label ? entities.map(\.rater) ?? label?.rater ?? "" : ""
    session = entities?["ses"]
    contrast = DroppedName.contrast(of: words, entities)
    ownCase = DroppedName.ownCase(in: stem)
    let bare = DroppedName.bare(words, role, label)
    let folder = folders.joined(separator: "/").lowercased()
    key = entities.map(\.key) ?? (DroppedName.isPlainFolder(folders.last) ? "" : folder + "/") + bare
    subject =
      entities?["sub"].map { "sub-\($0)" } ?? DroppedName.subject(matching: pattern, in: stem)
      ?? folders.first ?? bare
  }

  /// Folders that hold one kind of file of many people: they name nobody, and pairs lie across them.
  private static func isPlainFolder(_ name: String?) -> Bool {
    guard let name else { return true }
    return ["brainmasks", "masks", "labels", "images", "scans"].contains(name.lowercased())
  }

  private static let labelWords = [
    "lesionmask", "lesions", "lesion", "mask", "seg", "labels", "label", "roi", "manual", "gt", "wmh",
  ]

  /// The ending that makes a name a mask's, and the rater after it: `_mask1`, `_seg_rater-A`, `-label`.
  private static func labelEnding(of words: String) -> (length: Int, rater: String)? {
    var body = Substring(words)
    var rater = ""
    if let cut = body.range(of: "_rater-") ?? body.range(of: "_r"),
      body.distance(from: cut.lowerBound, to: body.endIndex) <= 16
    {
      let tail = body[cut.upperBound...]
      if !tail.isEmpty, tail.allSatisfy({ $0.isLetter || $0.isNumber }), endsInLabelWord(body[..<cut.lowerBound]) != nil
      {
        rater = String(tail)
        body = body[..<cut.lowerBound]
      }
    }
    let digits = body.reversed().prefix { $0.isNumber }.count
    if rater.isEmpty, (1...2).contains(digits), endsInLabelWord(body.dropLast(digits)) != nil {
      rater = String(body.suffix(digits))
      body = body.dropLast(digits)
    }
    guard let word = endsInLabelWord(body) else { return nil }
    return (words.count - body.count + word, rater)
  }

  /// How many characters at the end are a separator and a word for a mask.
  private static func endsInLabelWord(_ text: Substring) -> Int? {
    for word in labelWords {
      for separator in ["_", "-", "."] where text.hasSuffix(separator + word) && text.count > word.count + 1 {
        return word.count + 1
      }
    }
    return nil
  }

  private static func bare(_ words: String, _ role: FileRole, _ label: (length: Int, rater: String)?) -> String {
    var bare = words
    switch role {
    case .label: bare = String(words.dropLast(label?.length ?? 0))
    case .brain: if bare.hasSuffix("_brainmask") { bare = String(bare.dropLast(10)) }
    case .scan: break
    }
    for ending in ["_flair_pp", "_pp", "_t2flair", "_flair", "-flair", ".flair"] where bare.hasSuffix(ending) {
      bare = String(bare.dropLast(ending.count))
      break
    }
    return bare
  }

  private static func contrast(of words: String, _ entities: Entities?) -> Contrast {
    let parts = words.split { !$0.isLetter && !$0.isNumber }
    if words.contains("flair") { return .flair }
    let others: Set<Substring> = [
      "t1", "t1w", "t2", "t2w", "pd", "pdw", "dwi", "adc", "bold", "swi", "asl", "t1c", "t1ce", "t2star", "ct",
      "mprage",
    ]
    return parts.contains(where: others.contains) ? .other : .unsaid
  }

  private static func ownCase(in stem: String) -> String? {
    stem.split { !$0.isLetter && !$0.isNumber }.first {
      $0.hasPrefix("PSN") && $0.count >= 13 && $0.allSatisfy { $0.isUppercase || $0.isNumber }
    }.map(String.init)
  }

  /// The text that stands for `{subject}` where the stem matches the pattern (`*` matches anything).
  static func subject(matching pattern: String, in stem: String) -> String? {
    guard let hole = pattern.range(of: "{subject}") else { return nil }
    let (before, after) = (String(pattern[..<hole.lowerBound]), String(pattern[hole.upperBound...]))
    guard !before.contains("*"), stem.hasPrefix(before) else { return nil }
    let rest = stem.dropFirst(before.count)
    let literal = after.prefix { $0 != "*" }
    if literal.isEmpty { return rest.isEmpty ? nil : String(rest) }
    guard let end = rest.range(of: literal), end.lowerBound > rest.startIndex else { return nil }
    guard after.hasSuffix("*") || end.upperBound == rest.endIndex else { return nil }
    return String(rest[..<end.lowerBound])
  }
}

/// The entities of a BIDS name, `sub-01_ses-02_run-1_FLAIR`.
private struct Entities {
  private let values: [String: String]
  private let suffix: String

  init?(_ stem: String) {
    let parts = stem.split(separator: "_")
    guard parts.count > 1, parts[0].hasPrefix("sub-"), let last = parts.last, !last.contains("-") else { return nil }
    var values: [String: String] = [:]
    for part in parts.dropLast() {
      let halves = part.split(separator: "-", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      values[String(halves[0])] = String(halves[1])
    }
    self.values = values
    suffix = String(last)
  }

  subscript(_ name: String) -> String? { values[name] }

  var isBrainMask: Bool {
    suffix == "mask" && [values["label"], values["desc"]].contains { $0?.lowercased() == "brain" }
      || suffix == "brainmask"
  }

  var isLesionMask: Bool {
    guard !isBrainMask, suffix == "mask" || suffix == "dseg" else { return false }
    return values["label"].map { ["l", "lesion", "lesions", "wmh"].contains($0.lowercased()) } ?? true
  }

  /// `expertR1`, `R1` or nothing.
  var rater: String {
    let desc = values["desc"] ?? ""
    return desc.hasPrefix("expert") ? String(desc.dropFirst(6)) : ""
  }

  var key: String {
    ["sub", "ses", "acq", "run"].compactMap { name in values[name].map { "\(name)-\($0.lowercased())" } }
      .joined(separator: "_")
  }
}

extension Substring {
  fileprivate func range(of text: some StringProtocol) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<Index>? { self[...].range(of: text) }
}
