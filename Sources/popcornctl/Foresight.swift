import Configuration
import Contract
import Files
import Ledger
import SystemPackage
import Watch

/// What would become of files that are dropped together, as the intake would have it: their names, what popcorn-admit
/// says of each, and what the ledger knows.
struct Foresight {
  /// A file that popcorn-admit has read; of a pair its header.
  struct Reading {
    let path: FilePath
    let role: FileRole
    let verdict: Verdict
  }

  private let settings: Settings
  private let ledger: Ledger?
  /// What the asker says that all of them are.
  private let role: FileRole?
  private let names: Pairing
  private let ignored: IgnoreList

  /// For the files at `paths`. Without a ledger nothing is known already.
  init(_ paths: [FilePath], as role: FileRole?, settings: Settings, ledger: Ledger?) {
    self.settings = settings
    self.ledger = ledger
    self.role = role
    ignored = IgnoreList(globs: settings.inbox.ignore)
    let tables = paths.filter { FileName(of: $0).isPairsTable }.compactMap { path in
      (try? BoundedReader.read(path, limit: PairsTable.longestFile)).map {
        PairsTable($0, in: path.removingLastComponent())
      }
    }
    names = Pairing(names: Set(paths), tables: tables)
  }

  /// Why a file of this name is left alone; nil where it is read.
  func passingOver(_ path: FilePath) -> String? {
    let (name, folder) = (FileName(of: path), FileName(of: path.removingLastComponent()))
    if let pattern = ignored.pattern(forFile: name) { return "its name is ignored (\(pattern))" }
    if names.modelOutputs.contains(path) { return "a model's output is never taken as an expert's mask" }
    switch name.kind(inFolder: folder.bytes) {
    case .sidecar: return name.isPairsTable ? "it is read for what it says of the others" : "it is no image"
    case .other: return "it is no image by its name"
    case .volume, .brainMask, .pairHalf, .labelMap, .archive, .dicom, .unsupported: return nil
    }
  }

  /// What the file is read as.
  func role(of path: FilePath) -> FileRole {
    if let role { return role }
    if names.pairs.contains(where: { $0.label == path }) { return .label }
    if names.pairs.contains(where: { $0.scan == path }) { return .scan }
    return FileRole(named: path)
  }

  /// The verdict on a file, with what follows from its name, from the other files and from what is known.
  func verdict(on reading: Reading, among readings: [Reading]) throws(LedgerFault) -> Verdict {
    guard reading.verdict.outcome == .accept else { return reading.verdict }
    switch reading.role {
    case .scan: return try verdict(onScan: reading)
    case .label, .brain: return try verdict(onMask: reading, among: readings)
    }
  }

  // MARK: scans

  private func verdict(onScan reading: Reading) throws(LedgerFault) -> Verdict {
    let verdict = reading.verdict
    if let known = try recognised(verdict) { return known }
    switch contrast(of: reading.path) {
    case .flair: return verdict
    case .other(let word): return verdict.turned(.hold, .notFLAIR, [Verdict.Number("contrast", word)])
    case .unknown:
      guard settings.accept.assumeFLAIR != .hold else { return verdict.turned(.hold, .notFLAIR) }
      var assumed = verdict
      assumed.warnings.append("CONTRAST_ASSUMED")
      return assumed
    }
  }

  /// The verdict on a scan of which the ledger has the voxels; nil where it has not.
  private func recognised(_ verdict: Verdict) throws(LedgerFault) -> Verdict? {
    if let same = try cases(of: verdict).first(where: { isSame($0, verdict) }) {
      guard same.state != .withdrawn else { return verdict.turned(.reject, .withdrawn) }
      return verdict.turned(.accept, .duplicate, [Verdict.Number("case", same.label)])
    }
    let other = try cases(of: verdict).first
    return other.map { verdict.turned(.hold, .sameVoxelsOtherGeometry, [Verdict.Number("case", $0.label)]) }
  }

  /// The cases with the voxels of a scan, wherever they lie in space.
  private func cases(of verdict: Verdict) throws(LedgerFault) -> [Case] {
    guard let ledger, let voxels = verdict.voxelDigest.flatMap({ Digest(hexadecimal: $0) }) else { return [] }
    return try ledger.cases(withVoxels: voxels)
  }

  private func isSame(_ known: Case, _ verdict: Verdict) -> Bool {
    guard let distance = verdict.geometry.flatMap({ known.geometry.cornerDisplacement(to: $0) }) else { return false }
    return distance <= settings.accept.geometryToleranceMm
  }

  private func contrast(of path: FilePath) -> Watch.Contrast {
    let name = FileName(of: path)
    let sidecar = path.removingLastComponent().appending(FilePath(rawBytes: name.sidecar.bytes).components)
    return Watch.Contrast(name: name, sidecar: try? BoundedReader.read(sidecar, limit: Watch.Contrast.longestSidecar))
  }

  // MARK: masks

