import Contract
import Files
import Ledger
import SystemPackage
import Watch

/// What a dropped file's place and name say of it: what it is, what belongs to it, whose it is.
struct DroppedName: Sendable {
  /// What it is to be read as.
  var role: FileRole
  /// The scans that a mask may belong to, as paths in the inbox. None: nothing is known yet.
  var partners: [FilePath] = []
  /// Whether a table says which: then nothing else does.
  var isTabled = false
  /// Whether several masks without raters claim one scan.
  var isDisputed = false
  /// Which expert drew it; empty where nothing says.
  var rater = ""
  /// What names the person.
  var subject: Subject
  /// Its contrast, as far as name and sidecar say.
  var contrast = Contrast.unknown
  /// A case's label in its name: our own output, corrected and saved under its name.
  var ownCase: String?
  /// The output of a model: never taken as an expert's.
  var isModelOutput = false
}

/// The names in one inbox and which of them belong together: those of what lies there, and those of scans that are cases,
/// wherever they were put. What is rejected or gone is no partner and disputes nothing.
struct InboxNames: Sendable {
  private typealias Names = [InboxTree: Set<FilePath>]

  private var lying: Names = [:]
  private var cases: Names = [:]
  /// Files that lie there rejected, as they were then.
  private var rejected: [FilePath: FileStamp] = [:]
  private var tables: [FilePath: PairsTable] = [:]
  private var sorted: Sorted?

  /// What follows from the names as they are.
  private struct Sorted: Sendable {
    var scansOf: [FilePath: [FilePath]] = [:]
    /// The same from the scan's side: masks that may belong to it.
    var masksOf: [FilePath: [FilePath]] = [:]
    var pairOf: [FilePath: Pairing.Pair] = [:]
    var rowOf: [FilePath: PairsTable.Row] = [:]
    var labels: Set<FilePath> = []
    var tabled: Set<FilePath> = []
    var disputed: Set<FilePath> = []
    var modelOutputs: Set<FilePath> = []
  }

  /// A file lies there. One that was rejected as it is counts no more.
  mutating func add(_ file: SeenFile) {
    if rejected[file.path].map({ $0.isUnchanged(since: FileStamp(file)) }) == true { return }
    rejected[file.path] = nil
    add(file.path)
  }

  /// Something lies at a path in the inbox.
  mutating func add(_ path: FilePath) {
    guard let (tree, name) = Self.place(path), lying[tree, default: []].insert(name).inserted else { return }
    if !has(name, tree, among: cases) { sorted = nil }
  }

  /// The scan at a path in the inbox is a case: what comes later may be named after it, also when it was put away.
  mutating func stand(for path: FilePath) {
    guard let (tree, name) = Self.place(path), cases[tree, default: []].insert(name).inserted else { return }
    if !has(name, tree, among: lying) { sorted = nil }
  }

  /// The file at a path in the inbox is gone.
  mutating func remove(_ path: FilePath) {
    guard let (tree, name) = Self.place(path), lying[tree]?.remove(name) != nil, !has(name, tree, among: cases)
    else { return }
    // A mask that nobody disputes leaves the others as they are: they need not be paired anew for each that is put away.
    if let sorted, sorted.scansOf[path] != nil, !sorted.disputed.contains(path) { return }
    sorted = nil
  }

  /// The file at a path in the inbox is rejected as it is, and stays there.
  mutating func reject(_ path: FilePath, _ stamp: FileStamp) {
    rejected[path] = stamp
    remove(path)
  }

  /// Everything was listed: what is not there is gone.
  mutating func keep(_ isThere: (FilePath) -> Bool) {
    rejected = rejected.filter { isThere($0.key) }
    for (tree, names) in lying {
      for name in names {
        let path = FilePath(tree.rawValue).appending(name.components)
        if !isThere(path) { remove(path) }
      }
    }
  }

  private static func place(_ path: FilePath) -> (tree: InboxTree, name: FilePath)? {
    guard let tree = InboxTree(holding: path), tree != .release else { return nil }
    return (tree, path.withoutTree)
  }

  private func has(_ name: FilePath, _ tree: InboxTree, among names: Names) -> Bool {
    names[tree]?.contains(name) == true
  }

