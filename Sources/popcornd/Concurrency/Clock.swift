import Glibc

/// The clock that timers go by: it never goes back, and goes on while the machine sleeps.
enum Clock {
  /// Nanoseconds since some moment before the start.
  static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Seconds since the same moment.
  static var seconds: Double { Double(nanoseconds) / 1e9 }

  /// Seconds of the local day, 0..<86400: for the part of the day in which training may run.
  static var secondOfDay: Int {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    return Int(parts.tm_hour) * 3600 + Int(parts.tm_min) * 60 + Int(parts.tm_sec)
  }
}

extension Duration {
  /// As seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
  /// As nanoseconds, 0 or more.
  var inNanoseconds: UInt64 {
    UInt64(max(0, components.seconds)) * 1_000_000_000 + UInt64(max(0, components.attoseconds)) / 1_000_000_000
  }
}
