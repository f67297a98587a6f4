import Contract
import Files
import SystemPackage

/// Which truths go with which mask.
struct MaskPairing {
  /// One rater's mask of a case. `rater` tells raters apart; with one it is "truth".
  struct Truth: Equatable {
    let rater: String
    let path: FilePath
  }

  struct Case: Equatable {
    let name: String
    let truths: [Truth]
    /// The mask to judge, then those of the methods it is compared with.
    let masks: [FilePath]
  }

  /// What was given: files all, or folders all.
  let truths: [FilePath]
  /// The mask to judge, then those of the methods it is compared with.
  let masks: [FilePath]

  /// One case of files, or the files of folders whose stems agree, by name. A truth without a mask is an error: a mean
  /// over what happens to be there would flatter.
  func cases() throws -> [Case] {
    if let twice = truths.indices.first(where: { truths[..<$0].contains(truths[$0]) }) {
      throw Fault(.usage, "--truth \(truths[twice]) is given twice")
    }
    let folders = truths.compactMap { try? Directory($0) }
    guard !folders.isEmpty else { return [try caseOfFiles()] }
    guard folders.count == truths.count else { throw Fault(.usage, "--truth takes files or folders, not both") }
    let expected = try zip(folders, names(of: truths)).map(truthsByStem)
    let given = try masks.map(masksByStem)
    let stems = Set(expected.flatMap(\.keys)).sorted()
    return try stems.map { stem in
      let drawn = try zip(expected, truths).flatMap { found, path in
        guard let drawn = found[stem] else { throw Fault(.noInput, "\(path) holds no mask for \(stem)") }
        return drawn
      }
      let partners = try zip(given, masks).map { found, path in
        guard let partner = found[stem] else { throw Fault(.noInput, "\(path) holds no mask for \(stem)") }
        return partner
      }
      return Case(name: stem, truths: drawn, masks: partners)
    }
  }

  /// Masks to judge, in a folder, that no truth is there for.
  func masksWithoutTruth(beside cases: [Case]) throws -> [FilePath] {
    guard let mask = masks.first, (try? Directory(mask)) != nil else { return [] }
    let judged = Set(cases.map(\.name))
    return try masksByStem(mask).filter { !judged.contains($0.key) }.map(\.value).sorted { $0.string < $1.string }
  }

  private func caseOfFiles() throws -> Case {
    if let folder = masks.first(where: { (try? Directory($0)) != nil }) {
      throw Fault(.usage, "--truth is a file, \(folder) is a folder")
    }
    let drawn = zip(names(of: truths), truths).map { Truth(rater: $0.isEmpty ? "truth" : $0, path: $1) }
    return Case(name: MaskName(truths.first?.lastComponent?.string ?? "").stem, truths: drawn, masks: masks)
  }

  /// Words that tell what was given apart: last components, whole paths where those agree; "" where there is one.
  private func names(of paths: [FilePath]) -> [String] {
    if paths.count == 1 { return [""] }
    let last = paths.map { $0.lastComponent?.string ?? $0.string }
    return Set(last).count == last.count ? last : paths.map(\.string)
  }

  private func truthsByStem(_ folder: Directory, _ rater: String) throws -> [String: [Truth]] {
    var found: [String: [Truth]] = [:]
    for (name, path) in try files(of: folder) {
      let parts = [rater, name.rater ?? ""].filter { !$0.isEmpty }
      let truth = Truth(rater: parts.isEmpty ? "truth" : parts.joined(separator: "/"), path: path)
      if let other = found[name.stem]?.first(where: { $0.rater == truth.rater }) {
        throw Fault(.dataError, "\(other.path) and \(path) are both for \(name.stem)")
      }
      found[name.stem, default: []].append(truth)
    }
    guard !found.isEmpty else { throw Fault(.noInput, "\(folder.path) holds no mask (*.nii, *.nii.gz)") }
    return found
  }

  private func masksByStem(_ path: FilePath) throws -> [String: FilePath] {
    let folder: Directory
    do {
      folder = try Directory(path)
    } catch {
      throw Fault(.noInput, "--truth is a folder, and \(path) is not: \(error)")
    }
    var found: [String: FilePath] = [:]
    for (name, path) in try files(of: folder) {
      if let other = found[name.stem] { throw Fault(.dataError, "\(other) and \(path) are both for \(name.stem)") }
      found[name.stem] = path
    }
    return found
  }

  private func files(of folder: Directory) throws -> [(MaskName, FilePath)] {
    try folder.names().map(\.string)
      .filter { $0.hasSuffix(".nii") || $0.hasSuffix(".nii.gz") }
      .filter { !["_flair.", "_brainmask."].contains(where: $0.lowercased().contains) && !$0.hasPrefix(".") }
      .map { (MaskName($0), folder.path.appending($0)) }
  }
}

/// A mask's file name taken apart: `NAME_mask2.nii.gz` is rater `mask2` on NAME.
struct MaskName {
  let stem: String
  /// `mask1`, `mask2`, ...; nil where the name has no number.
  let rater: String?

  init(_ file: String) {
    var stem = file[...]
    for ending in [".gz", ".nii"] where stem.hasSuffix(ending) { stem = stem.dropLast(ending.count) }
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
    if digits > 0, stem.dropLast(digits).hasSuffix("_mask") {
      rater = String(stem.suffix(digits + "mask".count))
      self.stem = String(stem.dropLast(digits + "_mask".count))
      return
    }
    for ending in ["_mask", "_dseg", "_seg", "_FLAIR"] where stem.hasSuffix(ending) {
      stem = stem.dropLast(ending.count)
    }
    rater = nil
    self.stem = String(stem)
  }
}
