import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What is not taken, and is said to be so once: links and what is no file, one receipt each, or one a folder where there are
// many; DICOM files, one receipt a folder; what lies beside the trees or too deep in them. The receipts are all that is kept of
// it: a listing finds it, and finds it gone.
extension Intake {
  /// Everything was listed: leaves word about what is new, takes it back where it is true no more.
  func noteStrays(_ report: ScanReport, _ seen: [SeenFile], in inbox: Inbox) {
    let found = findStrays(report, seen, in: inbox)
    for (place, stray) in found where strays[place] != stray {
      let isNew = replace(stray.receipt, about: place, in: inbox)
      if isNew, strays[place] == nil { unsaid.append(stray) }
    }
    // What lies beneath a place that could not be looked at may be there still.
    let unclear = report.faults.count == report.faultCount ? report.faults.map { self.place(of: $0, in: inbox) } : [""]
    let missing = strays.keys.filter { place in found[place] == nil && !unclear.contains { place.starts(with: $0) } }
    for place in missing { forgetStray(at: place, in: inbox) }
    strays.merge(found) { $1 }
    if !areOldRequestsKnown, unclear.isEmpty { takeBackOldRequests(report.requests, seen, in: inbox) }
  }

  /// Nothing of what was told of a place is there any more.
  func forgetStray(at place: FilePath, in inbox: Inbox) {
    guard let stray = strays.removeValue(forKey: place) else { return }
    withdraw(stray.receipt.kind, because: stray.reason, about: place, in: inbox)
  }

  /// Whether what was at a place was told of together with others.
  func isAmongStrays(_ place: FilePath) -> Bool {
    strays.contains { told, stray in
      switch stray {
      case .alone, .misplaced: false
      case .crowd, .series: place.starts(with: told.removingLastComponent())
      }
    }
  }

  /// Leaves word about what the ledger does not know, in place of what was said of it before. Answers whether that is news:
  /// not where the very same lies there.
  func replace(_ receipt: Receipt, about place: FilePath, in inbox: Inbox) -> Bool {
    let name = FileName(of: place).asPath
    guard let folder = folder(around: place, in: inbox) else { return false }
    if content(of: receipt.name(for: name), in: folder) == Array(receipt.text(for: name).utf8) { return false }
    Receipt.withdraw(receipt.kind, for: name, from: folder)
    leave(receipt, beside: place, on: inbox.directory)
    return true
  }

  /// Counts what lies there and is passed over without a word: ignored names but texts, which our receipts are; files that
  /// are no images by their names; other contrasts of a dataset.
  func notePassedOver(_ report: ScanReport, _ seen: [SeenFile]) {
    let ignored = report.ignored.reduce(0) { $1.key == "*.txt" ? $0 : $0 + $1.value }
    passedOver = ignored + seen.count { $0.kind == .other } + skipped.count
  }

  /// Tells the supervisor what has come to light since it heard last.
  func sayWhatIsNotTaken() async {
    let (new, count) = (unsaid, passedOver)
    unsaid = []
    for stray in new { await supervisor.notTaken(stray, in: path) }
    let misplaced = strays.values.reduce(0) { $1.reason == .outOfPlace ? $0 + $1.count : $0 }
    if misplaced != misplacedSaid {
      misplacedSaid = misplaced
      await supervisor.misplaced(misplaced, in: path)
    }
    guard count != passedOverSaid else { return }
    passedOverSaid = count
    await supervisor.passesOver(count, in: path)
  }

  // MARK: what is found

  private func findStrays(_ report: ScanReport, _ seen: [SeenFile], in inbox: Inbox) -> [FilePath: Stray] {
    var found: [FilePath: Stray] = [:]
    var datasets: [FilePath: [ReasonCode: Int]] = [:]
    for (folder, strays) in report.strays {
      if let dataset = dataset(around: folder, in: inbox) {
        datasets[dataset, default: [:]].merge(strays.counts, uniquingKeysWith: +)
      } else if strays.count > Strays.mostNamed {
        found[folder.appending(Stray.crowdName)] = .crowd(strays.counts, isDataset: false)
      } else {
        for (place, reason) in strays.named { found[place] = .alone(reason) }
      }
    }
    for (dataset, counts) in datasets { found[dataset.appending(Stray.crowdName)] = .crowd(counts, isDataset: true) }
    let series = Dictionary(grouping: seen.filter { $0.kind == .dicom }, by: { $0.path.removingLastComponent() })
    for (folder, files) in series { found[folder.appending(Stray.seriesName)] = .series(files.count) }
    let loose = report.misplaced.count { $0.components.count == 1 }
    if loose > Strays.mostNamed { found[FilePath(Stray.misplacedName)] = .misplaced(loose) }
    for place in report.misplaced where place.components.count > 1 || loose <= Strays.mostNamed {
      found[place] = .alone(.outOfPlace)
    }
    return found
  }

  // MARK: what an earlier run said

  /// Takes back what an earlier run said of what was gone, or was a file, before this one began.
  private func takeBackOldRequests(_ requests: [FilePath], _ seen: [SeenFile], in inbox: Inbox) {
    areOldRequestsKnown = true
    let tables = Set(seen.filter(Intake.isTable).map(\.path))
    for request in requests {
      for kind in [Receipt.Kind.held, .rejected] {
        guard let place = place(of: request, kind), strays[place] == nil,
          let said = content(of: request, in: inbox.directory)
        else { continue }
        let name = FileName(of: place).asPath
        for reason in Stray.reasons where said.starts(with: Receipt(kind, reason: reason).text(for: name).utf8) {
          withdraw(kind, because: reason, about: place, in: inbox)
        }
        // Its file was taken, and a kill came before the word was taken back; or its owner took it away.
        if kind == .held, case .absent = scan.look(at: place, in: inbox) {
          withdraw(kind, because: nil, about: place, in: inbox)
        }
        if FileName(of: place).isPairsTable, !tables.contains(place) {
          withdraw(kind, because: nil, about: place, in: inbox)
        }
      }
    }
  }

  /// What a receipt of this kind is about, by its own place; nil where it is none.
  private func place(of receipt: FilePath, _ kind: Receipt.Kind) -> FilePath? {
    let (name, ending) = (FileName(of: receipt), ".\(kind.rawValue).txt")
    guard name.hasSuffix(ending.lowercased()) else { return nil }
    let subject = FileName(name.bytes.dropLast(ending.utf8.count))
    return receipt.removingLastComponent().appending(subject.asPath.components)
  }

  private func withdraw(_ kind: Receipt.Kind, because reason: ReasonCode?, about place: FilePath, in inbox: Inbox) {
    guard let folder = folder(around: place, in: inbox) else { return }
    Receipt.withdraw(kind, because: reason, for: FileName(of: place).asPath, from: folder)
  }

  /// The folder in which a place is; nil where it cannot be opened.
  private func folder(around place: FilePath, in inbox: Inbox) -> Directory? {
    let parent = place.removingLastComponent()
    return parent.isEmpty ? inbox.directory : try? inbox.directory.directory(parent)
  }

  private func content(of text: FilePath, in folder: Directory) -> [UInt8]? {
    guard let file = try? folder.open(text) else { return nil }
    defer { try? file.close() }
    return try? BoundedReader.read(file, limit: 1 << 16, path: text)
  }
}
