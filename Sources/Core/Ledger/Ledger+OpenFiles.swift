import Files
import SystemPackage

// Decisions that ask something of somebody: of files that wait or are held. Each stands as long as its file lies there as it was.
extension Ledger {
  /// In SQL, that a decision stands no more: what came of a file that was taken or rejected stays true whatever becomes of it,
  /// but one that waited or was held and is gone waits for nobody.
  static let isOver = "(f.outcome IN ('held', 'waiting') AND f.move = 'lost')"

  /// What waits or is held in an inbox, oldest first.
  public func openDecisions(in inbox: FilePath) throws(LedgerFault) -> [FileRecord] {
    try files(
      "f.inbox = ? AND f.outcome IN ('held', 'waiting') AND f.move <> 'lost' ORDER BY f.id", .blob(inbox.rawBytes))
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
