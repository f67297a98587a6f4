import CSystemd
import Contract
import Glibc
import Ledger

/// Where the service says what happens: the journal with its fields, plain lines where there is none. The ledger is
/// the record; this is its mirror.
struct Journal: Sendable {
  /// The study's name.
  let instance: String
  /// The end of the audit chain when something is said; for the kinds whose records have it.
  var auditHead: AuditHead?
  private let isNative: Bool

  /// A journal of the study `instance`: native where systemd has connected us to one.
  init(instance: String) {
    self.instance = instance
    isNative = getenv("JOURNAL_STREAM") != nil && access("/run/systemd/journal/socket", W_OK) == 0
  }

  /// Says `message`, one line, with the fields that the kind of event has. No names of files: who calls sees to that.
  func say(
    _ kind: MessageKind, _ message: String, _ fields: [JournalField: String] = [:], file: String = #fileID,
    line: Int = #line, function: String = #function
  ) {
    let sentence = message.map { $0.isNewline ? " " : String($0) }.joined()
    var all = fields
    if let auditHead {
      if kind.fields.contains(.auditSequence), all[.auditSequence] == nil {
        all[.auditSequence] = String(auditHead.seq)
      }
      if kind.fields.contains(.auditHash), all[.auditHash] == nil { all[.auditHash] = auditHead.hash }
    }
    all[.message] = sentence
    all[.messageID] = kind.messageID
    all[.priority] = String(kind.priority.rawValue)
    all[.identifier] = "popcornd"
    all[.event] = kind.event
    all[.instance] = instance
    // What journalctl -x shows of it has no holes.
    assert(Set(kind.placeholders).isSubset(of: all.keys.map(\.rawValue)), "\(kind) lacks a field of its text")
    guard isNative else {
      if kind.priority != .debug { Journal.print(sentence) }
      return
    }
    all[.codeFile] = file
    all[.codeLine] = String(line)
    all[.codeFunction] = function
    Journal.send(all.map { "\($0.key.rawValue)=\($0.value)" })
  }

  private static func print(_ sentence: String) {
    let line = Array("\(sentence)\n".utf8)
    line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func send(_ entries: [String]) {
    let content = entries.map { Array($0.utf8) }
    let joined = content.flatMap { $0 }
    joined.withUnsafeBytes { bytes in
      var offset = 0
      var vectors: [iovec] = []
      for entry in content {
        let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress?.advanced(by: offset))
        vectors.append(iovec(iov_base: start, iov_len: entry.count))
        offset += entry.count
      }
      _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }
  }
}
