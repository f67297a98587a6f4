import Synchronization

/// Ends something that takes too long, unless it has ended before.
final class DeadlineGuard: Sendable {
  private enum Stage {
    case fresh
    case running(Task<Void, Never>)
    case expired
    case stopped
  }

  private let stage = Mutex(Stage.fresh)

  /// Calls `end` after `deadline`, if `stop` is not called before. Call it once.
  func start(_ deadline: Duration, _ end: @escaping @Sendable () -> Void) {
    let task = Task {
      try? await Task.sleep(for: deadline)
      guard !Task.isCancelled else { return }
      stage.withLock { stage in
        guard case .running = stage else { return }
        end()
        stage = .expired
      }
    }
    stage.withLock { $0 = .running(task) }
  }

  /// Whether the deadline had passed; from now on nothing is ended any more.
  func stop() -> Bool {
    stage.withLock { stage in
      switch stage {
      case .expired: return true
      case .running(let task):
        task.cancel()
        stage = .stopped
        return false
      case .fresh, .stopped:
        stage = .stopped
        return false
      }
    }
  }
}
