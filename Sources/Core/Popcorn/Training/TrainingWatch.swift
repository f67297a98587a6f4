import Contract

/// Watches training for the two ways in which it dies. An empty lesion channel is a stationary point of the soft Dice:
/// training that falls into it does not come back. A rate that is too large sends losses up, or to no number at all.
struct TrainingWatch: Codable, Sendable {
  private var losses: [Double] = []
  private var predicted: [Double] = []
  private var truth: [Double] = []
  private var lowest: Double?

  /// Pairs over which is looked, where an epoch has as many.
  private static let longestWindow = 16
  /// Predicted lesion mass, as a share of the true, below which the channel counts as empty.
  private static let emptyShare = 0.02
  /// Both segmentation terms of a pair, of at most 2, from which the prediction is useless: an untrained network has 1.4.
  private static let uselessLoss = 1.8

  /// Sees a step of an epoch of `pairs` pairs. Answers what is wrong, if anything is.
  mutating func observe(_ report: StepReport, pairs: Int) -> ReasonCode? {
    guard report.loss.total.isFinite, report.predicted.isFinite else { return .trainDiverged }
    let window = max(1, min(Self.longestWindow, pairs))
    losses.append(report.loss.segmentation.reduce(0, +))
    predicted.append(report.predicted)
    truth.append(report.truth)
    guard losses.count >= window else { return nil }
    losses.removeFirst(losses.count - window)
    predicted.removeFirst(predicted.count - window)
    truth.removeFirst(truth.count - window)
    if predicted.reduce(0, +) < Self.emptyShare * truth.reduce(0, +) { return .trainCollapsed }
    let mean = losses.reduce(0, +) / Double(window)
    let best = min(lowest ?? mean, mean)
    lowest = best
    // Twice the best and a good deal more: what noise between windows does not reach.
    return mean > min(Self.uselessLoss, 2 * best + 0.3) ? .trainDiverged : nil
  }
}