  private func verdict(onMask reading: Reading, among readings: [Reading]) throws(LedgerFault) -> Verdict {
    let verdict = reading.verdict
    let rivals = reading.role == .label && role == nil ? rivals(of: reading.path) : []
    guard rivals.isEmpty else {
      return verdict.turned(.hold, .pairAmbiguous, [candidates(rivals.compactMap { $0.lastComponent?.string })])
    }
    let scan = scan(of: reading, among: readings)
    let own = try ownCases(of: reading)
    var known = own.first
    if let scan {
      known = try cases(of: scan.verdict).first { isSame($0, scan.verdict) }
      let others = own.map(\.label).filter { $0 != known?.label }
      if !others.isEmpty, !isTabled(reading.path) {
        return verdict.turned(
          .hold, .pairAmbiguous, [candidates([known?.label ?? scan.path.lastComponent?.string ?? ""] + others)])
      }
    } else if own.count > 1 {
      return verdict.turned(.hold, .pairAmbiguous, [candidates(own.map(\.label))])
    } else if own.isEmpty {
      known = try caseNamedAsItsScan(reading)
    }
    if known?.state == .withdrawn { return verdict.turned(.reject, .withdrawn) }
    guard let expected = known?.geometry ?? scan?.verdict.geometry, let grid = verdict.geometry else {
      return role == nil ? verdict.turned(.wait, .waitingPair) : verdict
    }
    guard let distance = expected.cornerDisplacement(to: grid) else {
      return verdict.turned(.reject, .labelShape, Verdict.Number.shapes(ofLabel: grid, scan: expected))
    }
    if let known, reading.role == .label, try isTaken(verdict, known) {
      return verdict.turned(.accept, .duplicate, [Verdict.Number("case", known.label)])
    }
    if distance > settings.accept.geometryWarnMm {
      return verdict.turned(.hold, .labelGeometry, [.misplacement(distance)])
    }
    if let known, reading.role == .label, try ledger?.isOurs(verdict, of: known.label) == true {
      return verdict.turned(.hold, .unedited)
    }
    return verdict
  }

  /// The files among which it is not clear which belong together.
  private func rivals(of path: FilePath) -> [FilePath] {
    let found = names.ambiguous.first { $0.file == path || $0.candidates.contains(path) }
    return found.map { [$0.file] + $0.candidates }?.filter { $0 != path } ?? []
  }

  private func candidates(_ names: [String]) -> Verdict.Number {
    Verdict.Number("candidates", names.joined(separator: ", "))
  }

  /// Whether a table says which scan the mask belongs to.
  private func isTabled(_ mask: FilePath) -> Bool {
    names.pairs.contains { $0.label == mask && $0.rule == .table }
  }

  /// The cases that header and name say the mask is of.
  private func ownCases(of reading: Reading) throws(LedgerFault) -> [Case] {
    guard let ledger else { return [] }
    let stem = String(decoding: FileName(of: reading.path).stem, as: UTF8.self)
    var cases: [Case] = []
    for label in [reading.verdict.ownCase, CaseLabel.find(in: stem)].compactMap({ $0 }) {
      guard !cases.contains(where: { $0.label == label }) else { continue }
      do { cases.append(try ledger.case(label)) } catch LedgerFault.notFound { continue }
    }
    return cases
  }

  /// The case whose scan was taken under the name that the mask is named after; nil where there is none, or more than one, for
  /// then it is the folder that tells.
  private func caseNamedAsItsScan(_ reading: Reading) throws(LedgerFault) -> Case? {
    guard let ledger, reading.role == .label else { return nil }
    let folder = reading.path.removingLastComponent()
    var cases: [FilePath: Set<String>] = [:]
    for taken in try ledger.decisions(.accepted).map(\.decision) where taken.role == .scan {
      guard let name = taken.path.lastComponent, let label = taken.caseLabel else { continue }
      cases[folder.appending(name), default: []].insert(label)
    }
    let scan = Pairing(names: Set(cases.keys).union([reading.path]), tables: []).pairs.first {
      $0.label == reading.path
    }?.scan
    guard let found = scan.flatMap({ cases[$0] }), found.count == 1, let label = found.first else { return nil }
    return try ledger.case(label)
  }

  /// The scan that the mask is named after, where it is among the files.
  private func scan(of reading: Reading, among readings: [Reading]) -> Reading? {
    let scan =
      reading.role == .label
      ? names.pairs.first(where: { $0.label == reading.path })?.scan
      : names.brainMasks.masks.first(where: { $0.value == reading.path })?.key
    return readings.first { $0.path == scan && $0.role == .scan }
  }

  /// Whether the mask is one that an expert's hand has given to the case already.
  private func isTaken(_ verdict: Verdict, _ known: Case) throws(LedgerFault) -> Bool {
    guard let ledger, let mask = verdict.canonicalDigest.flatMap({ Digest(hexadecimal: $0) }) else { return false }
    return try ledger.labels(of: known.label).contains { $0.digest == mask }
  }
}

extension Verdict {
  /// The same file with another end.
  fileprivate func turned(_ outcome: Outcome, _ reason: ReasonCode, _ numbers: [Number] = []) -> Verdict {
    var verdict = self
    verdict.outcome = outcome
    verdict.reason = reason
    verdict.numbers = numbers
    verdict.isReleasable = outcome == .hold ? reason.isReleasable : nil
    return verdict
  }
}
