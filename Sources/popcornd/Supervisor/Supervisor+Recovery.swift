import Contract
import Files
import Glibc
import Ledger
import SystemPackage
import Watch

// The start: what a stop or a crash left is found and finished, before anything new is taken.
extension Supervisor {
  /// Brings ledger, outbox and scheduler together again; answers the renames that each inbox has to finish.
  func recover() throws -> [FilePath: [UnfinishedMove]] {
    try holdToStudy()
    _ = try state.directory.directory(making: FilePath(StateLayout.work), permissions: 0o770)
    _ = try state.directory.directory(making: FilePath(StateLayout.train), permissions: 0o770)
    try ledger.record(.serviceStarted, facts: ["version": status.version], by: own)
    try rebuildIndex()
    let unfinished = try unfinishedMoves()
    try restoreScheduler()
    load.dataset = Dataset(name: journal.instance, version: status.version)
    load.hasModels = true
    upkeepDue = .now
    noteRoom()
    writeStatus()
    let generation = status.generation ?? 0
    let head = try ledger.auditHead()
    journal.say(
      .serviceStarted, "popcornd serves study \(journal.instance) with generation \(generation)",
      [.generation: String(generation), .auditSequence: String(head.seq), .auditHash: head.hash])
    if scheduler.expertsMissing > 0 {
      journal.say(
        .expertsMissing, "Expert masks of \(scheduler.expertsMissing) more subjects are needed for the first training")
    }
    return unfinished
  }

  private func restoreScheduler() throws {
    if let generation = try ledger.currentGeneration() { tell(.generation(generation.number)) }
    for (place, entry) in try ledger.queue().enumerated() where entry.proximity != nil && place == 0 {
      tell(.ordered(try ledger.queue().filter { $0.proximity != nil }.map(\.case.label)))
    }
    let cycles = try ledger.cycles()
    if let last = cycles.last(where: { $0.result != nil }), let result = last.result {
      noteLeftOut(last.number, result)
    }
    try noteTraining()
    try restoreTriggers()
    if try ledger.meta("training_paused") == "yes" { tell(.pause) }
    if try ledger.runningCycle() != nil { tell(.interruptedCycle) }
    if let generation = try ledger.currentGeneration() {
      for known in try ledger.casesWithoutMask(by: generation.number) {
        tell(
          known.state == .accepted
            ? .undrafted(id: known.label) : .outdated(id: known.label, isInPool: known.state.isInPool))
      }
    } else {
      for known in try ledger.cases(in: .accepted) { tell(.undrafted(id: known.label)) }
    }
    // Last: from here on a cycle may begin, and it must find everything as it is.
    tell(.intake(isBusy: true))
    tell(.expertSubjects(try ledger.expertSubjectCount()))
  }

  /// A cycle that could not be begun took the scans and masks that called for it with it: a minute later they count again.
  func retryTriggers() {
    Task { [weak self] in
      try? await Task.sleep(for: .seconds(60))
      await self?.recountTriggers()
    }
  }

  private func recountTriggers() {
    guard !scheduler.isInCycle else { return }
    do { try restoreTriggers() } catch { report(error, in: "what calls for a cycle") }
    beat()
  }

  /// What has come since the last cycle, from the ledger.
  private func restoreTriggers() throws {
    let sinceLabels = try ledger.cycles().last?.began
    var labels = 0
    for known in try ledger.cases(in: .expert) {
      labels += try ledger.labels(of: known.label).count { label in sinceLabels.map { label.arrived > $0 } != false }
    }
    let (arrivals, oldestAge) = try arrivals()
    tell(.restored(arrivals: arrivals, oldestAge: oldestAge, expertLabels: labels))
  }

  /// What has come into the pool since the last cycle, as the ledger has it.
  func recount() throws(LedgerFault) -> Scheduler.Event {
    let (arrivals, oldestAge) = try arrivals()
    return .recounted(arrivals: arrivals, oldestAge: oldestAge)
  }

