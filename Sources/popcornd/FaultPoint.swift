import Glibc

/// Places at which a test can end this process as `kill -9` would: `POPCORND_FAULT=crash@commit` ends it at the first
/// `commit`, `crash@commit:3` at the third; `hang@carry` has the first `carry` never return, as a share that hangs.
/// Release builds have none of it.
enum FaultPoint: String {
  case follow, list, copy, commit, rename, receipt, draft, order, train, publish, retire, carry

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
    private let hangs: Bool
    private let left: Mutex<Int>

    init() {
      let words = (getenv("POPCORND_FAULT").map { String(cString: $0) } ?? "").split(separator: "@")
      let parts = words.last?.split(separator: ":") ?? []
      hangs = words.first == "hang"
      point = words.count == 2 ? parts.first.flatMap { FaultPoint(rawValue: String($0)) } : nil
      left = Mutex(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    func countDown(_ passed: FaultPoint) {
      guard passed == point else { return }
      let now = left.withLock { count in
        count -= 1
        return count
      }
      guard now == 0 else { return }
      while hangs { sleep(3600) }
      kill(getpid(), SIGKILL)
    }
  }
#endif
