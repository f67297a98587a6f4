import Contract
import Files
import SystemPackage
import Watch

/// A data folder: `labeled/NAME_FLAIR.nii.gz` with `NAME_mask.nii.gz`, `unlabeled/`, `test/`; a brain mask beside its scan
/// (`NAME_brainmask.nii.gz`) or in `brainmasks/`.
struct DataFolder {
  let labeled: [CaseReference]
  let unlabeled: [CaseReference]
  let test: [CaseReference]
  /// Images in it that are no part of it, by their paths below it.
  let ignored: [String]
  /// Scans whose names the pattern for persons does not fit: they are told apart by the rule that goes without one.
  let unfitting: [String]

  /// Reads names, no file. Throws `Fault` where a partner is missing, two files are for one thing, a name is one that no
  /// file of ours can have, or nothing is labelled; `FileFault` where a folder may not be read.
  /// - Parameter subjects: how a name tells the person; else as the service tells it (`Subject`).
  init(_ path: FilePath, subjects: SubjectPattern? = nil) throws {
    _ = try Directory(path)
    var ignored: [String] = []
    labeled = try Self.cases(in: path, "labeled", needsMasks: true, subjects, &ignored)
    unlabeled = try Self.cases(in: path, "unlabeled", needsMasks: false, subjects, &ignored)
    test = try Self.cases(in: path, "test", needsMasks: true, subjects, &ignored)
    self.ignored = ignored
    unfitting = Self.unfitting(labeled + unlabeled + test, subjects)
    guard !labeled.isEmpty else {
      throw Fault(.noInput, "\(path)/labeled holds no NAME_FLAIR.nii.gz with its NAME_mask.nii.gz")
    }
  }

  private static func unfitting(_ cases: [CaseReference], _ pattern: SubjectPattern?) -> [String] {
    guard let pattern else { return [] }
    return cases.map(\.scan).filter { scan in
      let stem = FilePath(scan).stem?.replacing(".nii", with: "")
      return stem.flatMap(pattern.subject) == nil
    }
  }

  private static let scanEndings = ["_FLAIR.nii.gz", "_FLAIR.nii", "_flair.nii.gz", "_flair.nii"]

  private static func cases(
    in root: FilePath, _ part: String, needsMasks: Bool, _ subjects: SubjectPattern?, _ ignored: inout [String]
  ) throws -> [CaseReference] {
    let folder = root.appending(part)
    let names = try names(in: folder)
    let known = Set(names)
    let apart = Set(try self.names(in: root.appending("brainmasks")))
    let masksOf = needsMasks ? Dictionary(grouping: names.filter { stem(ofMask: $0) != nil }) { stem(ofMask: $0) } : [:]
    var taken: Set<String> = []
    var cases: [CaseReference] = []
    var scanOf: [String: String] = [:]
    for name in names {
      guard let ending = scanEndings.first(where: name.hasSuffix) else { continue }
      let stem = String(name.dropLast(ending.count))
      let masks = masksOf[stem] ?? []
      guard !needsMasks || !masks.isEmpty else {
        throw Fault(.noInput, "\(folder)/\(name) has no \(stem)_mask.nii.gz beside it")
      }
      let scan = folder.appending(name).string
      if let other = scanOf.updateValue(scan, forKey: stem) {
        throw Fault(.dataError, "\(other) and \(scan) are both for \(stem)")
      }
      if let twice = masks.first(where: { $0.hasSuffix(".nii") && known.contains($0 + ".gz") }) {
        throw Fault(.dataError, "\(folder)/\(twice) and \(twice).gz are both for \(stem)")
      }
      let brains = ["_brainmask.nii.gz", "_brainmask.nii"].map { stem + $0 }
      let beside = brains.first(where: known.contains).map { folder.appending($0) }
      let brain = beside ?? brains.first(where: apart.contains).map { root.appending("brainmasks").appending($0) }
      cases.append(
        CaseReference(
          id: stem, subject: Subject(of: FilePath(name), pattern: subjects).key, scan: scan, brain: brain?.string,
          masks: masks.map { MaskReference(kind: .expert, path: folder.appending($0).string) }))
      taken.formUnion([name] + brains + masks)
    }
    for name in names where ImageName.isOurs(name) && !taken.contains(name) {
      if needsMasks, let stem = stem(ofMask: name) {
        throw Fault(.noInput, "\(folder)/\(name) has no \(stem)_FLAIR.nii.gz beside it")
      }
      ignored.append("\(part)/\(name)")
    }
    return cases
  }

  /// The names in a folder but hidden ones, which programs leave beside files; none where it is not there. Throws `Fault`
  /// for an image by its name that no program could read.
  private static func names(in folder: FilePath) throws -> [String] {
    let found: [FilePath]
    do throws(FileFault) {
      found = try Directory(folder).names()
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw error }
      return []
    }
    return try found.filter { !$0.string.hasPrefix(".") }.map { name in
      if ImageName.isOurs(name.string) { try ImageName.check(name, in: folder) }
      return name.string
    }
  }

  /// NAME of `NAME_mask.nii.gz`, and of `NAME_mask1.nii.gz`, `NAME_mask2.nii.gz` where several experts drew; nil for what
  /// is none.
  private static func stem(ofMask name: String) -> String? {
    guard let ending = [".nii.gz", ".nii"].first(where: name.hasSuffix) else { return nil }
    var stem = name.dropLast(ending.count)
    while stem.last?.isNumber == true { stem.removeLast() }
    return stem.hasSuffix("_mask") ? String(stem.dropLast(5)) : nil
  }

  /// The labelled cases with some subjects held out: every fifth, at least one, in an order that depends on the names
  /// alone; none where only one subject is there.
  func split() -> (trainingSet: [CaseReference], holdout: [CaseReference]) {
    let subjects = Set(labeled.map(\.subject)).sorted { Digest(of: $0.utf8) < Digest(of: $1.utf8) }
    let held = Set(subjects.count > 1 ? subjects.prefix(max(1, subjects.count / 5)) : [])
    return (labeled.filter { !held.contains($0.subject) }, labeled.filter { held.contains($0.subject) })
  }
}
