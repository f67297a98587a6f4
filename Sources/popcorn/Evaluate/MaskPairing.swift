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
  /// over what happens to be there would flatter. A case that some rater did not draw is judged by those who did.
  func cases() throws -> [Case] {
    for (paths, option) in [(truths, "--truth"), (masks, "--mask or --compare")] {
      let real = paths.map(MaskPairing.real)
      if let twice = real.indices.first(where: { real[..<$0].contains(real[$0]) }) {
        throw Fault(.usage, "\(option) \(paths[twice]) is given twice")
      }
    }
    let cases = try paired()
    for entry in cases {
      let drawn = Set(entry.truths.map { MaskPairing.real($0.path) })
      if let both = entry.masks.first(where: { drawn.contains(MaskPairing.real($0)) }) {
        throw Fault(.usage, "\(both) is given as truth and as a mask to judge")
      }
    }
    return cases
  }

  /// Under whatever name it was given.
  private static func real(_ path: FilePath) -> FilePath { linkless(absolute(path.string)) }

  private func paired() throws -> [Case] {
    let areFolders = try truths.map(MaskFolder.isFolder)
    guard areFolders.contains(true) else { return [try caseOfFiles()] }
    guard !areFolders.contains(false) else { throw Fault(.usage, "--truth takes files or folders, not both") }
    let expected = try zip(truths, names(of: truths)).map(truthsByStem)
    let given = try masks.map(masksByStem)
    let stems = Set(expected.flatMap(\.keys)).sorted()
    for (found, path) in zip(given, masks) {
      let missing = stems.filter { found[$0] == nil }
      if let words = firstAndMore(missing) {
        let drawn = expected.lazy.compactMap { $0[missing[0]]?.first }.first.map {
          ", of which \($0.path) is taken for the truth"
        }
        throw Fault(.noInput, "\(path) holds no mask for \(words)\(drawn ?? "")")
      }
    }
    return stems.map { stem in
      Case(
        name: stem, truths: expected.flatMap { $0[stem, default: []] }, masks: given.compactMap { $0[stem] })
    }
  }

  /// Masks to judge, in a folder, that no truth is there for.
  func masksWithoutTruth(beside cases: [Case]) throws -> [FilePath] {
    guard let mask = masks.first, try MaskFolder.isFolder(mask) else { return [] }
    let judged = Set(cases.map(\.name))
    return try masksByStem(mask).filter { !judged.contains($0.key) }.map(\.value).sorted { $0.string < $1.string }
  }

  /// Raters who did not draw every case, with the cases that they left out, by name.
  static func undrawn(in cases: [Case]) -> [(rater: String, cases: [String])] {
    let drawn = Dictionary(grouping: cases.flatMap { entry in entry.truths.map { (entry.name, $0.rater) } }, by: \.1)
      .mapValues { Set($0.map(\.0)) }
    return drawn.sorted { $0.key < $1.key }.compactMap { rater, names in
      let left = cases.map(\.name).filter { !names.contains($0) }
      return left.isEmpty ? nil : (rater, left)
    }
  }

  private func caseOfFiles() throws -> Case {
    if let folder = try masks.first(where: MaskFolder.isFolder) {
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

  private func truthsByStem(_ folder: FilePath, _ rater: String) throws -> [String: [Truth]] {
    var found: [String: [Truth]] = [:]
    let masks = try MaskFolder(folder).masks
    let drawn = Set(masks.filter { $0.0.origin == .expert }.map(\.0.stem))
    // Beside an expert's mask the service's own, in its outbox, is no truth.
    for (name, path) in masks where name.origin == .expert || !drawn.contains(name.stem) {
      let parts = [rater, name.rater ?? ""].filter { !$0.isEmpty }
      let truth = Truth(rater: parts.isEmpty ? "truth" : parts.joined(separator: "/"), path: path)
      if let other = found[name.stem]?.first(where: { $0.rater == truth.rater }) {
        throw Fault(.dataError, "\(other.path) and \(path) are both for \(name.stem)")
      }
      found[name.stem, default: []].append(truth)
    }
    guard !found.isEmpty else { throw Fault(.noInput, "\(folder) holds no mask (*.nii, *.nii.gz)") }
    return found
  }

  private func masksByStem(_ path: FilePath) throws -> [String: FilePath] {
    guard try MaskFolder.isFolder(path) else {
      throw Fault(.noInput, "--truth is a folder, and \(path) is not")
    }
    let folder = try MaskFolder(path)
    let made = Set(folder.masks.filter { $0.0.origin == nil }.map(\.0.stem))
    var found: [String: FilePath] = [:]
    // Nor is an expert's beside the service's own what is to be judged.
    for (name, path) in folder.masks where name.origin == nil || !made.contains(name.stem) {
      if let other = found[name.stem] { throw Fault(.dataError, "\(other) and \(path) are both for \(name.stem)") }
      found[name.stem] = path
    }
    // Some programs give a mask the name of the scan that it is of.
    for (name, path) in folder.scans where found[name.stem] == nil { found[name.stem] = path }
    return found
  }
}
