/// Adam's rate over a cycle: halved where training falls, and as it was once that is behind it. A training that went on to its
/// end at half the rate for one fall at its beginning would be no match for one that did not fall.
struct RateControl: Codable, Sendable, Equatable {
  /// The rate of the next step.
  private(set) var present: Double
  /// What it may rise to: a rate at which training fell twice is not tried a third time.
  private(set) var limit: Double
  /// Rates at which training fell.
  private var fallen: [Double] = []
  /// Optimizer steps of epochs in a row that ended well at a rate below the limit.
  private var soundSteps = 0

  /// So many sound optimizer steps, and the rate doubles at the end of their epoch. Not so many epochs: one of forty scans is
  /// ten times as long as one of four.
  static let stepsToRise = 300

  /// Begins with the rate that was asked for.
  init(_ rate: Double) { (present, limit) = (rate, rate) }

  /// Training fell, and goes back.
  mutating func fell() {
    if fallen.contains(present) { limit = present / 2 }
    fallen.append(present)
    present /= 2
    soundSteps = 0
  }

  /// An epoch of so many optimizer steps ended; `isSound` where its weights are worth going back to.
  mutating func epochEnded(steps: Int, isSound: Bool) {
    guard present < limit else { return }
    soundSteps = isSound ? soundSteps + steps : 0
    if soundSteps >= Self.stepsToRise { (present, soundSteps) = (min(limit, present * 2), 0) }
  }
}
