import Files
import SystemPackage

/// What popcorn-watch says, one record at a time. Every record is a hint: the directory is the truth.
public enum WatchRecord: Hashable, Sendable {
  /// All watches are in place: what is scanned from now on misses nothing.
  case ready
  /// Something happened to `path` (relative to root number `root`). `mask` is inotify's, 0 for what
  /// lay already in a directory that has just become watched.
  case event(root: Int, mask: UInt32, path: FilePath)
  /// The kernel dropped events (`INOTIFY_OVERFLOW`); watches were made anew. Rescan everything.
  case overflow
  /// No watch is left for the directory `path` (`WATCH_LIMIT`, fs.inotify.max_user_watches): poll that subtree.
  case watchLimit(root: Int, path: FilePath)
  /// The directory `path`, or something in it, cannot be watched for the reason `errno`: the periodic rescan has to do.
  case unwatched(root: Int, path: FilePath, errno: Errno)
  /// The root was removed, renamed or unmounted. It is watched again when popcorn-watch is started again.
  case rootGone(root: Int)
}

extension WatchRecord {
  /// inotify(7)'s IN_ISDIR: the event's subject is a directory.
  public static let directoryBit: UInt32 = 0x4000_0000

  /// The record in `bytes` (without the NUL that ends it); nil where that is no record:
  /// `R`, `O`, `G root`, `E root mask path`, `L root path`, `X root errno path`,
  /// numbers decimal but the mask, which is hexadecimal, and the path any bytes to the end.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    guard let word = WatchRecord.word(&rest), word.count == 1, let letter = word.first else { return nil }
    switch letter {
    case UInt8(ascii: "R") where rest.isEmpty: self = .ready
    case UInt8(ascii: "O") where rest.isEmpty: self = .overflow
    case UInt8(ascii: "G"):
      guard let root = WatchRecord.number(&rest, radix: 10, as: Int.self), rest.isEmpty else { return nil }
      self = .rootGone(root: root)
    case UInt8(ascii: "E"):
      guard let root = WatchRecord.number(&rest, radix: 10, as: Int.self),
        let mask = WatchRecord.number(&rest, radix: 16, as: UInt32.self), let path = WatchRecord.path(rest)
      else { return nil }
      self = .event(root: root, mask: mask, path: path)
    case UInt8(ascii: "L"):
      guard let root = WatchRecord.number(&rest, radix: 10, as: Int.self), let path = WatchRecord.path(rest)
      else { return nil }
      self = .watchLimit(root: root, path: path)
    case UInt8(ascii: "X"):
      guard let root = WatchRecord.number(&rest, radix: 10, as: Int.self),
        let errno = WatchRecord.number(&rest, radix: 10, as: Int32.self), let path = WatchRecord.path(rest)
      else { return nil }
      self = .unwatched(root: root, path: path, errno: Errno(rawValue: errno))
    default: return nil
    }
  }

  private static func word(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let word = rest.prefix { $0 != UInt8(ascii: " ") }
    rest = rest.dropFirst(word.count).dropFirst()
    return word.isEmpty ? nil : word
  }

  private static func number<Number: FixedWidthInteger>(
    _ rest: inout ArraySlice<UInt8>, radix: Int, as: Number.Type
  ) -> Number? {
    guard let word = word(&rest), word.count <= 16 else { return nil }
    guard let number = Number(String(decoding: word, as: UTF8.self), radix: radix), number >= 0 else { return nil }
    return number
  }

  /// A path beneath the root; nil for one that could lead out of it. The root itself is the empty path.
  private static func path(_ bytes: ArraySlice<UInt8>) -> FilePath? {
    guard bytes.first != UInt8(ascii: "/") else { return nil }
    let path = FilePath(rawBytes: bytes)
    return path.components.contains { $0.kind != .regular } ? nil : path
  }
}

/// Turns the bytes of popcorn-watch's standard output into records, however they are cut in pieces.
public struct WatchRecordDecoder: Sendable {
  /// Longer records are not popcorn-watch's: a path has at most 4,096 bytes.
  public static let longestRecord = 8192

  /// How many records could not be read. Any is a reason to rescan.
  public private(set) var damaged = 0
  private var pending: [UInt8] = []
  private var isOverlong = false

  /// Starts between two records.
  public init() {}

  /// The records that `bytes` complete.
  public mutating func decode(_ bytes: some Collection<UInt8>) -> [WatchRecord] {
    var records: [WatchRecord] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0) {
      take(rest[..<end])
      if !isOverlong, let record = WatchRecord(pending[...]) {
        records.append(record)
      } else {
        damaged += 1
      }
      pending.removeAll(keepingCapacity: true)
      isOverlong = false
      rest = rest[rest.index(after: end)...]
    }
    take(rest)
    return records
  }

  private mutating func take(_ bytes: some Collection<UInt8>) {
    let room = Self.longestRecord - pending.count
    isOverlong = isOverlong || bytes.count > room
    pending.append(contentsOf: bytes.prefix(room))
  }
}
