import Glibc

/// Places at which a test can end this process as `kill -9` would: `POPCORND_FAULT=crash@commit` ends it at the first
/// `commit`, `crash@commit:3` at the third. Release builds have none of it.
enum FaultPoint: String {
  case copy, commit, rename, draft, order, train, publish, retire

  func pass() {
    #if DEBUG
      Self.counts.countDown(self)
    #endif
  }

  #if DEBUG
    private static let counts = FaultCounts()
  #endif
}

#if DEBUG
  import Synchronization

  private final class FaultCounts: Sendable {
    private let point: FaultPoint?
    private let left: Mutex<Int>

    init() {
      var words = (getenv("POPCORND_FAULT").map { String(cString: $0) } ?? "")[...]
      let prefix = "crash@"
      guard words.hasPrefix(prefix) else {
        point = nil
        left = Mutex(0)
        return
      }
      words.removeFirst(prefix.count)
      let parts = words.split(separator: ":")
      point = parts.first.flatMap { FaultPoint(rawValue: String($0)) }
      left = Mutex(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    func countDown(_ passed: FaultPoint) {
      guard passed == point else { return }
      let now = left.withLock { count in
        count -= 1
        return count
      }
      if now == 0 { kill(getpid(), SIGKILL) }
    }
  }
#endif
