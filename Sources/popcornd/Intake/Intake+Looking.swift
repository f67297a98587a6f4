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
    for file in seen where file.kind != .sidecar { names.add(file) }
    // Tables first: of very many files the last are not followed at once.
    for file in seen.filter(Intake.isTable) + seen.filter(Intake.isForUs) {
      settling.saw(file, at: now) { self.isKnown($0, in: inbox) }
    }
    guard place.isEmpty else {
      if !report.strays.isEmpty || !report.misplaced.isEmpty || seen.contains(where: { $0.kind == .dicom }) {
        listSoon()
      }
      return
    }
    liesRemote = report.remoteDirectories > 0
    if firstTables == nil {
      firstTables = Set(seen.filter(Intake.isTable).map(\.path))
      resumeWaiting(in: inbox)
    }
    noteClosedFolders(report.faults, in: inbox)
    noteStrays(report, seen, in: inbox)
    notePassedOver(report, seen)
    if report.faults.count == report.faultCount { forgetWhatIsGone(seen, report.faults, in: inbox) }
  }

  /// What lies at a place now.
  func look(at place: FilePath) {
    guard let inbox = current() else { return settling.unclear(place, at: Clock.nanoseconds) }
    switch scan.look(at: place, in: inbox) {
    case .file(let file):
      forgetStray(at: place, in: inbox)
      if file.kind == .dicom { listSoon() }
      if Intake.isForUs(file) {
        if file.kind != .sidecar { names.add(file) }
        settling.saw(file, at: Clock.nanoseconds) { self.isKnown($0, in: inbox) }
      } else {
        settling.lost(place)
      }
    case .directory:
      settling.lost(place)
      list(beneath: place)
    case .skipped, .outside:
      lose(place, in: inbox)
      if isOffered(place) { listSoon() }
    case .ignored, .absent:
      lose(place, in: inbox)
      forgetStray(at: place, in: inbox)
      if isOffered(place), isAmongStrays(place) { listSoon() }
    case .unknown: settling.unclear(place, at: Clock.nanoseconds)
    }
  }

  /// Nothing that is ours to take lies at a place any more.
  private func lose(_ place: FilePath, in inbox: Inbox) {
    settling.lost(place)
    names.remove(place)
    again.remove(place)
    noteGone([place], in: inbox)
    forgetTable(at: place, in: inbox)
  }

  /// Whether the name at a place is one of what is dropped to be taken.
  private func isOffered(_ place: FilePath) -> Bool {
    FileName(of: place).kind(inFolder: FileName(of: place.removingLastComponent()).bytes).isOffered
  }

  /// What is taken file by file. Of a DICOM series nothing is.
  private static func isForUs(_ file: SeenFile) -> Bool {
    file.kind.isOffered && file.kind != .dicom || isTable(file)
  }

  /// What waited or was held, and lies there no more, or not as it was.
  private func decisionsOfGone(_ seen: [SeenFile], _ isThere: (FilePath) -> Bool) -> [Int] {
    let open = (try? known.openDecisions(in: path)) ?? []
    guard !open.isEmpty else { return [] }
    let places = Set(open.map(\.decision.path))
    let there = seen.filter { places.contains($0.path) }.map { ($0.path, FileStamp($0)) }
    let stamps = Dictionary(there) { first, _ in first }
    return open.filter { record in
      let decision = record.decision
      return stamps[decision.path].map { !$0.isUnchanged(since: decision.stamp) } ?? !isThere(decision.path)
    }.map(\.number)
  }

  /// Tells the supervisor what waited or was held and is gone.
  func sayWhatIsGone() async {
    guard !gone.isEmpty else { return }
    let records = gone
    gone = []
    await supervisor.areGone(records)
  }

  private func isKnown(_ file: SeenFile, in inbox: Inbox) -> Bool {
    if let mayBeRead = mayBeReadNow(file, in: inbox) { return !mayBeRead }
    if file.kind == .sidecar { return tables[file.path].map { file.isUnchanged(since: $0) } == true }
    if again.contains(file.path) { return false }
    if skipped.contains(file) { return true }
    guard let record = try? known.decision(inbox: path, path: file.path, stamp: FileStamp(file)) else { return false }
    switch record.decision.move {
    case .none, .planned: return true
    case .done, .lost: return false
    }
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
    gone = decisionsOfGone(seen, isThere)
    for place in Array(tables.keys) where !isThere(place) { forgetTable(at: place, in: inbox) }
  }
}
