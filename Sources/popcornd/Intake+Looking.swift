import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What lies in the inbox: seen, sorted out, handed to the settling.
extension Intake {
  /// Shows the settling everything beneath a place.
  func list(beneath place: FilePath) {
    FaultPoint.list.pass()
    guard let inbox = open() else { return }
    let now = Clock.nanoseconds
    var seen: [SeenFile] = []
    let report = scan.run(inbox, beneath: place) { seen.append($0) }
    for file in seen {
      if file.kind == .sidecar { readTable(file, in: inbox) } else { names.add(file) }
    }
    for file in seen where Intake.isForUs(file) {
      settling.saw(file, at: now) { self.isKnown($0) }
    }
    guard place.isEmpty else { return }
    liesRemote = report.remoteDirectories > 0
    noteClosedFolders(report.faults, in: inbox)
    if report.faults.count == report.faultCount { forgetWhatIsGone(seen, report.faults, in: inbox) }
  }

  /// What lies at a place now.
  func look(at place: FilePath) {
    guard let inbox = current() else { return settling.unclear(place, at: Clock.nanoseconds) }
    switch scan.look(at: place, in: inbox) {
    case .file(let file):
      if Intake.isForUs(file) {
        names.add(file)
        settling.saw(file, at: Clock.nanoseconds) { self.isKnown($0) }
      } else {
        settling.lost(place)
      }
    case .directory:
      settling.lost(place)
      list(beneath: place)
    case .ignored, .skipped, .outside, .absent:
      settling.lost(place)
      names.remove(place)
      noteGone([place], in: inbox)
    case .unknown: settling.unclear(place, at: Clock.nanoseconds)
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

  /// Of what lies no longer in the inbox nothing is kept in memory. What lies beneath a place that could not be looked at
  /// may be there still.
  private func forgetWhatIsGone(_ seen: [SeenFile], _ faults: [FileFault], in inbox: Inbox) {
    let paths = Set(seen.map(\.path))
    let unclear = faults.map { place(of: $0, in: inbox) }
    let isThere = { (path: FilePath) in paths.contains(path) || unclear.contains { path.starts(with: $0) } }
    settling.keep(isThere)
    names.keep(isThere)
    unjudged.keep(isThere)
    quietHalves = quietHalves.filter { isThere($0.key) }
    if faults.isEmpty, !skipped.isEmpty { skipped.formIntersection(seen) }
    noteGone(unreadable.places.filter { !isThere($0) }, in: inbox)
  }
}
