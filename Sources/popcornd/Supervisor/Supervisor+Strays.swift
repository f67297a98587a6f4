import Contract
import Ledger
import SystemPackage

// What lies in an inbox and is not taken.
extension Supervisor {
  /// Links, pipes, DICOM files or what lies out of place were found, and a receipt was left for them.
  func notTaken(_ stray: Stray, in inbox: FilePath) {
    let facts: [JournalField: String] = [.reason: stray.reason.rawValue, .inbox: place(of: inbox)]
    let words = "\(stray.count == 1 ? "A file is" : "\(stray.count) files are") not taken: \(stray.reason.rawValue)"
    if stray.receipt.kind == .rejected {
      journal.say(.caseRejected, words, facts)
    } else {
      journal.say(.caseHeld, words, facts)
    }
  }

  /// So many files and folders of an inbox lie, or have something in them, where nothing is taken.
  func misplaced(_ count: Int, in inbox: FilePath) {
    let number = place(of: inbox)
    let words = count == 1 ? "1 file or folder lies" : "\(count) files and folders lie"
    troubles["inbox \(number) misplaced"] =
      count == 0
      ? nil
      : "in inbox \(number) \(words) beside unlabeled/ and labeled/, or too deep to be taken "
        + "(\(ReasonCode.outOfPlace.rawValue)): the receipts beside them say what to do"
    isStatusStale = true
  }

  /// So many files of an inbox are passed over without a word.
  func passesOver(_ count: Int, in inbox: FilePath) {
    passedOver[inbox] = count
    isStatusStale = true
  }
}
