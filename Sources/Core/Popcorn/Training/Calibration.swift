extension Cycle {
  /// The points that the recipe has to choose from. The first is the one that was asked for, and the only one where the
  /// recipe does not choose.
  var candidates: [OperatingPoint] {
    let others = recipe.calibrates ? Array(stride(from: 0.05, to: 0.96, by: 0.05)) : []
    return ([settings.threshold] + others).map { OperatingPoint(threshold: $0, floor: recipe.lesionFloor) }
  }

  /// Chooses, where the recipe does and enough people are held out, the threshold of the best Dice, the mean over people; else
  /// the one that was asked for stays.
  ///
  /// Scans without a lesion have no say: their Dice is 1 as soon as nothing is marked, which would outweigh everybody else.
  /// - Parameter heldOut: the held-out cases at all candidates.
  /// - Returns: its place among the candidates.
  func calibrate(on heldOut: [HeldOutCase]) -> Int {
    let (points, people) = (candidates, People(heldOut))
    guard recipe.calibrates, people.count >= Gate.enoughSubjects else { return 0 }
    // Of equals the one nearest to what was asked for.
    func worth(_ place: Int) -> (dice: Double, nearness: Double) {
      (people.dice(at: place), -abs(points[place].threshold - settings.threshold))
    }
    let best = points.indices.max { worth($0) < worth($1) } ?? 0
    position.threshold = points[best].threshold
    return best
  }
}

/// Who has a say: people with a lesion in some scan of theirs.
private struct People {
  private let scans: [[HeldOutCase]]

  init(_ cases: [HeldOutCase]) {
    let bySubject = Dictionary(grouping: cases.filter { !$0.truthIsEmpty }, by: \.subject)
    scans = bySubject.sorted { $0.key < $1.key }.map(\.value)
  }

  var count: Int { scans.count }

  /// The mean over people, of whom there are some, of the mean over each one's scans.
  func dice(at place: Int) -> Double {
    let each = scans.map { scans in scans.reduce(0) { $0 + $1.dice[place] } / Double(scans.count) }
    return each.reduce(0, +) / Double(count)
  }
}
