import Contract
import Files
import Glibc
import SystemPackage

/// A data folder: `labeled/NAME_FLAIR.nii.gz` with `NAME_mask.nii.gz`, `unlabeled/`, `test/`; a brain mask beside its scan
/// (`NAME_brainmask.nii.gz`) or in `brainmasks/`.
struct DataFolder {
  let labeled: [CaseReference]
  let unlabeled: [CaseReference]
  let test: [CaseReference]

  init(_ path: FilePath) throws {
    labeled = try Self.cases(in: path, "labeled", needsMasks: true)
    unlabeled = try Self.cases(in: path, "unlabeled", needsMasks: false)
    test = try Self.cases(in: path, "test", needsMasks: true)
    guard !labeled.isEmpty else {
      throw Fault(.noInput, "\(path)/labeled holds no NAME_FLAIR.nii.gz with its NAME_mask.nii.gz")
    }
  }

  private static let scanEndings = ["_FLAIR.nii.gz", "_FLAIR.nii", "_flair.nii.gz", "_flair.nii"]

  private static func cases(in root: FilePath, _ part: String, needsMasks: Bool) throws -> [CaseReference] {
    let folder = root.appending(part)
    guard isThere(folder) else { return [] }
    let names = try Directory(folder).names().map(\.string)
    let known = Set(names)
    return try names.compactMap { name in
      guard let ending = scanEndings.first(where: name.hasSuffix) else { return nil }
      let stem = String(name.dropLast(ending.count))
      let masks = needsMasks ? names.filter { isMask($0, of: stem) } : []
      guard !needsMasks || !masks.isEmpty else {
        throw Fault(.noInput, "\(folder)/\(name) has no \(stem)_mask.nii.gz beside it")
      }
      let brains = ["_brainmask.nii.gz", "_brainmask.nii"].map { stem + $0 }
      let beside = brains.first(where: known.contains).map { folder.appending($0) }
      let apart = brains.map { root.appending("brainmasks").appending($0) }.first { isThere($0) }
      return CaseReference(
        id: stem, subject: subject(of: stem), scan: folder.appending(name).string, brain: (beside ?? apart)?.string,
        masks: masks.map { MaskReference(kind: .expert, path: folder.appending($0).string) })
    }
  }

  /// `NAME_mask.nii.gz`, and `NAME_mask1.nii.gz`, `NAME_mask2.nii.gz` where several experts drew.
  private static func isMask(_ name: String, of stem: String) -> Bool {
    guard name.hasPrefix(stem + "_mask") else { return false }
    let rest = name.dropFirst(stem.count + 5)
    return [".nii.gz", ".nii"].contains { rest.hasSuffix($0) && rest.dropLast($0.count).allSatisfy(\.isNumber) }
  }

  /// Time points of one person share what stands before `-t1`, `-s2`, or the `sub-` of BIDS.
  static func subject(of name: String) -> String {
    if name.hasPrefix("sub-") { return String(name.prefix { $0 != "_" }) }
    for mark in ["-t", "-s"] {
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      if let last = parts.last, parts.count > 1, last.first == mark.last, last.count > 1,
        last.dropFirst().allSatisfy(\.isNumber)
      {
        return parts.dropLast().joined(separator: "-")
      }
    }
    return name
  }

  private static func isThere(_ path: FilePath) -> Bool { path.withPlatformString { access($0, R_OK) } == 0 }

  /// The labelled cases with some subjects held out: every fifth, at least one, in an order that depends on the names
  /// alone; none where only one subject is there.
  func split() -> (trainingSet: [CaseReference], holdout: [CaseReference]) {
    let subjects = Set(labeled.map(\.subject)).sorted { Digest(of: $0.utf8) < Digest(of: $1.utf8) }
    let held = Set(subjects.count > 1 ? subjects.prefix(max(1, subjects.count / 5)) : [])
    return (labeled.filter { !held.contains($0.subject) }, labeled.filter { held.contains($0.subject) })
  }
}
