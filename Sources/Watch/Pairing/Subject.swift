import Files
import SystemPackage

/// Who was scanned, and when, as far as names tell. Keys stay in the state directory; what leaves it is keyed hashes
/// of them.
public struct Subject: Sendable, Hashable {
  /// The subject's key: the same for all time points.
  public var key: String
  /// The time point, where something says so.
  public var session: String?

  /// A subject of this key.
  public init(key: String, session: String? = nil) {
    self.key = key
    self.session = session
  }

  /// The subject of the scan at `path` (relative to its tree): by BIDS entities of name or folders, else by its line of
  /// `pairs.tsv`, else by the configured pattern, else by the folder where the stem says no more than `flair`, else
  /// by the
  /// stem without a time point (`-t1`, `-s2`, `_ses-3`, and `_01` where a number is left before it).
  public init(of path: FilePath, row: PairsTable.Row? = nil, pattern: SubjectPattern? = nil) {
    let file = TreeFile(path)
    let bids = BIDSName(stem: file.stem)
    if let sub = bids?.entities["sub"] ?? Subject.entity("sub", in: file.folders) {
      self.init(key: sub, session: bids?.entities["ses"] ?? Subject.entity("ses", in: file.folders))
    } else if let key = row?.subject {
      self.init(key: key, session: row?.session)
    } else if let named = pattern?.subject(in: file.stem) {
      self = named
    } else {
      let (stem, session) = TimePoint.split(Text.core(of: file.stem))
      let folders = file.folders.reversed()
      if Subject.saysNothing(stem),
        let folder = folders.first(where: { !Subject.saysNothing($0) && !TimePoint.isFolder($0) })
      {
        let session = folders.prefix { $0 != folder }.first(where: TimePoint.isFolder) ?? session
        self.init(key: folder, session: session)
      } else {
        self.init(key: stem, session: row?.session ?? session)
      }
    }
  }

  private static func entity(_ key: String, in folders: [String]) -> String? {
    folders.last { $0.hasPrefix("\(key)-") && $0.count > key.count + 1 }.map { String($0.dropFirst(key.count + 1)) }
  }

  /// Whether a name is one that every subject's file could have.
  private static func saysNothing(_ name: String) -> Bool {
    let words = Text.words(of: name)
    let empty: Set<String> = [
      "flair", "3d", "2d", "pp", "brain", "scan", "image", "img", "mri", "mr", "nifti", "nii", "anat", "t2", "raw",
    ]
    return words.allSatisfy { empty.contains($0) || $0.contains("flair") }
  }
}

/// A pattern that finds subject and session in a stem: `*` any text, `{subject}` and `{session}` the keys, the rest
/// itself.
/// `site?_{subject}_v{session}_*` is not a regular expression on purpose: it cannot take long.
public struct SubjectPattern: Sendable, Hashable {
  private enum Part: Sendable, Hashable { case text(String), anything, subject, session }
  private let parts: [Part]

  /// Nil where the pattern has no `{subject}`, or two keys without text between them.
  public init?(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while let first = rest.first {
      if rest.hasPrefix("{subject}") {
        parts.append(.subject)
        rest = rest.dropFirst(9)
      } else if rest.hasPrefix("{session}") {
        parts.append(.session)
        rest = rest.dropFirst(9)
      } else if first == "*" {
        parts.append(.anything)
        rest = rest.dropFirst()
      } else {
        let literal = rest.prefix { $0 != "*" && $0 != "{" }
        guard !literal.isEmpty else { return nil }
        parts.append(.text(String(literal)))
        rest = rest.dropFirst(literal.count)
      }
    }
    let isSeparated = zip(parts, parts.dropFirst()).allSatisfy { first, second in
      if case .text = first { return true }
      if case .text = second { return true }
      return false
    }
    guard parts.count(where: { $0 == .subject }) == 1, parts.count(where: { $0 == .session }) <= 1, isSeparated else {
      return nil
    }
    self.parts = parts
  }

  /// The subject in `stem`; nil where the pattern does not fit. Each key ends at the first text that follows it.
  public func subject(in stem: String) -> Subject? {
    var found: [Part: String] = [:]
    var rest = stem[...]
    var open: Part?
    for part in parts {
      guard case .text(let literal) = part else {
        open = part
        continue
      }
      if let key = open {
        guard let range = rest.firstRange(of: literal) else { return nil }
        found[key] = String(rest[..<range.lowerBound])
        rest = rest[range.upperBound...]
        open = nil
      } else {
        guard rest.hasPrefix(literal) else { return nil }
        rest = rest.dropFirst(literal.count)
      }
    }
    if let key = open {
      found[key] = String(rest)
    } else if !rest.isEmpty {
      return nil
    }
    guard let key = found[.subject], !key.isEmpty else { return nil }
    return Subject(key: key, session: found[.session].flatMap { $0.isEmpty ? nil : $0 })
  }
}

/// Words for the time at which a subject was scanned.
enum TimePoint {
  /// `t1`, `tp02`, `s2`, `v3`, `ses3`: a word for a time point where it stands after a dash.
  static func isWord(_ word: String) -> Bool {
    for start in ["ses", "tp", "t", "s", "v"] where word.hasPrefix(start) {
      let digits = word.dropFirst(start.count)
      return (1...2).contains(digits.count) && digits.allSatisfy(\.isNumber)
    }
    return false
  }

  /// A folder that stands for a time: `ses-2`, `tp1`, `2019-03-01`, `20190301`.
  static func isFolder(_ name: String) -> Bool {
    let words = Text.words(of: name)
    if words.first == "ses" || words.count == 1 && isWord(words[0]) { return true }
    return !words.isEmpty && words.allSatisfy { $0.allSatisfy(\.isNumber) } && words.joined().count == 8
  }

  /// A stem without the time point at its end, and the time point.
  static func split(_ stem: String) -> (stem: String, session: String?) {
    if let range = stem.lowercased().ranges(of: "_ses-").last {
      let start = stem.lowercased().distance(from: stem.lowercased().startIndex, to: range.lowerBound)
      let session = stem.dropFirst(start + 5)
      if start > 0, !session.isEmpty, !session.contains("_") { return (String(stem.prefix(start)), String(session)) }
    }
    guard let bar = stem.lastIndex(where: { $0 == "-" || $0 == "_" }), bar > stem.startIndex else { return (stem, nil) }
    let word = stem[stem.index(after: bar)...].lowercased()
    let before = stem[..<bar]
    let isNumber = (1...2).contains(word.count) && word.allSatisfy(\.isNumber)
    // `patient_07` is the seventh patient; `training01_07` the seventh time of the first.
    let isTime = isWord(word) || isNumber && before.contains(where: \.isNumber)
    return isTime ? (String(before), word) : (stem, nil)
  }
}
