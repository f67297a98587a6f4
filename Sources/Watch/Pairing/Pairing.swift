import Files
import SystemPackage

/// Which label belongs to which scan, by names alone. A rule that gives two answers decides nothing: the file is held.
public struct Pairing: Sendable, Equatable {
  /// The rule that decided, in order of precedence.
  public enum Rule: String, Sendable, Codable, CaseIterable {
    /// `pairs.tsv`.
    case table
    /// The same BIDS `sub`, `ses`, `run` and `acq`.
    case bids
    /// nnU-Net v2: `imagesTr/ID_0000` and `labelsTr/ID`.
    case nnunet
    /// MONAI Label: `ID` and `labels/final/ID`.
    case monai
    /// The same folder and stem, with an ending such as `_mask`.
    case stem
  }

  /// A scan with its label.
  public struct Pair: Sendable, Hashable {
    /// The scan, relative to the tree as it was given.
    public var scan: FilePath
    /// Its label.
    public var label: FilePath
    /// Who drew it, where name or table say so.
    public var rater: String?
    /// The line of the table, where one decided.
    public var row: PairsTable.Row?
    /// What decided.
    public var rule: Rule
  }

  /// A file with two possible partners, or with one that a table gave to others (`PAIR_AMBIGUOUS`).
  public struct Ambiguity: Sendable, Hashable {
    /// The file.
    public var file: FilePath
    /// Its possible partners, in bytewise order.
    public var candidates: [FilePath]
    /// Whether it is a scan that several labels claim; else it is a label, or it is about brain masks.
    public var isScan = false
  }

  /// A label without a scan in the tree (`WAITING_PAIR`): perhaps a correction of a case that we know.
  public struct LoneLabel: Sendable, Hashable {
    /// The label.
    public var label: FilePath
    /// The case label (`PSN…`) in its name.
    public var caseLabel: String?
  }

  /// Scans with labels, in bytewise order of scan, then label.
  public internal(set) var pairs: [Pair] = []
  /// Files that need a person.
  public internal(set) var ambiguous: [Ambiguity] = []
  /// Labels without a scan.
  public internal(set) var loneLabels: [LoneLabel] = []
  /// Scans without a label.
  public internal(set) var waitingScans: [FilePath] = []
  /// Volumes of another contrast than FLAIR: skipped and counted.
  public internal(set) var otherContrasts: [FilePath] = []
  /// `labels/original` of a MONAI Label tree, written by a model: never taken as an expert's.
  public internal(set) var modelOutputs: [FilePath] = []
  /// Brain masks of scans, labels and scans without a label alike.
  public internal(set) var brainMasks = BrainMasks()

  /// Pairs the files of one labeled tree. `names` are the paths of its files (relative, all kinds), `tables` what its
  /// `pairs.tsv` say. The order of the names does not matter.
  public init(names: some Sequence<FilePath>, tables: [PairsTable] = []) {
    let matching = Matching(names: names.map(TreeFile.init), tables: tables)
    otherContrasts = matching.otherContrasts.sortedBytewise()
    modelOutputs = matching.modelOutputs.sortedBytewise()
    var found: [Pair] = []
    for label in matching.labels {
      switch matching.scans(for: label) {
      case .one(let pair): found.append(pair)
      case .several(let candidates):
        ambiguous.append(Ambiguity(file: label.path, candidates: candidates.sortedBytewise()))
      case .none: loneLabels.append(LoneLabel(label: label.path, caseLabel: CaseLabel.find(in: label.stem)))
      }
    }
    for (scan, pairs) in Dictionary(grouping: found, by: \.scan) {
      let tabled = pairs.filter { $0.rule == .table }
      if areApart(pairs) {
        self.pairs += pairs
      } else if !tabled.isEmpty, tabled.count < pairs.count, areApart(tabled) {
        // What a table says no name disputes.
        self.pairs += tabled
        for pair in pairs where pair.rule != .table {
          ambiguous.append(Ambiguity(file: pair.label, candidates: [scan]))
        }
      } else {
        ambiguous.append(Ambiguity(file: scan, candidates: pairs.map(\.label).sortedBytewise(), isScan: true))
      }
    }
    let spokenFor = Set(found.map(\.scan)).union(ambiguous.flatMap(\.candidates))
    waitingScans = matching.scans.map(\.path).filter { !spokenFor.contains($0) }.sortedBytewise()
    brainMasks = BrainMasks(masks: matching.brainMasks, scans: matching.scans)
    pairs.sort { precedes(($0.scan, $0.label), ($1.scan, $1.label)) }
    ambiguous.sort { $0.file.precedesBytewise($1.file) }
    loneLabels.sort { $0.label.precedesBytewise($1.label) }
  }
}

