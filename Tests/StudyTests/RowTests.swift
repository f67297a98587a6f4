import Testing

@testable import Study

extension GoldenStudy: CustomTestStringConvertible {
  var testDescription: String { name }

  /// The runs, their images named by number.
  var record: StudyRecord {
    tiny(
      runs.split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        let values = words.dropFirst(3).map { Double($0) }
        let n = values.count / 3
        return run(
          String(words[0]), String(words[1]), seed: UInt64(words[2]) ?? 0, dice: values[..<n].compactMap { $0 },
          precision: Array(values[n..<2 * n]), sensitivity: Array(values[(2 * n)...]))
      })
  }
}

/// `record` by a name that the property of golden studies does not hide.
private func tiny(_ runs: [StudyRun]) -> StudyRecord { record(runs) }

@Suite struct RowTests {
  private func isClose(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= 1e-12 + 1e-9 * abs(b)
  }

  /// The p-values of a comparison; nil where there are none.
  private func probabilities(_ comparison: StudyComparison?) -> [Double?] {
    guard case .tested(let p, let adjusted, let better, _, _) = comparison?.verdict else { return [nil, nil, nil] }
    return [p, adjusted, better]
  }

  @Test(arguments: GoldenStudy.all) func agreeWithNumpyAndScipy(golden: GoldenStudy) throws {
    let study = StudyTables(golden.record)
    let lines = golden.rows.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let rows = study.families.flatMap { family in family.rows.map { (family, $0) } }
    #expect(
      rows.map { [$0.place.rawValue, $1.key.strategy, $1.key.recipe] } == lines.map { Array($0.prefix(3)) })
    for ((family, row), words) in zip(rows, lines) {
      let best = probabilities(family.againstBest[row.key])
      let baseline = probabilities(family.againstBaseline[row.key])
      let figures =
        [
          row.dice, row.deviation, row.precision.mean, Double(row.precision.leftOut), row.sensitivity.mean,
          Double(row.sensitivity.leftOut),
        ] + best + baseline
      let expected = words.dropFirst(3).map { Double($0) }
      try #require(figures.count == expected.count)
      for (index, (figure, truth)) in zip(figures, expected).enumerated() {
        #expect(isClose(figure, truth), "\(row.key), figure \(index): \(figure as Any), not \(truth as Any)")
      }
    }
  }

  @Test func rowsStandInTheOrderOfTheirFirstRuns() {
    let keys = [("b", "paper"), ("a", "paper"), ("b", "other"), ("a", "paper"), ("b", "paper"), ("c", "paper")]
    let study = StudyTables(record(keys.map { run($0.0, $0.1, dice: [0.5, 0.6]) }))
    #expect(study.rows.map { "\($0.key.strategy) \($0.key.recipe)" } == ["b paper", "a paper", "b other", "c paper"])
    #expect(study.rows.map(\.runs.count) == [2, 2, 1, 1])
  }

  /// Seeds that judged an image more often must not weigh it more: image means first, then the mean over images.
  @Test func imagesWeighTheSameHoweverManySeedsTheyHave() throws {
    let first = run("a", seed: 1, dice: [0.2, 0.8], precision: [nil, 0.9])
    let second = run("a", seed: 2, dice: [0.4, 0.8], precision: [0.1, 0.7])
    let row = try #require(StudyTables(record([first, second])).rows.first)
    #expect(isClose(row.dice, 0.55))
    // Pooled it would be (0.9 + 0.1 + 0.7) / 3.
    #expect(isClose(row.precision.mean, (0.1 + 0.8) / 2))
    #expect(row.precision.leftOut == 1 && row.precision.images == 2)
    #expect(isClose(row.deviation, 0.1 / 2.0.squareRoot()))
  }

  @Test func whatIsNotANumberIsLeftOut() throws {
    var broken = run("a", dice: [.nan, 0.5, 0.7], precision: [0.1, .infinity, 0.3])
    broken.progress = [.init(step: 0, optimizerSteps: 1, trainingScans: 1, meanDice: .nan)]
    let row = try #require(StudyTables(record([broken])).rows.first)
    #expect(isClose(row.dice, 0.6))
    #expect(row.cases.map(\.name) == ["image1", "image2"])
    #expect(isClose(row.precision.mean, 0.3))
  }

  @Test func oneSeedHasNoDeviation() throws {
    let row = try #require(StudyTables(record([run("a", dice: [0.5, 0.6])])).rows.first)
    #expect(row.deviation == nil)
  }
}
