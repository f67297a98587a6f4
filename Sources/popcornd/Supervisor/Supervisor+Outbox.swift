import Contract
import Files
import Glibc
import Ledger
import SystemPackage

// What leaves the service: masks, tables, status pages; and whether there is room.
extension Supervisor {
  /// The outbox's name, as receipts give paths.
  var outboxName: FilePath { FilePath(FilePath(settings.output.path).lastComponent?.string ?? "outbox") }

  /// How long the courier may be on its way before that is worth a word, in seconds.
  static let longestWay = 30.0
  /// How long what could not be delivered waits before it is carried again, in seconds.
  private static let pause = 60.0

  /// Has a case's files written into the outbox; where that fails they stay in the store and are written later.
  func publish(_ id: String) {
    load.cases.insert(id)
    carry()
  }

  /// Has the generations' weights and cards written.
  func publishModels() {
    load.hasModels = true
    carry()
  }

  /// Sends the courier, once it is back, with what has come together meanwhile.
  func carry() {
    guard underway == nil, !load.isEmpty else { return }
    underway = Clock.seconds
    let (courier, carried) = (courier, load.takePortion())
    Task { take(await courier.carry(carried), of: carried) }
  }

  /// What the courier says when it is back.
  private func take(_ delivery: Delivery, of carried: Load) {
    underway = nil
    for id in delivery.edited.sorted() {
      journal.say(
        .outboxEdited, "A file of case \(id) was edited in the outbox and is left alone; corrections go to labeled/",
        [.caseLabel: id])
    }
    for id in delivery.removed {
      journal.say(
        .outboxMissing, "A file of case \(id) was removed from the outbox; it is written again with its next mask",
        [.caseLabel: id])
    }
    if delivery.lost > 0 {
      journal.say(.note, "The outbox is another folder than before: \(delivery.lost) files are written again")
    }
    for (act, error) in delivery.faults { report(error, in: act) }
    if !delivery.delivered.isEmpty {
      isTableStale = true
      isStatusStale = true
    }
    // Masks that these replace lay there until now.
    if !late.cases.isDisjoint(with: delivery.delivered) { clearWhenQuiet() }
    late.forget(carried)
    if delivery.isPrepared { late.dataset = nil }
    late.add(delivery.left)
    if !delivery.left.isEmpty {
      lateAgain = Clock.seconds + Self.pause
      isStatusStale = true
    }
    load.cases.formUnion(delivery.found)
    if carried.removesOutdated { outdatedRemoved(delivery.isCleared, stuck: delivery.stuck) }
    noteOutboxTroubles(after: delivery)
    noteAuditHeadTrouble()
    carry()
    beat()
  }

  private func noteOutboxTroubles(after delivery: Delivery) {
    let before = troubles
    troubles["outbox"] =
      late.dataset != nil
      ? "the outbox cannot be used: all results wait for it"
      : late.cases.isEmpty ? nil : "results of \(late.cases.count) cases wait for the outbox"
    troubles["models"] = late.hasModels ? "the models in the outbox are not up to date" : nil
    troubles["table"] = late.hasTable ? "lesions.tsv in the outbox is not up to date" : nil
    if let arePagesWritten = delivery.arePagesWritten {
      troubles["status"] =
        arePagesWritten ? nil : "the status pages cannot be written into \(settings.statusDirectory): they are old"
    }
    for (path, isEdited) in delivery.ownFiles {
      troubles["edited \(path)"] =
        isEdited
        ? "somebody has changed \(path) in the outbox: it is left alone and not up to date; move it away to have it again"
        : nil
    }
    if troubles != before { isStatusStale = true }
  }

  /// Tries again what could not be delivered, and says when the courier does not come back.
  func carryLate(_ now: Double) {
    if !late.isEmpty, now >= lateAgain {
      lateAgain = now + Self.pause
      load.add(late)
      carry()
    }
    if let underway, now - underway >= Self.longestWay, troubles["outbox"] == nil {
      troubles["outbox"] = "the outbox does not answer: results wait for it"
      isStatusStale = true
    }
  }

