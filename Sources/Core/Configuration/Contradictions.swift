import Contract
import Glibc

extension Settings {
  /// What is wrong between keys that are each right. See `load` for `resolvesLinks`.
  func contradictions(resolvesLinks: Bool) -> [ConfigurationMistake] {
    let keys = ConfigurationKeys.table
    var mistakes: [ConfigurationMistake] = []
    func complain(_ row: any ConfigurationRow, _ words: String) {
      if case .file(let file, let line) = origin(of: row) {
        mistakes.append(ConfigurationMistake(file: file, line: line, key: row.path, words))
      } else {
        mistakes.append(ConfigurationMistake(file: nil, line: nil, key: row.path, words))
      }
    }
    if let smallest = popcorn.referenceSize.min(), smallest < popcorn.patchSize {
      let row: any ConfigurationRow =
        origin(of: keys.popcorn.referenceSize) == .standard ? keys.popcorn.patchSize : keys.popcorn.referenceSize
      complain(
        row, "a patch of \(popcorn.patchSize) voxels does not fit into a reference grid of \(popcorn.referenceSize)")
    }
    if accept.minVoxelMm > accept.maxVoxelMm {
      complain(keys.accept.minVoxelMm, "is above max_voxel_mm, \(accept.maxVoxelMm): nothing could be accepted")
    }
    if accept.geometryToleranceMm > accept.geometryWarnMm {
      complain(keys.accept.geometryToleranceMm, "is above geometry_warn_mm, \(accept.geometryWarnMm)")
    }
    if !inbox.subjectPattern.isEmpty, !inbox.subjectPattern.contains("{subject}") {
      complain(keys.inbox.subjectPattern, "has no {subject} in it, so it names nobody")
    }
    for (row, words) in loops(resolvesLinks ? Self.realPath : { $0 }) { complain(row, words) }
    return mistakes
  }

  /// Folders that must not lie in each other, with what would happen: what we write would come back as a dropped file.
  private func loops(_ real: (String) -> String) -> [(any ConfigurationRow, String)] {
    let keys = ConfigurationKeys.table
    var loops: [(any ConfigurationRow, String)] = []
    let inboxes = inbox.path.map { (shown: $0, real: real($0)) }
    for (index, one) in inboxes.enumerated() {
      for other in inboxes[..<index] where Self.overlap(one.real, other.real) {
        loops.append((keys.inbox.path, "LOOP: \(one.shown) and \(other.shown) are one folder or lie in each other"))
      }
      let ours: [(any ConfigurationRow, String)] = [
        (keys.output.path, output.path), (keys.output.done, doneDirectory(of: one.shown)),
        (keys.output.rejected, rejectedDirectory(of: one.shown)),
        (keys.output.duplicates, duplicatesDirectory(of: one.shown)), (keys.output.status, statusDirectory),
        (keys.state.path, state.path),
      ]
      for (row, folder) in ours where Self.overlap(one.real, real(folder)) {
        let told = origin(of: row) == .standard ? keys.inbox.path : row
        loops.append(
          (told, "LOOP: the inbox \(one.shown) and \(folder) are one folder or lie in each other, also through links"))
      }
    }
    return loops
  }

  /// Whether one path is the other or contains it.
  public static func overlap(_ a: String, _ b: String) -> Bool {
    let (a, b) = (a.split(separator: "/"), b.split(separator: "/"))
    return a.starts(with: b) || b.starts(with: a)
  }

  /// The path with the links resolved in as much of it as is there.
  public static func realPath(_ path: String) -> String {
    var (present, absent) = (path, "")
    while !present.isEmpty {
      if let resolved = realpath(present, nil) {
        defer { free(resolved) }
        return String(cString: resolved) + absent
      }
      let cut = present.lastIndex(of: "/") ?? present.startIndex
      absent = present[cut...] + absent
      present = String(present[..<cut])
    }
    return absent
  }
}
