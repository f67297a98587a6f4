import Contract
import Files
import Glibc
import Ledger
import SystemPackage

// What leaves the service: masks, tables, status pages; and whether there is room.
extension Supervisor {
  /// The outbox's name, as receipts give paths.
  var outboxName: FilePath { FilePath(FilePath(settings.output.path).lastComponent?.string ?? "outbox") }

  /// Writes a case's files into the outbox; where that fails they stay in the store and are written later.
  func publish(_ id: String) {
    do {
      let outcomes = try publisher.publish(case: id)
      for case .edited in outcomes.values {
        journal.say(
          .outboxEdited, "A file of case \(id) was edited in the outbox and is left alone; corrections go to labeled/",
          [.caseLabel: id])
        break
      }
      unpublished.remove(id)
      isTableStale = true
      isStatusStale = true
      if unpublished.isEmpty { troubles["outbox"] = nil }
    } catch {
      unpublished.insert(id)
      troubles["outbox"] = "results of \(unpublished.count) cases wait for the outbox"
      report(error, in: "publishing case \(id)")
    }
  }

  /// Tries again what could not be written.
  func publishLate() {
    for id in unpublished.sorted() { publish(id) }
  }

  /// Writes what the outbox lacks of all that the ledger has: after a crash, or when it was full.
  func publishMissing() throws {
    for known in try ledger.cases() {
      let expected: Set<String>
      switch known.state {
      case .accepted, .drafted, .pseudo:
        guard let mask = try ledger.masks(of: known.label).last else { continue }
        expected = Set([mask.figures.maskDigest, mask.figures.probabilityDigest].compactMap { $0 })
      case .expert: expected = Set(try ledger.currentLabels(of: known.label).map(\.digest.description))
      case .waiting, .held, .rejected, .withdrawn: continue
      }
      let outputs = try ledger.outputs(of: known.label)
      let there = Set(outputs.filter { $0.digest == $0.intended }.compactMap(\.digest?.description))
      let path = try publisher.maskPath(of: known)
      if !expected.isSubset(of: there) || !outputs.contains(where: { $0.path == path })
        || outputs.contains(where: { $0.digest != $0.intended })
      {
        publish(known.label)
      }
    }
  }

  // MARK: status

  /// Writes STATUS.txt, QUEUE.tsv and lesions.tsv, and shows the board what they say.
  func writeStatus(headline: String? = nil) {
    lastStatus = Clock.seconds
    isStatusStale = false
    do {
      try gather(headline)
      board.show(status)
      let queue = try ledger.queue()
      board.show(
        queue.enumerated().map { place, entry in
          QueueEntry(
            id: entry.case.label, state: entry.case.state, rank: place + 1, proximity: entry.proximity?.sum,
            generation: entry.case.state == .drafted ? status.generation : nil)
        })
      Notify.status(status.headline)
      let folder = StatusFolder(try Directory(FilePath(settings.statusDirectory)))
      try folder.write(report)
      try folder.write(QueueTable(queue))
      if isTableStale {
        try publisher.publishTable()
        isTableStale = false
      }
    } catch {
      board.show(status)
      self.report(error, in: "writing the status")
    }
  }

  private func gather(_ headline: String?) throws(LedgerFault) {
    let counts = try ledger.counts()
    status.cases = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    let generation = try ledger.currentGeneration()
    status.generation = generation?.number
    status.model = generation?.model.description
    status.draftsWaiting = scheduler.draftsWaiting
    status.filesWaiting = try ledger.decisions(.waiting).count
    status.arrivals = scheduler.arrivals
    status.arrivalsForCycle = settings.popcorn.triggerArrivals
    status.expertSubjects = scheduler.expertSubjects
    status.expertsMissing = scheduler.expertsMissing
    status.paused = scheduler.isPaused
    status.cycle = try ledger.runningCycle().map { ServiceStatus.Cycle(number: $0.number, progress: progress) }
    status.auditRecords = try ledger.auditHead().seq
    status.inboxes = settings.inbox.path.enumerated().map { number, path in
      ServiceStatus.Inbox(
        path: path, mode: settings.inbox.watch.rawValue, trouble: troubles["inbox \(number)"],
        pending: pending[FilePath(path)] ?? 0)
    }
    status.trouble = troubles.sorted { $0.key < $1.key }.map(\.value)
    status.headline = headline ?? StatusWords.headline(status)
  }

  private var report: StatusReport { StatusWords.report(status, at: Timestamp.now) }

  // MARK: room

  /// Whether there is room on the state's volume for another scan.
  func hasRoom() -> Bool {
    noteRoom()
    return !scheduler.isRoomMissing
  }

  func noteRoom() {
    var figures = statvfs()
    guard statvfs(state.path.string, &figures) == 0 else { return }
    let free = UInt64(figures.f_bavail) * UInt64(figures.f_frsize)
    let isRoom = free >= UInt64(settings.resources.minFree)
    guard isRoom == scheduler.isRoomMissing else { return }
    if isRoom {
      journal.say(.diskFree, "There is room on the state's volume again")
      troubles["disk"] = nil
    } else {
      journal.say(.diskFull, "Only \(free >> 20) MiB are free on the state's volume: intake and training pause")
      troubles["disk"] = "\(free >> 20) MiB are free on the state's volume: intake and training pause"
    }
    tell(.room(isRoom))
  }
}