/// Brain masks beside scans: same folder and stem with `_brainmask`, or in a folder `brainmasks` beside the scan or
/// its folder.
public struct BrainMasks: Sendable, Equatable {
  /// The brain mask of each scan that has exactly one.
  public internal(set) var masks: [FilePath: FilePath] = [:]
  /// Scans with several, and masks that fit several scans: they are left out, and their scans need a person.
  public internal(set) var ambiguous: [Pairing.Ambiguity] = []

  init() {}

  /// The brain masks among the files of a tree without labels.
  public init(names: some Sequence<FilePath>) {
    let files = names.map(TreeFile.init).filter { !$0.isVoxelHalf }
    self.init(
      masks: files.filter(\.isBrain), scans: files.filter { [.volume, .pairHalf].contains($0.kind) && !$0.isBrain })
  }

  init(masks files: [TreeFile], scans: [TreeFile]) {
    var scansAt: [StemPlace: Set<FilePath>] = [:]
    for scan in scans {
      for stem in Set([scan.stem, Text.core(of: scan.stem)]) {
        scansAt[StemPlace(folders: scan.folders, stem: stem), default: []].insert(scan.path)
        // A folder beside the scan, and one beside the scan's folder.
        scansAt[StemPlace(folders: scan.folders + ["brainmasks"], stem: stem), default: []].insert(scan.path)
        if !scan.folders.isEmpty {
          let beside = Array(scan.folders.dropLast()) + ["brainmasks"]
          scansAt[StemPlace(folders: beside, stem: stem), default: []].insert(scan.path)
        }
      }
    }
    var masksOf: [FilePath: [FilePath]] = [:]
    for mask in files {
      var folders = mask.folders
      if folders.last?.lowercased() == "brainmasks" { folders[folders.count - 1] = "brainmasks" }
      let base = Text.droppingSuffix(of: mask.stem, among: ["_brainmask"]) ?? mask.stem
      let fitting = Set([base, Text.core(of: base)]).reduce(into: Set<FilePath>()) {
        $0.formUnion(scansAt[StemPlace(folders: folders, stem: $1)] ?? [])
      }
      if fitting.count > 1 {
        ambiguous.append(Pairing.Ambiguity(file: mask.path, candidates: Array(fitting).sortedBytewise()))
      } else if let scan = fitting.first {
        masksOf[scan, default: []].append(mask.path)
      }
    }
    for (scan, fitting) in masksOf {
      if fitting.count > 1 {
        ambiguous.append(Pairing.Ambiguity(file: scan, candidates: fitting.sortedBytewise()))
      } else {
        masks[scan] = fitting.first
      }
    }
    ambiguous.sort { $0.file.precedesBytewise($1.file) }
  }
}

/// The label that a case of ours has outside: `PSN` and ten characters of base 32 (RFC 4648).
public enum CaseLabel {
  /// The case label in a file's stem, in capitals; nil where there is none or where there are two.
  public static func find(in stem: String) -> String? {
    let words = Set(Text.words(of: stem).map { $0.uppercased() }.filter(isCaseLabel))
    return words.count == 1 ? words.first : nil
  }

  private static func isCaseLabel(_ word: String) -> Bool {
    word.hasPrefix("PSN") && word.utf8.count == 13
      && word.utf8.dropFirst(3).allSatisfy { (65...90).contains($0) || (50...55).contains($0) }
  }
}

extension FilePath {
  func precedesBytewise(_ other: FilePath) -> Bool { rawBytes.lexicographicallyPrecedes(other.rawBytes) }
}

extension Sequence<FilePath> {
  func sortedBytewise() -> [FilePath] { sorted { $0.precedesBytewise($1) } }
}

/// Whether labels of one scan can stand beside each other: there is one, or each is another rater's.
private func areApart(_ pairs: [Pairing.Pair]) -> Bool {
  pairs.count == 1 || Set(pairs.compactMap(\.rater)).count == pairs.count
}

private func precedes(_ a: (FilePath, FilePath), _ b: (FilePath, FilePath)) -> Bool {
  a.0 == b.0 ? a.1.precedesBytewise(b.1) : a.0.precedesBytewise(b.0)
}