  /// How many scans of the pool have come since the last cycle that had one, and the oldest's age in seconds. Cycles up to
  /// the one that made the first generation had no pool, whatever called for them.
  private func arrivals() throws(LedgerFault) -> (count: Int, oldestAge: Double?) {
    let first = try ledger.generations().first?.cycle ?? .max
    let since = try ledger.cycles().last { $0.number > first }?.began
    let (count, oldest) = try ledger.poolArrivals(after: since)
    let now = Timestamp.now
    return (count, oldest.map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 })
  }

  private func rebuildIndex() throws {
    let waiting = try ledger.decisions(.waiting) + ledger.decisions(.held)
    for record in waiting where [.waitingPair, .pairTimeout].contains(record.decision.reason) {
      index.add(PairIndex.Waiting(inbox: record.decision.inbox, path: record.decision.path))
    }
  }

  private func unfinishedMoves() throws -> [FilePath: [UnfinishedMove]] {
    var moves: [FilePath: [UnfinishedMove]] = [:]
    for record in try ledger.unfinishedMoves() {
      let decision = record.decision
      guard case .planned(let plan) = decision.move, let (shelf, month) = Shelf.read(plan),
        let tree = InboxTree(holding: decision.path)
      else {
        try ledger.settle(record.number, as: .lost)
        continue
      }
      let file = SeenFile(
        tree: tree, path: decision.path, device: decision.stamp.device, inode: decision.stamp.inode,
        size: decision.stamp.size, modified: decision.stamp.modified, owner: decision.stamp.owner, kind: .volume,
        isRemote: false)
      moves[decision.inbox, default: []].append(
        UnfinishedMove(
          record: record.number, file: file, shelf: shelf, month: month,
          // Of a pair the header has it.
          receipt: FileName(of: decision.path).isVoxelHalf ? nil : try receipt(of: decision)))
    }
    return moves
  }

  /// What people are to read beside files that lay or still lie in an inbox: that something waits for them, or cannot be
  /// used. The ledger knows of it before it is left, so that a crash may have kept it from being left.
  func receiptsOwed(in inbox: FilePath) -> [(Receipt, FileDecision)] {
    do {
      var owed: [(Receipt, FileDecision)] = []
      let decisions = try ledger.decisions(.held) + ledger.decisions(.rejected)
      for decision in decisions.map(\.decision) where decision.inbox == inbox && decision.move == .none {
        // Of a pair the header has it, unless that is what is missing.
        if FileName(of: decision.path).isVoxelHalf, decision.reason != .pairHalf { continue }
        owed.append((try receipt(of: decision), decision))
      }
      for known in try ledger.cases(in: .held) {
        guard let reason = known.reason, let scan = try scan(of: known.label), scan.inbox == inbox else { continue }
        owed.append((receipt(heldCase: known.label, reason), scan))
      }
      return owed
    } catch {
      report(error, in: "receipts that a crash may have kept from being left")
      return []
    }
  }

  /// The receipt that a crash kept from being left.
  private func receipt(of decision: FileDecision) throws(LedgerFault) -> Receipt {
    let kind: Receipt.Kind =
      switch decision.outcome {
      case .accepted, .waiting: .accepted
      case .duplicate: .duplicate
      case .held: .held
      case .rejected: .rejected
      }
    let known = try decision.caseLabel.map { label throws(LedgerFault) in try ledger.case(label) }
    let path = try known.map { known throws(LedgerFault) in try ledger.maskPath(of: known) } ?? nil
    return Receipt(
      kind, reason: decision.reason, explanation: decision.reason?.explanation(with: decision.numbers),
      remedy: decision.reason?.remedy, numbers: decision.numbers, caseLabel: decision.caseLabel,
      maskPath: path.map { outboxName.pushing($0) },
      // Whether it can be is seen when the file is read again.
      lines: kind == .held ? ["To have it taken as it is, where that can be, move it into inbox/release/."] : [])
  }
}
