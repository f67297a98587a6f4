import CSQLite
import Files
import SystemPackage

/// One connection to one database, with its prepared statements. It has one owner and no lock of its own.
final class Connection {
  enum Access { case owner, reader }

  private let handle: OpaquePointer
  private var prepared: [String: Statement] = [:]
  private var depth = 0

  /// Opens the database at `path`; an owner makes it where it is not there.
  init(_ path: FilePath, _ access: Access) throws(LedgerFault) {
    var opened: OpaquePointer?
    let flags =
      switch access {
      case .owner: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .reader: SQLITE_OPEN_READONLY
      }
    let code = path.withPlatformString { sqlite3_open_v2($0, &opened, flags | SQLITE_OPEN_NOMUTEX, nil) }
    guard code == SQLITE_OK, let opened else {
      let fault = LedgerFault.database("open", code: code, Connection.message(of: opened, code))
      sqlite3_close_v2(opened)
      throw fault
    }
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 5000)
    try execute("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF")
    switch access {
    case .owner: try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    case .reader: try execute("PRAGMA query_only = ON")
    }
  }

  deinit {
    prepared.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs statements that neither take values nor answer rows.
  func execute(_ script: String) throws(LedgerFault) {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw fault(script, code) }
  }

  /// Runs one statement that answers no row.
  func run(_ text: String, _ values: Value...) throws(LedgerFault) {
    let statement = try statement(text, values)
    defer { statement.reset() }
    while try statement.step() {}
  }

  /// All rows of a query, each as `read` takes it.
  func rows<Answer>(
    _ text: String, _ values: Value..., read: (Row) throws(LedgerFault) -> Answer
  ) throws(LedgerFault) -> [Answer] {
    try rows(text, values, read: read)
  }

  /// All rows of a query, each as `read` takes it. `read` asks nothing of the database.
  func rows<Answer>(
    _ text: String, _ values: [Value], read: (Row) throws(LedgerFault) -> Answer
  ) throws(LedgerFault) -> [Answer] {
    let statement = try statement(text, values)
    defer { statement.reset() }
    var answers: [Answer] = []
    while try statement.step() { answers.append(try read(statement.row)) }
    return answers
  }

  /// The first row of a query, if there is one.
  func first<Answer>(
    _ text: String, _ values: Value..., read: (Row) throws(LedgerFault) -> Answer
  ) throws(LedgerFault) -> Answer? {
    let statement = try statement(text, values)
    defer { statement.reset() }
    return try statement.step() ? try read(statement.row) : nil
  }

  /// The row id that the last insertion made.
  var lastInserted: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement changed.
  var changed: Int { Int(sqlite3_changes(handle)) }

  /// All that `body` writes is written, or none of it. Within a transaction it joins that one.
  func transaction<Answer>(_ body: () throws(LedgerFault) -> Answer) throws(LedgerFault) -> Answer {
    let level = "level_\(depth)"
    try execute(depth == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT \(level)")
    depth += 1
    let outcome = Result { () throws(LedgerFault) in try body() }
    depth -= 1
    do {
      let answer = try outcome.get()
      try execute(depth == 0 ? "COMMIT" : "RELEASE \(level)")
      return answer
    } catch {
      // A full disk, among others, has rolled back by itself.
      if sqlite3_get_autocommit(handle) == 0 {
        try? execute(depth == 0 ? "ROLLBACK" : "ROLLBACK TO \(level); RELEASE \(level)")
      }
      throw error
    }
  }

  /// What `body` reads is one moment of the database, whatever its owner writes meanwhile.
  func snapshot<Answer>(_ body: () throws(LedgerFault) -> Answer) throws(LedgerFault) -> Answer {
    guard depth == 0 else { return try body() }
    try execute("BEGIN")
    defer { try? execute("COMMIT") }
    return try body()
  }

  private func statement(_ text: String, _ values: [Value]) throws(LedgerFault) -> Statement {
    let statement: Statement
    if let known = prepared[text] {
      statement = known
    } else {
      statement = try Statement(text, on: handle)
      prepared[text] = statement
    }
    try statement.bind(values)
    return statement
  }

  private func fault(_ act: String, _ code: Int32) -> LedgerFault {
    .database(act, code: code, Connection.message(of: handle, code))
  }

  static func message(of handle: OpaquePointer?, _ code: Int32) -> String {
    if let handle, let text = sqlite3_errmsg(handle) { return String(cString: text) }
    return String(cString: sqlite3_errstr(code))
  }
}
