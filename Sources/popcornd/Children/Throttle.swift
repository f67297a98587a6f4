/// How long to wait before something that failed is tried again: twice as long each time, up to a limit.
struct Throttle: Sendable {
  let first: Duration
  let longest: Duration
  private(set) var failures = 0

  init(first: Duration = .seconds(1), longest: Duration = .seconds(60)) {
    self.first = first
    self.longest = longest
  }

  /// How long to wait after one more failure.
  mutating func failed() -> Duration {
    let delay = min(longest, first * (1 << min(failures, 20)))
    failures += 1
    return delay
  }

  /// It worked: the next failure begins anew.
  mutating func worked() { failures = 0 }
}
