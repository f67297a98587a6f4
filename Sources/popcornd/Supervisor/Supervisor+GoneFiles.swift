import Ledger

// Files that waited or were held, and are gone.
extension Supervisor {
  /// Files that these decisions are about lie in their inbox no more, or not as they were: nobody waits for them.
  func areGone(_ records: [Int]) {
    do { try ledger.close(records) } catch { report(error, in: "files that are gone") }
    isStatusStale = true
  }
}
