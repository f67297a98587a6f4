import Contract
import Ledger

// The end of the audit chain, remembered outside of the ledger: in the journal, and in the file that `audit_head` names.
extension Supervisor {
  /// Says where the chain ends, and has that noted: hourly, at the end of a cycle, at the stop.
  func sayAuditHead() {
    lastAuditHead = Clock.seconds
    do {
      let head = try ledger.auditHead()
      journal.say(
        .auditHead, "The audit chain ends at record \(head.seq), \(head.hash)",
        [.auditSequence: String(head.seq), .auditHash: head.hash])
      load.auditHead = head
      carry()
    } catch {
      report(error, in: "the head of the audit chain")
    }
  }

  /// Whether the file elsewhere has what it should, for whoever looks at the status.
  func noteAuditHeadTrouble() {
    troubles["audit head"] =
      late.auditHead == nil
      ? nil : "the head of the audit chain cannot be written to audit_head; it is tried again, and the journal has it"
  }
}
