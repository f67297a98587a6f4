import Contract
import Files
import Ledger
import SystemPackage
import Watch

// The outcomes that a decision can have, each with what is left beside the file.
extension Supervisor {
  /// A mask waits for its scan, or half a pair for the other. What was held because it waited too long stays so.
  func wait(
    _ arrival: Arrival, _ reason: ReasonCode, _ numbers: [Verdict.Number] = []
  ) throws(LedgerFault) -> Ruling {
    let earlier = try ledger.decision(inbox: arrival.inbox, path: arrival.file.path, stamp: arrival.stamp)
    let overdue: ReasonCode = reason == .waitingPair ? .pairTimeout : reason
    if let known = earlier?.decision, known.outcome == .held, known.reason == overdue, known.move != .lost {
      return Ruling(judgement: .settled)
    }
    if earlier == nil {
      let facts: [JournalField: String] = [.reason: reason.rawValue, .inbox: place(of: arrival.inbox)]
      effects.say.append { $0.say(.fileWaiting, "A file waits: \(reason.rawValue)", facts) }
    }
    if reason == .waitingPair {
      let file = PairIndex.Waiting(inbox: arrival.inbox, path: arrival.file.path)
      effects.index.append { $0.add(file) }
    }
    return try close(arrival, .waiting, reason, numbers, nil, nil, nil)
  }

  func holdAmbiguous(
    _ arrival: Arrival, _ candidates: [Case]
  ) throws(LedgerFault) -> Ruling {
    let list = candidates.map(\.label).joined(separator: ", ")
    // Of several masks for one scan a person may choose one; which scan a mask belongs to only its name can say.
    return try hold(arrival, .pairAmbiguous, [Verdict.Number("candidates", list)], isReleasable: candidates.count == 1)
  }

  func hold(
    _ arrival: Arrival, _ reason: ReasonCode, _ numbers: [Verdict.Number], isReleasable: Bool? = nil
  ) throws(LedgerFault) -> Ruling {
    effects.say.append { $0.say(.caseHeld, "A file is held: \(reason.rawValue)", [.reason: reason.rawValue]) }
    let isReleasable =
      isReleasable ?? (arrival.verdict.outcome == .hold ? arrival.verdict.isReleasable == true : reason.isReleasable)
    let receipt = Receipt(
      .held, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy, numbers: numbers,
      notes: arrival.verdict.normalisations + arrival.verdict.warnings,
      lines: [
        isReleasable
          ? "To release it as it is, move it into inbox/release/." : "As it is it cannot be released, only corrected."
      ])
    return try close(arrival, .held, reason, numbers, nil, nil, receipt)
  }

  func refuse(
    _ arrival: Arrival, _ reason: ReasonCode, _ numbers: [Verdict.Number]
  ) throws(LedgerFault) -> Ruling {
    effects.say.append { $0.say(.caseRejected, "A file is rejected: \(reason.rawValue)", [.reason: reason.rawValue]) }
    let receipt = Receipt(
      .rejected, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy,
      numbers: numbers)
    return try close(arrival, .rejected, reason, numbers, nil, .rejected, receipt)
  }

  /// Records the decision, in place of an earlier one about this very file where it waited.
  func close(
    _ arrival: Arrival, _ outcome: FileOutcome, _ reason: ReasonCode?, _ numbers: [Verdict.Number], _ label: String?,
    _ shelf: Shelf?, _ receipt: Receipt?
  ) throws(LedgerFault) -> Ruling {
    let month = Timestamp.now.month
    let move = shelf.flatMap { arrival.mayMove ? FileMove.planned($0.plan(month: month)) : nil } ?? .none
    if outcome != .waiting {
      let file = PairIndex.Waiting(inbox: arrival.inbox, path: arrival.file.path)
      effects.index.append { $0.remove(file) }
    }
    let records = try arrival.parts.map { part throws(LedgerFault) in
      try enter(
        FileDecision(
          inbox: arrival.inbox, path: part.file.path, stamp: FileStamp(part.file), role: arrival.name.role,
          digest: part.digest, outcome: outcome, reason: reason, numbers: numbers, caseLabel: label, move: move))
    }
    for record in records { try ledger.supersede(by: record) }
    if outcome != .held, outcome != .waiting { try settleFormer(arrival, outcome, label) }
    var receipt = receipt
    if let voxels = arrival.voxels {
      receipt?.lines.append(
        "It is about both files of the pair: \(PrintableName(FileName(of: voxels.path).asPath)) too.")
    }
    return Ruling(
      records: records, isOfNoCase: label == nil, shelf: move == .none ? nil : shelf, month: month, receipt: receipt,
      judgement: .settled)
  }

  /// What was held where a person took it from waits there no more; what belongs to it finds its case by that place.
  private func settleFormer(_ arrival: Arrival, _ outcome: FileOutcome, _ label: String?) throws(LedgerFault) {
    guard arrival.formerPath != nil else { return }
    for part in arrival.parts {
      guard let record = try ledger.held(beforeRelease: part.file, in: arrival.inbox) else { continue }
      try ledger.revise(record.number, outcome: outcome, caseLabel: label, by: arrival.file.owner)
    }
  }

  /// Answers the number of the record.
  private func enter(_ decision: FileDecision) throws(LedgerFault) -> Int {
    let actor = decision.stamp.owner
    guard let earlier = try ledger.decision(inbox: decision.inbox, path: decision.path, stamp: decision.stamp),
      earlier.decision.outcome == .waiting || earlier.decision.outcome == .held
    else { return try ledger.record(decision, by: actor) }
    let known = earlier.decision
    if decision.outcome != known.outcome || decision.reason != known.reason || decision.caseLabel != known.caseLabel
      || decision.role != known.role || known.move == .lost
    {
      try ledger.revise(
        earlier.number, outcome: decision.outcome, reason: decision.reason, role: decision.role,
        digest: decision.digest, numbers: decision.numbers, caseLabel: decision.caseLabel, move: decision.move,
        by: actor)
    }
    return earlier.number
  }
}
