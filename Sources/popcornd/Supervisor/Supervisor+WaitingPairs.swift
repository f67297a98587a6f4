import Contract
import Files
import Ledger
import SystemPackage
import Watch

// Pairs that do not come: a mask without its scan, a labeled scan without its mask, half a `.hdr`/`.img` pair.
extension Supervisor {
  /// When the next file or scan has waited long enough for its partner.
  func nextPairTimeout(_ now: Double) -> Double? {
    guard let oldest = try? ledger.oldestWaiting() else { return nil }
    let age = Double(Timestamp.now.milliseconds - oldest.milliseconds) / 1000
    return now + max(0, settings.inbox.pairTimeout.inSeconds - age) + 1
  }

  /// What has waited too long is held, or queued without a mask where that is configured.
  func expireWaiting() {
    guard let oldest = try? ledger.oldestWaiting() else { return }
    let limit = Timestamp.now.milliseconds - Int64(settings.inbox.pairTimeout.inSeconds * 1000)
    guard oldest.milliseconds <= limit else { return }
    do {
      for known in try ledger.cases(in: .waiting) where known.arrived.milliseconds <= limit {
        if settings.inbox.unpairedScan == .queue {
          try ledger.change(known.label, to: .accepted, by: own)
          tell(.arrived(id: known.label))
        } else {
          hold(
            known.label, .pairTimeout, "its expert mask did not come", numbers: [waited],
            lines: ["The mask may still come: it is taken then."])
        }
      }
      for record in try ledger.decisions(.waiting) where record.received.milliseconds <= limit { try expire(record) }
    } catch {
      report(error, in: "waiting pairs")
    }
  }

  private var waited: Verdict.Number {
    Verdict.Number("waited", DurationText.write(settings.inbox.pairTimeout))
  }

  private func expire(_ record: FileRecord) throws(LedgerFault) {
    let isHalf = record.decision.reason == .pairHalf
    let reason = isHalf ? ReasonCode.pairHalf : .pairTimeout
    let numbers = (isHalf ? record.decision.numbers : []) + [waited]
    try ledger.revise(record.number, outcome: .held, reason: reason, numbers: numbers, by: own)
    journal.say(
      .caseHeld, "A file is held: \(isHalf ? "the other half of its pair" : "its scan") did not come",
      [.reason: reason.rawValue])
    // Of a pair the header's receipt is enough, unless the header is what is missing.
    guard isHalf || !FileName(of: record.decision.path).isVoxelHalf, let intake = intakes[record.decision.inbox] else {
      return
    }
    let receipt = Receipt(
      .held, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy, numbers: numbers,
      lines: [isHalf ? "Then both are taken." : "The scan may still come: the mask is taken then."])
    send(intake) { await $0.leave(receipt, about: record.decision) }
  }

  /// Lines of a table of pairs do not count.
  func tableRefused(_ reason: ReasonCode?, in inbox: FilePath) {
    let words = "a table of pairs has lines that do not count"
    journal.say(
      .caseHeld, "In inbox \(place(of: inbox)) \(words)",
      [.inbox: place(of: inbox), .reason: reason?.rawValue ?? words])
  }

  /// Leaves word beside a case's scan, wherever it was put.
  func leave(_ receipt: Receipt, besideScanOf id: String) throws(LedgerFault) {
    guard let scan = try scan(of: id), let intake = intakes[scan.inbox] else { return }
    send(intake) { await $0.leave(receipt, about: scan) }
  }

  /// Takes back the word that a case waits for a person.
  func takeBackReceipt(besideScanOf id: String) {
    guard let scan = try? scan(of: id), let intake = intakes[scan.inbox] else { return }
    send(intake) { await $0.takeBack(about: scan) }
  }

  /// The decision about a case's scan.
  func scan(of id: String) throws(LedgerFault) -> FileDecision? {
    try ledger.decisions(ofCase: id).map(\.decision).last { decision in
      decision.role == .scan && decision.outcome == .accepted && !FileName(of: decision.path).isVoxelHalf
    }
  }
}
