import Contract

/// How far a study is, in optimizer steps over all runs.
struct StudyProgress {
  private let runs: Int
  private let steps: Int
  private var done = 0
  private let start = ContinuousClock.now
  private var first: Int?

  /// - Parameters:
  ///   - runs: that are to be done.
  ///   - steps: optimizer steps of each.
  init(runs: Int, steps: Int) { (self.runs, self.steps) = (runs, steps) }

  mutating func runEnded() { done += 1 }

  /// With an estimate, once some steps are taken; nil while nothing is.
  mutating func shown(_ members: [(StudyRunName, Int)]) -> TrainingProgress? {
    let taken = done * steps + members.reduce(0) { $0 + $1.1 }
    guard taken > 0, !members.isEmpty else { return nil }
    // What was done before a resumed study goes on says nothing of its pace.
    let begin = first ?? taken
    first = begin
    let names = members.map(\.0.text).joined(separator: ", ")
    var progress = TrainingProgress(phase: names, done: taken, total: runs * steps)
    if taken > begin {
      let seconds = (ContinuousClock.now - start).seconds
      progress.secondsLeft = seconds / Double(taken - begin) * Double(max(0, runs * steps - taken))
    }
    return progress
  }
}
