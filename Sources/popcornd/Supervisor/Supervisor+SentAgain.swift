import Contract
import Files
import Ledger
import SystemPackage
import Watch

// Files that come again as they were: sent once more by a nightly copy, or seen through another mount.
extension Supervisor {
  /// What becomes of a file that is, byte for byte, what was taken last from its place: it stays there, and its owner, who
  /// has had a receipt, gets none once more. nil where it is another, or was moved away and nobody was told yet that it
  /// came again.
  func ruleSentAgain(_ arrival: Arrival) throws(LedgerFault) -> Ruling? {
    guard arrival.file.tree != .release else { return nil }
    var earlier: [FileRecord] = []
    for part in arrival.parts {
      guard let last = try ledger.decisions(inbox: arrival.inbox, path: part.file.path).first,
        part.digest != nil, last.decision.digest == part.digest, last.decision.role == arrival.name.role,
        isSettled(last.decision)
      else { return nil }
      earlier.append(last)
    }
    for (record, part) in zip(earlier, arrival.parts) {
      let stamp = FileStamp(part.file)
      if record.decision.move == .none {
        try ledger.restamp(record.number, as: stamp)
      } else {
        var decision = record.decision
        decision.stamp = stamp
        decision.move = .none
        try ledger.record(decision, by: stamp.owner)
      }
    }
    // A mask that came before it did not know yet that it is the same.
    if arrival.name.role == .scan, let label = earlier.first?.decision.caseLabel { try announce(arrival, as: label) }
    return Ruling(judgement: .settled)
  }

  /// Whether the same again needs no word: it was taken and lies there since, or was put away as known already.
  private func isSettled(_ decision: FileDecision) -> Bool {
    switch (decision.outcome, decision.move) {
    case (.accepted, .none), (.duplicate, .none), (.duplicate, .done): true
    default: false
    }
  }
}
