import SystemPackage
import Testing

@testable import popcornd

/// Who has something to do, and who does not answer.
@Suite struct RollCallTests {
  private func roll(_ inboxes: FilePath...) -> RollCall {
    var roll = RollCall()
    for inbox in inboxes { roll.enrol(inbox, at: 0) }
    return roll
  }

  @Test func everybodyIsAwaitedUntilHisFirstWord() {
    var roll = roll("a", "b")
    #expect(roll.isBusy)
    #expect(roll.taking("a", 0, at: 1) == false)
    #expect(roll.isBusy)
    #expect(roll.taking("b", 0, at: 1) == false)
    #expect(!roll.isBusy && roll.due == nil)
    #expect(roll.call(at: 1e6).ask == [])
  }

  @Test func whoHasNothingToDoIsNotAsked() {
    var roll = roll("a")
    _ = roll.taking("a", 0, at: 0)
    roll.sent("a")
    #expect(roll.isBusy && roll.due == RollCall.interval)
    #expect(roll.returned("a", at: 3) == false)
    #expect(!roll.isBusy)
    #expect(roll.call(at: 1e6).ask == [])
  }

  /// A large file may be read for minutes: whoever does that answers all the same.
  @Test func whoAnswersIsAwaitedAsLongAsItTakes() {
    var roll = roll("a")
    _ = roll.taking("a", 1, at: 0)
    var now = 0.0
    for _ in 0..<100 {
      now = roll.due ?? 0
      let call = roll.call(at: now)
      #expect(call.ask == ["a"] && call.missing == [])
      #expect(roll.answered("a", at: now + 0.1) == false)
    }
    #expect(roll.isBusy && now > 900)
  }

  @Test func whoDoesNotAnswerIsNotAwaitedUntilHeIsHeard() {
    var roll = roll("hung", "well")
    _ = roll.taking("hung", 3, at: 0)
    _ = roll.taking("well", 0, at: 0)
    #expect(roll.call(at: 9).ask == [])
    #expect(roll.call(at: 10).ask == ["hung"])
    #expect(roll.due == 60)
    #expect(roll.call(at: 59).missing == [])
    #expect(roll.isBusy)
    #expect(roll.call(at: 60).missing == ["hung"])
    #expect(!roll.isBusy && roll.due == nil)
    // It is said once, and others are asked as before.
    #expect(roll.call(at: 1000).missing == [])
    _ = roll.taking("well", 1, at: 1000)
    #expect(roll.call(at: 1010).ask == ["well"])
    #expect(roll.answered("hung", at: 1020) == true)
    #expect(roll.answered("hung", at: 1021) == false)
    #expect(roll.isBusy)
  }

  @Test func anyWordIsHeard() {
    var roll = roll("a")
    _ = roll.taking("a", 1, at: 0)
    _ = roll.call(at: 10)
    roll.sent("a")
    #expect(roll.returned("a", at: 40) == false)
    #expect(roll.call(at: 60).missing == [])
    #expect(roll.call(at: 90).missing == ["a"])
    #expect(roll.taking("a", 0, at: 95) == true)
  }
}
