import Glibc

/// A moment, in milliseconds since 1970-01-01T00:00Z. For records only; timers use the monotonic clock.
public struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00Z.
  public var milliseconds: Int64

  /// A moment of the years 1 to 9999; the nearest of those where a damaged record says another.
  public init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)
  }

  /// What the machine's clock says.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// UTC as ISO 8601 has it: `2026-11-24T06:17:57.123Z`.
  public var description: String {
    let date = calendarDate
    let fraction = milliseconds - Timestamp.floorDivide(milliseconds, 1000) * 1000
    return "\(date.year.padded(4))-\(date.month.padded(2))-\(date.day.padded(2))T\(date.hour.padded(2)):"
      + "\(date.minute.padded(2)):\(date.second.padded(2)).\(Int(fraction).padded(3))Z"
  }

  /// `YYYY-MM` in UTC: the folder of a month.
  public var month: String {
    let date = calendarDate
    return "\(date.year.padded(4))-\(date.month.padded(2))"
  }

  /// Orders moments.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  private var calendarDate: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    var seconds = time_t(Timestamp.floorDivide(milliseconds, 1000))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return (
      Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min),
      Int(parts.tm_sec)
    )
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : (a - b + 1) / b }
}

extension Int {
  /// Decimal digits, zeros in front up to `width`.
  func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
