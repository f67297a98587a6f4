import CSQLite
import Files

/// A value as SQLite keeps it.
enum Value {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  static func integer(_ value: Int?) -> Value { value.map { .integer(Int64($0)) } ?? .null }
  static func real(_ value: Double?) -> Value { value.map { .real($0) } ?? .null }
  static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
  static func digest(_ value: Digest?) -> Value { .text(value?.description) }
}

/// A prepared statement, used again and again.
final class Statement {
  private let handle: OpaquePointer
  private let database: OpaquePointer
  private let text: String

  init(_ text: String, on database: OpaquePointer) throws(LedgerFault) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else {
      throw .database(text, code: code, Connection.message(of: database, code))
    }
    handle = prepared
    self.database = database
    self.text = text
  }

  deinit { sqlite3_finalize(handle) }

  var row: Row { Row(statement: handle) }

  func bind(_ values: [Value]) throws(LedgerFault) {
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw fault(code) }
    }
  }

  private func bind(_ value: Value, at index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite takes a copy at once. The macro is a cast that Swift cannot import.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .integer(let number): return sqlite3_bind_int64(handle, index, number)
    case .real(let number): return sqlite3_bind_double(handle, index, number)
    case .text(let text): return sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), transient)
    case .blob(let bytes):
      return bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
    }
  }

  /// Whether there is a (further) row.
  func step() throws(LedgerFault) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw fault(code)
    }
  }

  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  private func fault(_ code: Int32) -> LedgerFault {
    .database(text, code: code, Connection.message(of: database, code))
  }
}

/// The row a statement stands on: valid until it steps on.
struct Row {
  fileprivate let statement: OpaquePointer

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }

  func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

  func text(_ column: Int32) -> String {
    guard let bytes = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
  }

  func integerIfAny(_ column: Int32) -> Int? { isNull(column) ? nil : integer(column) }
  func realIfAny(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
  func textIfAny(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  func digest(_ column: Int32) throws(LedgerFault) -> Digest {
    guard let digest = Digest(hexadecimal: text(column)) else {
      throw .damaged("a digest in the ledger is not 64 hexadecimal digits")
    }
    return digest
  }

  func digestIfAny(_ column: Int32) throws(LedgerFault) -> Digest? { isNull(column) ? nil : try digest(column) }

  func word<Word: RawRepresentable<String>>(_ column: Int32, _ type: Word.Type = Word.self) throws(LedgerFault) -> Word
  {
    guard let word = Word(rawValue: text(column)) else {
      throw .damaged("\(text(column)) is not a word the ledger knows for \(Word.self)")
    }
    return word
  }

  func json<Content: Decodable>(_ column: Int32, _ type: Content.Type = Content.self) throws(LedgerFault) -> Content {
    try CanonicalJSON.decode(text(column))
  }
}
