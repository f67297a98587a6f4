import Contract
import Files
import SystemPackage

/// What is known for good: cases, files, masks, cycles, generations, and the audit chain over all of it. SQLite in
/// WAL mode with `synchronous = FULL`: what a call has returned survives `kill -9` and a power cut.
///
/// One owner: the object is not `Sendable` and belongs to one actor. Another actor of the process that claimed the state
/// opens one for itself; every change takes its turn in SQLite, and none waits for anything but the disk. Readers in other
/// processes (popcornctl) open it beside a running service with `init(reading:)`.
public final class Ledger {
  let database: Connection
  let pseudonyms: Pseudonyms?
  let now: () -> Timestamp

  /// Opens the ledger of a claimed state directory, made or brought to this version where needed. Throws `.newer`
  /// where a newer popcornd wrote it, `.foreignKey` where its cases were named with another install key. `now` gives the
  /// time of records.
  public convenience init(
    _ state: StateDirectory, now: @escaping () -> Timestamp = { Timestamp.now }
  ) throws(LedgerFault) {
    let path = StateDirectory.ledgerPath(in: state.path)
    let database = try Connection(path, .owner)
    try Schema.bring(database, at: path)
    try Schema.index(database)
    self.init(database, try InstallKey.pseudonyms(in: state.directory, of: database), now)
  }

  /// Opens the ledger in the state directory at `path` for reading only, beside its owner or without one. A call that
  /// writes throws.
  public convenience init(reading path: FilePath) throws(LedgerFault) {
    let database = try Connection(StateDirectory.ledgerPath(in: path), .reader)
    let found = try Schema.version(of: database)
    guard found <= Schema.versions.count else { throw .newer(found: found, known: Schema.versions.count) }
    guard found == Schema.versions.count else {
      throw .conflict("the ledger has version \(found): start the service once, it brings it to this version")
    }
    self.init(database, nil, { Timestamp.now })
  }

  init(_ database: Connection, _ pseudonyms: Pseudonyms?, _ now: @escaping () -> Timestamp) {
    self.database = database
    self.pseudonyms = pseudonyms
    self.now = now
  }

  /// All that `body` records is recorded, or none of it. Calls may be nested.
  public func transaction<Answer>(_ body: () throws(LedgerFault) -> Answer) throws(LedgerFault) -> Answer {
    try database.transaction(body)
  }

  /// Writes what the write-ahead log holds into the database and empties the log; for a quiet moment and the stop.
  public func checkpoint() throws(LedgerFault) {
    _ = try database.rows("PRAGMA wal_checkpoint(TRUNCATE)") { _ in }
  }
}
