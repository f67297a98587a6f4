import Contract
import Testing

@testable import popcornd

@Suite struct StatusWordsTests {
  /// Of what is held some became a case, and some did not: a person has to look at both.
  @Test func whatIsHeldIsCounted() {
    var status = ServiceStatus()
    #expect(!StatusWords.headline(status).contains("held"))
    status.filesHeld = 2
    #expect(StatusWords.headline(status).contains("; 2 held"))
    status.cases["held"] = 1
    #expect(StatusWords.headline(status).contains("; 3 held"))
  }

  /// How far training is, as the worker says it.
  @Test(arguments: [
    (0, 100, "training 0 %"), (29, 100, "training 29 %"), (299, 300, "training 99 %"), (300, 300, "training 100 %"),
    (7, 3, "training 100 %"), (Int.max, 1, "training 100 %"), (Int.max, Int.max, "training 100 %"),
    (Int.max / 2, Int.max, "training 50 %"), (-1, 2, "training 0 %"), (Int.min, Int.max, "training 0 %"),
    (1, 0, "cycle 3 running"), (1, Int.min, "cycle 3 running"),
  ])
  func aShareOfAnyNumbersIsAShare(done: Int, total: Int, words: String) {
    var status = ServiceStatus()
    status.cycle = ServiceStatus.Cycle(
      number: 3, progress: TrainingProgress(phase: "training", done: done, total: total))
    let parts = StatusWords.headline(status).split(separator: "; ").map { String($0) }
    #expect(parts.contains(words), "\(parts)")
  }

  @Test(
    arguments: [
      (0, "00:00"), (7800, "02:10"), (-5, "00:00"), (1e308, "99:59"), (.infinity, "99:59"), (.nan, "00:00"),
    ] as [(Double, String)])
  func aTimeLeftIsHoursAndMinutes(seconds: Double, text: String) { #expect(StatusWords.clock(seconds) == text) }
}