  /// Returns when the courier is back and has nothing more to carry, or when `patience` is over.
  func untilDelivered(patience: Duration) async {
    let limit = ContinuousClock.now + patience
    while underway != nil, ContinuousClock.now < limit { try? await Task.sleep(for: .milliseconds(20)) }
  }

  // MARK: status

  /// Shows the board how things are, and has STATUS.txt, QUEUE.tsv, LABEL-NEXT.tsv and lesions.tsv written.
  func writeStatus(headline: String? = nil) {
    lastStatus = Clock.seconds
    isStatusStale = false
    do {
      try gather(headline)
      let (queue, masks) = (try ledger.queue(), try ledger.newestMasks())
      board.show(Ledger.entries(of: queue, newest: masks))
      load.pages = Load.Pages(
        folder: FilePath(settings.statusDirectory), report: StatusWords.report(status, at: Timestamp.now),
        queue: QueueTable(queue),
        labelNext: try LabelNextTable(queue, masks: masks) { scan throws(LedgerFault) in
          try ledger.maskPath(of: scan)
        })
    } catch {
      report(error, in: "gathering the status")
    }
    board.show(status)
    Notify.status(status.headline)
    load.hasTable = load.hasTable || isTableStale
    isTableStale = false
    carry()
  }

  private func gather(_ headline: String?) throws(LedgerFault) {
    let counts = try ledger.counts()
    status.cases = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    let generation = try ledger.currentGeneration()
    status.generation = generation?.number
    status.model = generation?.model.description
    status.draftsWaiting = scheduler.draftsWaiting
    status.filesWaiting = try ledger.waitingCount()
    status.filesHeld = try ledger.heldCount()
    let edited = try ledger.editedCount()
    troubles["edited results"] =
      edited > 0
      ? "\(edited) files of cases in the outbox were changed by somebody and are left alone; corrections go to labeled/, and "
        + "what is moved away comes anew with the case's next mask"
      : nil
    status.arrivals = scheduler.arrivals
    status.arrivalsForCycle = settings.popcorn.triggerArrivals
    status.expertSubjects = scheduler.expertSubjects
    status.expertsMissing = scheduler.expertsMissing
    status.paused = scheduler.isPaused
    status.cycle = try ledger.runningCycle().map { ServiceStatus.Cycle(number: $0.number, progress: progress) }
    status.auditRecords = try ledger.auditHead().seq
    status.inboxes = settings.inbox.path.enumerated().map { number, path in
      ServiceStatus.Inbox(
        path: path, mode: settings.inbox.watch.rawValue,
        trouble: troubles["inbox \(number)"] ?? troubles["inbox \(number) silent"],
        pending: pending[FilePath(path)] ?? 0, passedOver: passedOver[FilePath(path)])
    }
    status.trouble = troubles.sorted { $0.key < $1.key }.map(\.value)
    status.headline = headline ?? StatusWords.headline(status)
  }

  // MARK: room

  /// Whether there is room on the state's volume for another scan.
  func hasRoom() -> Bool {
    noteRoom()
    return !scheduler.isRoomMissing
  }

  func noteRoom() {
    lastRoom = Clock.seconds
    var figures = statvfs()
    guard statvfs(state.path.string, &figures) == 0 else { return }
    let free = UInt64(figures.f_bavail) * UInt64(figures.f_frsize)
    let isRoom = free >= UInt64(settings.resources.minFree)
    guard isRoom == scheduler.isRoomMissing else { return }
    if isRoom {
      journal.say(.diskFree, "There is room on the state's volume again")
      troubles["disk"] = nil
    } else {
      journal.say(.diskFull, "Only \(free >> 20) MiB are free on the state's volume: intake, drafts and training pause")
      troubles["disk"] = "\(free >> 20) MiB are free on the state's volume: intake, drafts and training pause"
    }
    tell(.room(isRoom))
  }
}
