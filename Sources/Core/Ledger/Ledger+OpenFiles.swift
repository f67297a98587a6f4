import Files
import SystemPackage

// Decisions that ask something of somebody: of files that wait or are held. Each stands as long as its file lies there as it was.
extension Ledger {
  /// In SQL, that a decision stands no more: what came of a file that was taken or rejected stays true whatever becomes of it,
  /// but one that waited or was held and is gone waits for nobody.
  static let isOver = "(f.outcome IN ('held', 'waiting') AND f.move = 'lost')"

  /// In SQL, that a decision asks something of somebody; in the words of the index `files_open`, which is used for no others.
  private static let isOpen = "f.outcome IN ('held', 'waiting') AND f.move <> 'lost'"

  /// What waits or is held in an inbox, oldest first.
  public func openDecisions(in inbox: FilePath) throws(LedgerFault) -> [FileRecord] {
    try files("f.inbox = ? AND \(Ledger.isOpen) ORDER BY f.id", .blob(inbox.rawBytes))
  }

  /// How many files wait.
  public func waitingCount() throws(LedgerFault) -> Int { try openCount(.waiting) }

  /// How many files are held, each with its HELD.txt, and lie there still. Cases that are held are counted as cases.
  public func heldCount() throws(LedgerFault) -> Int { try openCount(.held) }

  private func openCount(_ outcome: FileOutcome) throws(LedgerFault) -> Int {
    try database.first(
      "SELECT count(*) FROM files f WHERE f.outcome = ? AND \(Ledger.isOpen)", .text(outcome.rawValue)
    ) { row in row.integer(0) } ?? 0
  }

  static let oldestWaitingQueries = [
    "SELECT min(f.received) FROM files f WHERE f.outcome = 'waiting' AND \(isOpen)",
    "SELECT min(arrived) FROM cases WHERE state = 'waiting'",
  ]

  /// Since when a file or a case waits for its other half that has waited longest; nil where none does. It is asked again and
  /// again: however many wait, none is read.
  public func oldestWaiting() throws(LedgerFault) -> Timestamp? {
    let found = try Ledger.oldestWaitingQueries.map { query throws(LedgerFault) in
      try database.first(query) { row in row.integerIfAny(0) } ?? nil
    }
    return found.compactMap { $0 }.min().map { Timestamp(milliseconds: Int64($0)) }
  }

  /// The file of this record is the one that lies at its path: what waited there or was held before is gone.
  public func supersede(by number: Int) throws(LedgerFault) {
    try database.run(
      """
      UPDATE files SET move = 'lost' WHERE id <> ?1 AND outcome IN ('held', 'waiting') AND move <> 'lost' \
      AND (inbox, path) = (SELECT inbox, path FROM files WHERE id = ?1)
      """, .integer(number))
  }

  /// Files that waited or were held lie there no more, or not as they were. One that came to something meanwhile is left as
  /// it is.
  public func close(_ numbers: [Int]) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      for number in numbers {
        try database.run(
          "UPDATE files SET move = 'lost' WHERE id = ? AND outcome IN ('held', 'waiting')", .integer(number))
      }
    }
  }
}
