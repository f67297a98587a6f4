import CSystemd
import Glibc

/// What systemd is told; nothing happens where nobody listens.
enum Notify {
  static func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
  static func stopping(extendMicroseconds: UInt64) {
    send("STOPPING=1\nEXTEND_TIMEOUT_USEC=\(extendMicroseconds)")
  }
  static func status(_ line: String) { send("STATUS=\(line)") }
  static func watchdog() { send("WATCHDOG=1") }
  static func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
  }

  /// Half of what systemd waits for a sign of life; nil where it does not watch.
  static var watchdogInterval: Duration? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
    return .microseconds(Int64(microseconds / 2))
  }

  private static func send(_ message: String) { _ = sd_notify(0, message) }
}
