import Testing

@testable import Popcorn

@Suite struct RateControlTests {
  private func ended(_ rate: inout RateControl, _ epochs: Int, sound: Bool = true) {
    for _ in 0..<epochs { rate.epochEnded(steps: 60, isSound: sound) }
  }

  /// Epochs of a large training set are long: it is steps that count.
  @Test func aLongEpochIsEnough() {
    var rate = RateControl(8)
    rate.fell()
    rate.epochEnded(steps: 540, isSound: false)
    #expect(rate.present == 4)
    rate.epochEnded(steps: 540, isSound: true)
    #expect(rate.present == 8)
  }

  @Test func aFallHalvesItForFiveSoundEpochs() {
    var rate = RateControl(8)
    ended(&rate, 3)
    #expect(rate.present == 8)
    rate.fell()
    ended(&rate, 4)
    #expect(rate.present == 4)
    ended(&rate, 1)
    #expect(rate.present == 8)
    ended(&rate, 20)
    #expect(rate.present == 8)
  }

  @Test func anUnsoundEpochBeginsTheCountAnew() {
    var rate = RateControl(8)
    rate.fell()
    ended(&rate, 4)
    ended(&rate, 1, sound: false)
    ended(&rate, 4)
    #expect(rate.present == 4)
    ended(&rate, 1)
    #expect(rate.present == 8)
  }

  @Test func fallsInARowHalveItEachTimeAndItRisesStepByStep() {
    var rate = RateControl(8)
    for expected in [4.0, 2, 1] {
      rate.fell()
      #expect(rate.present == expected)
    }
    for expected in [2.0, 4, 8] {
      ended(&rate, 5)
      #expect(rate.present == expected)
    }
  }

  @Test func aRateAtWhichItFellTwiceIsNotTriedAgain() {
    var rate = RateControl(8)
    rate.fell()
    ended(&rate, 5)
    rate.fell()
    ended(&rate, 100)
    #expect(rate.present == 4 && rate.limit == 4)
  }

  /// Whatever happens, it never exceeds what was asked for, and no rate is fallen at more than twice.
  @Test func anyCourseIsBounded() {
    for course in 0..<4096 {
      var rate = RateControl(64)
      var falls: [Double: Int] = [:]
      for step in 0..<12 {
        let before = rate.present
        if course >> step & 1 == 1 {
          rate.fell()
          falls[before, default: 0] += 1
          #expect(rate.present == before / 2)
        } else {
          ended(&rate, 5)
          #expect(rate.present == min(before * 2, rate.limit))
        }
        #expect(rate.present <= rate.limit && rate.limit <= 64)
      }
      #expect(falls.values.allSatisfy { $0 <= 2 })
    }
  }
}
