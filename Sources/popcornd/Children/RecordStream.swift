import Glibc
import SystemPackage

/// Cuts a stream of bytes into records. A record that passes the limit ends the stream: whoever writes it is broken.
struct RecordSplitter {
  /// The record is longer than any we speak.
  struct TooLong: Error {}

  let separator: UInt8
  let limit: Int
  private var rest: [UInt8] = []

  init(separator: UInt8, limit: Int) {
    self.separator = separator
    self.limit = limit
  }

  /// The records that `piece` completes, without their separators.
  mutating func take(_ piece: some Sequence<UInt8>) throws(TooLong) -> [[UInt8]] {
    var records: [[UInt8]] = []
    for byte in piece {
      if byte == separator {
        records.append(rest)
        rest.removeAll(keepingCapacity: rest.count < 1 << 16)
      } else {
        guard rest.count < limit else { throw TooLong() }
        rest.append(byte)
      }
    }
    return records
  }
}

/// Records of a pipe or socket as they come. The read blocks a thread of its own and wakes nobody while nothing comes.
enum RecordStream {
  /// The records until the other side closes. The descriptor is closed when the stream ends.
  static func records(of file: FileDescriptor, separator: UInt8, limit: Int) -> AsyncStream<[UInt8]> {
    interruptible(file, separator: separator, limit: limit).records
  }

  /// The same, with what ends it before the other side closes. The descriptor is closed once the other side says more, or
  /// closes after all.
  static func interruptible(
    _ file: FileDescriptor, separator: UInt8, limit: Int
  ) -> (records: AsyncStream<[UInt8]>, interrupt: @Sendable () -> Void) {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let started = Thread.start {
      var splitter = RecordSplitter(separator: separator, limit: limit)
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      reading: while true {
        let count = Glibc.read(file.rawValue, &piece, piece.count)
        if count < 0, Glibc.errno == EINTR { continue }
        guard count > 0, let records = try? splitter.take(piece[0..<count]) else { break }
        for record in records {
          if case .terminated = continuation.yield(record) { break reading }
        }
      }
      try? file.close()
      continuation.finish()
    }
    if !started {
      try? file.close()
      continuation.finish()
    }
    return (stream, { continuation.finish() })
  }
}