  private func all(in tree: InboxTree) -> Set<FilePath> { (lying[tree] ?? []).union(cases[tree] ?? []) }

  /// Takes what the `pairs.tsv` at a path in the inbox says; nil where there is none any more. In a folder there may be two, in
  /// small letters and in capitals: both count.
  mutating func take(_ table: PairsTable?, at path: FilePath) {
    tables[path] = table
    sorted = nil
  }

  /// What the names say of the file at `path` in the inbox. `sidecar` is the JSON beside it.
  mutating func name(
    of path: FilePath, isBrain: Bool, subjectPattern: String, sidecar: [UInt8]? = nil
  ) -> DroppedName {
    let tree = InboxTree(holding: path) ?? .unlabeled
    let inTree = path.withoutTree
    let sorted = sort()
    let stem = String(decoding: FileName(of: path).stem, as: UTF8.self)
    let isLabel =
      switch tree {
      case .labeled: sorted.labels.contains(path)
      case .unlabeled: false
      case .release: !Pairing(names: [inTree]).loneLabels.isEmpty
      }
    var name = DroppedName(
      role: isBrain ? .brain : isLabel ? .label : .scan,
      subject: Subject(of: inTree, row: sorted.rowOf[path], pattern: SubjectPattern(subjectPattern)))
    name.partners = sorted.scansOf[path] ?? []
    name.isTabled = sorted.tabled.contains(path)
    name.isDisputed = sorted.disputed.contains(path)
    name.rater = sorted.pairOf[path]?.rater ?? ""
    name.contrast = Contrast(name: FileName(of: path), sidecar: sidecar)
    name.ownCase = CaseLabel.find(in: stem)
    name.isModelOutput = sorted.modelOutputs.contains(path)
    return name
  }

  /// The masks that may belong to the scan at a path in the inbox, in the order of their paths.
  mutating func masks(of scan: FilePath) -> [FilePath] {
    (sort().masksOf[scan] ?? []).sorted { $0.string < $1.string }
  }

  private mutating func sort() -> Sorted {
    if let sorted { return sorted }
    let (labeled, unlabeled) = (all(in: .labeled), all(in: .unlabeled))
    let pairing = Pairing(names: labeled, tables: tables.sorted { $0.key.string < $1.key.string }.map(\.value))
    var result = Sorted()
    let place = { (path: FilePath) in FilePath(InboxTree.labeled.rawValue).appending(path.components) }
    for pair in pairing.pairs {
      result.scansOf[place(pair.label), default: []].append(place(pair.scan))
      result.pairOf[place(pair.label)] = pair
      result.rowOf[place(pair.scan)] = pair.row
      result.labels.insert(place(pair.label))
    }
    result.tabled = Set(tables.values.flatMap(\.rows).map { place($0.label) })
    for lone in pairing.loneLabels { result.labels.insert(place(lone.label)) }
    for dispute in pairing.ambiguous {
      // Several scans for one mask, or several masks for one scan.
      for label in dispute.isScan ? dispute.candidates : [dispute.file] {
        result.labels.insert(place(label))
        result.disputed.insert(place(label))
        result.scansOf[place(label)] = (dispute.isScan ? [dispute.file] : dispute.candidates).map(place)
      }
    }
    result.modelOutputs = Set(pairing.modelOutputs.map(place))
    addBrains(pairing.brainMasks, InboxTree.labeled, &result)
    if unlabeled.contains(where: {
      FileName(of: $0).kind(inFolder: FileName(of: $0.removingLastComponent()).bytes) == .brainMask
    }) {
      addBrains(BrainMasks(names: unlabeled), .unlabeled, &result)
    }
    for (mask, scans) in result.scansOf { for scan in scans { result.masksOf[scan, default: []].append(mask) } }
    sorted = result
    return result
  }

  private func addBrains(_ brains: BrainMasks, _ tree: InboxTree, _ result: inout Sorted) {
    let place = { (path: FilePath) in FilePath(tree.rawValue).appending(path.components) }
    for (scan, mask) in brains.masks { result.scansOf[place(mask), default: []].append(place(scan)) }
  }
}

extension FilePath {
  /// A path in an inbox without its tree.
  var withoutTree: FilePath {
    var rest = FilePath("")
    for component in components.dropFirst() { rest.append(component) }
    return rest
  }
}
