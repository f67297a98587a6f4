import Contract
import Synchronization

/// What the service last said of itself. Whoever asks reads it here and waits for nobody: not for the disk, not for a
/// share, not for the worker.
final class StatusBoard: Sendable {
  private let content = Mutex((status: ServiceStatus(), queue: [QueueEntry]()))

  var status: ServiceStatus { content.withLock { $0.status } }
  var queue: [QueueEntry] { content.withLock { $0.queue } }

  func show(_ status: ServiceStatus) { content.withLock { $0.status = status } }
  func show(_ queue: [QueueEntry]) { content.withLock { $0.queue = queue } }
}
