import Contract

/// Watches training for the two ways in which it dies. An empty lesion channel is a stationary point of the soft Dice:
/// training that falls into it seldom comes back. A rate that is too large sends losses up, or to no number at all.
///
/// Before it falls, training swings: it paints far too much, then next to nothing. So patches are counted rather than
/// their sums compared: a single patch that is painted full would hide thirty that are not seen.
struct TrainingWatch: Codable, Sendable {
  private var losses: [Double] = []
  /// The share of each pair's patches whose lesions were not seen, of pairs that hold any.
  private var unseen: [Double] = []
  private var lowest: Double?

  /// Pairs over which is looked, where an epoch has as many.
  private static let longestWindow = 16
  /// Predicted lesion mass, as a share of the true, below which a patch counts as not seen.
  private static let seenShare = 0.1
  /// The share of patches not seen from which the channel counts as empty. Of 32 patches 26 are at times not seen in a
  /// training that finds its way; in those that do not, 29 and more.
  private static let collapsedShare = 0.9
  /// The share of patches not seen from which weights are no state to go back to.
  private static let unsoundShare = 0.5
  /// The latest pairs, which alone tell of the weights as they are: over a window a training that has just fallen still
  /// looks well, and to go back to it is to go back to nothing.
  private static let latest = 4

  /// Sees a step of an epoch of `pairs` pairs. Answers what is wrong, if anything is.
  mutating func observe(_ report: StepReport, pairs: Int) -> ReasonCode? {
    guard report.loss.total.isFinite, report.predicted.allSatisfy(\.isFinite) else { return .trainDiverged }
    let window = max(1, min(Self.longestWindow, pairs))
    losses.append(report.loss.segmentation.reduce(0, +))
    if let share = report.share(where: { $0 < Self.seenShare * $1 }) { unseen.append(share) }
    losses.removeFirst(max(0, losses.count - window))
    unseen.removeFirst(max(0, unseen.count - window))
    guard losses.count >= window else { return nil }
    if !unseen.isEmpty, mean(unseen) >= Self.collapsedShare { return .trainCollapsed }
    let loss = mean(losses)
    let best = min(lowest ?? loss, loss)
    lowest = best
    // Twice the best and a good deal more: what noise between windows does not reach.
    return loss > min(report.uselessLoss, 2 * best + 0.3) ? .trainDiverged : nil
  }

  /// Whether the present weights are worth going back to: not those of a training that is about to fall.
  var isSound: Bool {
    mean(unseen) < Self.unsoundShare && mean(Array(unseen.suffix(Self.latest))) < Self.unsoundShare
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}
