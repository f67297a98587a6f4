import Synchronization

/// Something that is so or not, seen at once by everybody, whoever is busy with what.
final class Mark: Sendable {
  private let value = Mutex(false)

  var isSet: Bool { value.withLock { $0 } }

  func set() { value.withLock { $0 = true } }

  /// Takes it back; answers whether it was set.
  func clear() -> Bool {
    value.withLock { value in
      defer { value = false }
      return value
    }
  }
}
