import Contract

/// Watches training for the two ways in which it dies. An empty lesion channel is a stationary point of the soft Dice:
/// training that falls into it seldom comes back. A rate that is too large sends losses up, or to no number at all.
///
/// Before it falls, training swings: it paints far too much, then next to nothing. So patches are counted rather than
/// their sums compared: a single patch that is painted full would hide thirty that are not seen.
struct TrainingWatch: Codable, Sendable {
  private var losses: [Double] = []
  /// Of the latest patches that hold lesion, whether it was not seen. A patch that is shown twice is one: counted as two, a
  /// window of repeated patches would be half as long, and chance would empty it twice as often.
  private var unseen: [Bool] = []
  private var lowest: Double?

  /// Pairs over which losses are looked at, where an epoch has as many. Of patches twice as many.
  private static let longestWindow = 16
  /// Predicted lesion mass, as a share of the true, below which a patch counts as not seen.
  private static let seenShare = 0.1
  /// The share of patches not seen from which the channel counts as empty. Of 32 patches 26 are at times not seen in a
  /// training that finds its way; in those that do not, 29 and more.
  private static let collapsedShare = 0.9
  /// The share of patches not seen from which weights are no state to go back to.
  private static let unsoundShare = 0.5
  /// The latest patches, which alone tell of the weights as they are: over a window a training that has just fallen still
  /// looks well, and to go back to it is to go back to nothing.
  private static let latest = 8

  /// Sees a step of an epoch of `pairs` pairs. Answers what is wrong, if anything is.
  mutating func observe(_ report: StepReport, pairs: Int) -> ReasonCode? {
    guard report.loss.total.isFinite, report.predicted.isFinite else { return .trainDiverged }
    let window = max(1, min(Self.longestWindow, pairs))
    losses.append(report.loss.segmentation.reduce(0, +))
    unseen += report.massRatios.map { $0 < Self.seenShare }
    losses.removeFirst(max(0, losses.count - window))
    unseen.removeFirst(max(0, unseen.count - 2 * window))
    if unseen.count == 2 * window, share(unseen) >= Self.collapsedShare { return .trainCollapsed }
    guard losses.count == window else { return nil }
    let loss = losses.reduce(0, +) / Double(window)
    let best = min(lowest ?? loss, loss)
    lowest = best
    // Twice the best and a good deal more: what noise between windows does not reach.
    return loss > min(report.uselessLoss, 2 * best + 0.3) ? .trainDiverged : nil
  }

  /// Whether the present weights are worth going back to: not those of a training that is about to fall.
  var isSound: Bool {
    share(unseen) < Self.unsoundShare && share(unseen.suffix(Self.latest)) < Self.unsoundShare
  }

  private func share(_ flags: some Collection<Bool>) -> Double {
    Double(flags.count { $0 }) / Double(max(1, flags.count))
  }
}
