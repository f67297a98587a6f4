import Contract
import Ledger
import SystemPackage

// What lies in an inbox and is not taken.
extension Supervisor {
  /// Links, pipes or DICOM files were found, and a receipt was left for them.
  func notTaken(_ stray: Stray, in inbox: FilePath) {
    let facts: [JournalField: String] = [.reason: stray.reason.rawValue, .inbox: place(of: inbox)]
    let words = "\(stray.count == 1 ? "A file is" : "\(stray.count) files are") not taken: \(stray.reason.rawValue)"
    if stray.receipt.kind == .rejected {
      journal.say(.caseRejected, words, facts)
    } else {
      journal.say(.caseHeld, words, facts)
    }
  }

  /// So many files of an inbox are passed over without a word.
  func passesOver(_ count: Int, in inbox: FilePath) {
    passedOver[inbox] = count
    isStatusStale = true
  }
}
