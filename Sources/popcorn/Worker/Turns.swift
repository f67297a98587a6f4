/// Shares time between training and those who wait for a draft.
final class Turns {
  /// Training's share at most: with all of the time for training nobody would be answered before its end, and with a little
  /// less not before days.
  static let mostShare = 0.99

  private let share: Double
  private let now: () -> ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  /// Seconds that those who wait may take before training goes on; negative where they took too long.
  private var credit = 0.0
  /// Nobody saves up more than this while nobody waits.
  private static let most = 1.0

  /// - Parameter now: the time, which somebody else may tell.
  init(share: Double, now: @escaping () -> ContinuousClock.Instant = { .now }) {
    self.share = min(Self.mostShare, max(0, share))
    self.now = now
    last = now()
  }

  /// Training has computed since the last call.
  func trained() {
    let seconds = sinceLast()
    credit = min(Self.most, credit + (share > 0 ? seconds * (1 - share) / share : Self.most))
  }

  var mayServe: Bool { credit > 0 || share == 0 }

  /// Somebody was answered since the last call.
  func served() { credit -= sinceLast() }

  private func sinceLast() -> Double {
    let time = now()
    defer { last = time }
    return (time - last).seconds
  }
}
