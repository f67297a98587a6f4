import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What lies in the inbox: seen, sorted out, handed to the settling.
extension Intake {
  /// Shows the settling everything beneath a place.
  func list(beneath place: FilePath) {
    guard let inbox = open() else { return }
    let now = Clock.nanoseconds
    var seen: [SeenFile] = []
    let report = scan.run(inbox, beneath: place) { seen.append($0) }
    for file in seen {
      if file.kind == .sidecar { readTable(file, in: inbox) } else { names.add(file.path) }
    }
    for file in seen where Intake.isForUs(file) {
      settling.saw(file, at: now) { self.isKnown($0) }
    }
    if place.isEmpty { liesRemote = report.remoteDirectories > 0 }
    if place.isEmpty, report.faultCount == 0 { remember(only: seen) }
  }

  /// What lies at a place now.
  func look(at place: FilePath) {
    guard let inbox = current() else { return }
    switch scan.look(at: place, in: inbox) {
    case .file(let file):
      if Intake.isForUs(file) {
        names.add(file.path)
        settling.saw(file, at: Clock.nanoseconds) { self.isKnown($0) }
      } else {
        settling.lost(place)
      }
    case .directory:
      settling.lost(place)
      list(beneath: place)
    case .ignored, .skipped, .outside, .absent: settling.lost(place)
    case .unknown: break
    }
  }

  private static func isForUs(_ file: SeenFile) -> Bool {
    switch file.kind {
    case .sidecar, .other: false
    case .volume, .brainMask, .pairHalf, .labelMap, .archive, .dicom, .unsupported: true
    }
  }

  private func isKnown(_ file: SeenFile) -> Bool {
    if again.contains(file.path) { return false }
    if skipped.contains(file) { return true }
    guard let record = try? known.decision(inbox: path, path: file.path, stamp: FileStamp(file)) else { return false }
    switch record.decision.move {
    case .none, .planned: return true
    case .done, .lost: return false
    }
  }

  private func readTable(_ file: SeenFile, in inbox: Inbox) {
    guard file.tree == .labeled, FileName(of: file.path).isPairsTable,
      let source = try? inbox.directory.open(file.path)
    else { return }
    defer { try? source.close() }
    guard let bytes = try? BoundedReader.read(source, limit: PairsTable.longestFile) else { return }
    names.add(table: bytes, in: file.path.removingLastComponent())
  }

  /// Of what lies no longer in the inbox nothing is kept in memory.
  private func remember(only seen: [SeenFile]) {
    if !unjudged.isEmpty || !quietHalves.isEmpty {
      let paths = Set(seen.map(\.path))
      unjudged.keep { paths.contains($0) }
      quietHalves = quietHalves.filter { paths.contains($0.key) }
    }
    if !skipped.isEmpty { skipped.formIntersection(seen) }
  }
}
