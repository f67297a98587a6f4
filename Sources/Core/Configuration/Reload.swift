import Contract

extension Settings {
  /// A key with another value than before.
  public struct Difference: Sendable {
    /// The key.
    public let row: any ConfigurationRow
    /// Its value before.
    public let before: ConfigurationLiteral
    /// Its value now.
    public let after: ConfigurationLiteral
    /// `popcorn.train_share: 0.5 -> 0.8`.
    public var description: String { "\(row.path): \(before) -> \(after)" }
  }

  /// What differs in `new`, in the order of the table. `row.change` says when a difference counts.
  public func differences(to new: Settings) -> [Difference] {
    ConfigurationKeys.rows.compactMap { row in
      let (before, after) = (literal(of: row), new.literal(of: row))
      return before == after ? nil : Difference(row: row, before: before, after: after)
    }
  }

  /// These settings with what may change at run time taken from `new`, and the differences that were not taken:
  /// they need a restart or a new study, and the running service goes on without them.
  public func reloaded(with new: Settings) -> (settings: Settings, pending: [Difference]) {
    var settings = self
    var pending: [Difference] = []
    for difference in differences(to: new) {
      if difference.row.change == .reload {
        _ = settings.set(difference.row, to: difference.after, from: new.origin(of: difference.row))
      } else {
        pending.append(difference)
      }
    }
    return (settings, pending)
  }
}
