import Testing

@testable import popcorn

/// How training and drafts take turns, by a clock that the test turns on.
@Suite struct TurnsTests {
  /// Seconds that each of some drafts waited, where one always does and each takes `length` seconds; training takes steps of
  /// one second. Fewer are answered where one is not in a million steps.
  private func waits(ofDrafts count: Int, takingEach length: Int, share: Double) -> [Int] {
    var time = ContinuousClock.now
    let turns = Turns(share: share) { time }
    var waits: [Int] = []
    var waited = 0
    while waits.count < count, waited < 1_000_000 {
      time += .seconds(1)
      waited += 1
      turns.trained()
      while turns.mayServe, waits.count < count {
        time += .seconds(length)
        turns.served()
        waits.append(waited)
        waited = 0
      }
    }
    return waits
  }

  /// After a draft training has what the draft took, by their shares; a share of 1, or nearly, is cut.
  @Test(arguments: [(0.1, 3), (0.5, 30), (0.9, 270), (0.99, 2970), (0.9999, 2970), (1, 2970)])
  func eachDraftHasItsTurn(share: Double, wait: Int) {
    let waits = waits(ofDrafts: 5, takingEach: 30, share: share)
    #expect(waits.count == 5 && waits.first == 1, "\(waits)")
    // Up to a second that was saved, which is a thirtieth, and the step that is under way.
    for later in waits.dropFirst() { #expect(abs(later - wait) <= wait / 30 + 2, "\(waits)") }
  }

  @Test func withoutAShareTrainingWaits() {
    #expect(waits(ofDrafts: 5, takingEach: 30, share: 0) == [1, 0, 0, 0, 0])
  }
}
