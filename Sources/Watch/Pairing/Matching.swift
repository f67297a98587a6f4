import Files
import SystemPackage

/// The files of one tree, told apart into scans and labels, and the rules that lead from a label to its scan.
struct Matching {
  enum Answer {
    case none
    case one(Pairing.Pair)
    case several([FilePath])
  }

  private(set) var scans: [TreeFile] = []
  private(set) var labels: [TreeFile] = []
  private(set) var brainMasks: [TreeFile] = []
  private(set) var otherContrasts: [FilePath] = []
  private(set) var modelOutputs: [FilePath] = []
  private var rows: [FilePath: [PairsTable.Row]] = [:]
  private var scansAt: [StemPlace: Set<FilePath>] = [:]
  private var scansExactlyAt: [StemPlace: Set<FilePath>] = [:]
  private var scansOf: [BIDSName.Acquisition: Set<FilePath>] = [:]

  init(names: [TreeFile], tables: [PairsTable]) {
    var images: Set<FilePath> = []
    // A line whose image or label is not there says nothing yet, but that the other one waits for it.
    for row in tables.flatMap(\.rows) {
      rows[row.label, default: []].append(row)
      images.insert(row.image)
    }
    for file in names where !file.isVoxelHalf {
      switch file.kind {
      case .brainMask: brainMasks.append(file)
      case .labelMap: labels.append(file)
      case .volume, .pairHalf:
        if file.isBrain { brainMasks.append(file) } else { sort(file, isTabledImage: images.contains(file.path)) }
      case .sidecar, .archive, .dicom, .unsupported, .other: continue
      }
    }
    for scan in scans { index(scan) }
  }

  private mutating func sort(_ file: TreeFile, isTabledImage: Bool) {
    if rows[file.path] != nil {
      labels.append(file)
    } else if isTabledImage {
      scans.append(file)
    } else if file.folders.suffix(2) == ["labels", "original"] {
      modelOutputs.append(file.path)
    } else if let bids = BIDSName(stem: file.stem), bids.suffix == "mask", bids.entities["desc"] == "brain" {
      brainMasks.append(file)
    } else if isLabel(file) {
      labels.append(file)
    } else if case .other = Contrast(stem: file.stem) {
      otherContrasts.append(file.path)
    } else {
      scans.append(file)
    }
  }

  private func isLabel(_ file: TreeFile) -> Bool {
    if file.folders.last == "labelsTr" || file.folders.suffix(2) == ["labels", "final"] { return true }
    return BIDSName(stem: file.stem)?.isLesionMask == true || LabelStem(stem: file.stem) != nil
  }

  private mutating func index(_ scan: TreeFile) {
    scansExactlyAt[scan.place, default: []].insert(scan.path)
    for place in Set([scan.place, scan.corePlace]) { scansAt[place, default: []].insert(scan.path) }
    if let bids = BIDSName(stem: scan.stem) {
      scansOf[bids.acquisition(in: scan.folders), default: []].insert(scan.path)
    }
  }

  /// The first rule that has an answer decides.
  func scans(for label: TreeFile) -> Answer {
    if let rows = rows[label.path] { return answer(rows, label) }
    let stem = LabelStem(stem: label.stem)
    let rules: [(rule: Pairing.Rule, scans: Set<FilePath>, rater: String?)] = [
      (.bids, byBIDS(label), BIDSName(stem: label.stem)?.rater), (.nnunet, byNNUNet(label), nil),
      (.monai, byMONAI(label), nil),
      (.stem, byStem(label, stem), stem?.rater),
    ]
    for (rule, scans, rater) in rules {
      if scans.count > 1 { return .several(Array(scans)) }
      if let scan = scans.first {
        return .one(Pairing.Pair(scan: scan, label: label.path, rater: rater, row: nil, rule: rule))
      }
    }
    return .none
  }

  private func answer(_ rows: [PairsTable.Row], _ label: TreeFile) -> Answer {
    let there = rows.filter { scansExactlyAt[TreeFile($0.image).place]?.contains($0.image) == true }
    let images = Set(there.map(\.image))
    if images.count > 1 { return .several(Array(images)) }
    guard let row = there.first else { return .none }
    let rater = row.rater ?? LabelStem(stem: label.stem)?.rater
    return .one(Pairing.Pair(scan: row.image, label: label.path, rater: rater, row: row, rule: .table))
  }

  private func byBIDS(_ label: TreeFile) -> Set<FilePath> {
    guard let bids = BIDSName(stem: label.stem), bids.isLesionMask else { return [] }
    return scansOf[bids.acquisition(in: label.folders)] ?? []
  }

  /// With a second channel there it takes `dataset.json` to know which is FLAIR: both are answers.
  private func byNNUNet(_ label: TreeFile) -> Set<FilePath> {
    guard label.folders.last == "labelsTr" else { return [] }
    let images = Array(label.folders.dropLast()) + ["imagesTr"]
    return (0...9).reduce(into: []) { scans, channel in
      scans.formUnion(scansExactlyAt[StemPlace(folders: images, stem: "\(label.stem)_000\(channel)")] ?? [])
    }
  }

  private func byMONAI(_ label: TreeFile) -> Set<FilePath> {
    guard label.folders.suffix(2) == ["labels", "final"] else { return [] }
    return scansExactlyAt[StemPlace(folders: Array(label.folders.dropLast(2)), stem: label.stem)] ?? []
  }

  /// `a_flair_mask` and `a_mask` both fit `a_flair` and `a`.
  private func byStem(_ label: TreeFile, _ stem: LabelStem?) -> Set<FilePath> {
    guard let stem else { return [] }
    return Set([stem.base, Text.core(of: stem.base)]).reduce(into: []) { scans, base in
      scans.formUnion(scansAt[StemPlace(folders: label.folders, stem: base)] ?? [])
    }
  }
}
