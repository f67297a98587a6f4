import Testing

@testable import Evaluation

@Suite struct WilcoxonTests {
  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 + 1e-10 * abs(b) }

  @Test(arguments: SignedRanks.golden.indices) func agreesWithScipy(index: Int) {
    let golden = SignedRanks.golden[index]
    let automatic = Wilcoxon(differences: golden.differences)
    #expect(automatic.statistic == golden.statistic)
    #expect(isClose(automatic.pValue, golden.automatic), "\(golden.name): \(automatic)")
    let exact = Wilcoxon(differences: golden.differences, method: .exact)
    #expect(isClose(exact.pValue, golden.exact), "\(golden.name): \(exact)")
    let normal = Wilcoxon(differences: golden.differences, method: .asymptotic)
    #expect(isClose(normal.pValue, golden.asymptotic), "\(golden.name): \(normal)")
    #expect(isClose(normal.z ?? .nan, golden.z), "\(golden.name): \(normal)")
    let corrected = Wilcoxon(differences: golden.differences, method: .asymptoticCorrected)
    #expect(isClose(corrected.pValue, golden.corrected), "\(golden.name): \(corrected)")
    for (test, greater) in zip([automatic, exact, normal, corrected], golden.greater) {
      #expect(isClose(test.greaterPValue, greater), "\(golden.name): \(test)")
    }
  }

  @Test func sameListsDoNotDiffer() {
    let nothing = Wilcoxon([0.4, 0.7], [0.4, 0.7])
    #expect(nothing.pValue == 1)
    #expect(nothing.remaining == 0)
    #expect(Wilcoxon(differences: []).pValue == 1)
  }

  @Test func roundingNoiseDoesNotBreakTies() {
    // 0.1 + 0.2 is not 0.3 in binary; the three differences are ties all the same.
    let noisy = Wilcoxon([0.1 + 0.2, 0.3, 0.3, 0.9], [0, 0, 0, 0.1], method: .automatic)
    #expect(noisy.method == .signFlips)
  }

  /// The distribution by definition: every way to choose signs, counted.
  @Test func signFlipsCountEveryChoice() {
    let differences = [1.0, -1, 2, 2, 3, -4, 5]
    let ranks = [1.5, 1.5, 3.5, 3.5, 5, 6, 7]
    let observed = zip(differences, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    var (atLeast, atMost) = (0, 0)
    for signs in 0..<128 {
      let sum = ranks.indices.reduce(0) { signs >> $1 & 1 == 1 ? $0 + ranks[$1] : $0 }
      if sum >= observed { atLeast += 1 }
      if sum <= observed { atMost += 1 }
    }
    let expected = min(1, 2 * Double(min(atLeast, atMost)) / 128)
    #expect(abs(Wilcoxon(differences: differences).pValue - expected) < 1e-15)
  }

  @Test func holmStepsDown() {
    // By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, then never less than before.
    let adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
    for (value, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(value - expected) < 1e-15) }
    #expect(holmAdjusted([0.9, 0.8]) == [1, 1])
    #expect(holmAdjusted([]).isEmpty)
  }
}
