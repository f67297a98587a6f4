import Synchronization

/// Work that may hang: it goes on by itself, and whoever waits for it waits as long as he wants.
final class Undertaking<Answer: Sendable>: Sendable {
  private let answer = Mutex<Answer?>(nil)

  /// Work that waits for others.
  init(_ body: @escaping @Sendable () async -> Answer) {
    Task { self.end(await body()) }
  }

  /// Work that blocks: on a thread of its own.
  init(blocking body: @escaping @Sendable () -> Answer) {
    if !Thread.start({ self.end(body()) }) { end(body()) }
  }

  /// What came of it; nil where that did not come before `limit`.
  func outcome(before limit: ContinuousClock.Instant) async -> Answer? {
    while !Task.isCancelled {
      if let known = answer.withLock({ $0 }) { return known }
      guard ContinuousClock.now < limit else { return nil }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return answer.withLock { $0 }
  }

  private func end(_ outcome: Answer) { answer.withLock { $0 = outcome } }
}
