import Testing

@testable import Study

@Suite struct ComparisonTests {
  private let base = [0.50, 0.61, 0.43, 0.72, 0.55, 0.66, 0.38, 0.59]

  /// Of the first table that the row stands in.
  private func comparison(
    _ strategy: String, _ recipe: String = "paper", in study: StudyTables,
    _ kind: KeyPath<StudyFamily, [StudyRow.Key: StudyComparison]>
  ) -> StudyComparison? {
    let key = StudyRow.Key(strategy: strategy, recipe: recipe)
    return study.families.compactMap { $0[keyPath: kind][key] }.first
  }

  private func verdict(
    _ strategy: String, _ recipe: String = "paper", in study: StudyTables,
    _ kind: KeyPath<StudyFamily, [StudyRow.Key: StudyComparison]>
  ) -> StudyComparison.Verdict? {
    comparison(strategy, recipe, in: study, kind)?.verdict
  }

  /// 8 differences of one sign, all different: 2 of 2^8 ways.
  @Test func whatIsAlwaysBetterIsSurelyBetter() throws {
    let better = base.enumerated().map { $1 + 0.01 * Double($0 + 1) }
    let study = StudyTables(record([run("popcorn", dice: better), run("baseline", dice: base)]))
    // The one side asks whether popcorn is better, of the row against the baseline and of the best against the row.
    for comparisons in study.families.flatMap({ [$0.againstBest, $0.againstBaseline] }) {
      let tested = comparisons.values.compactMap {
        if case .tested(let p, let adjusted, let better, let images, _) = $0.verdict {
          [p, adjusted, better, Double(images)]
        } else {
          nil
        }
      }
      let expected: [Double] = [2.0 / 256, 2.0 / 256, 1.0 / 256, 8]
      #expect(tested == [expected])
    }
    #expect(verdict("popcorn", in: study, \.againstBest) == .isReference)
    #expect(verdict("baseline", in: study, \.againstBaseline) == .isReference)
  }

  @Test func sameValuesDoNotDiffer() {
    let study = StudyTables(record([run("popcorn", dice: base), run("baseline", dice: base)]))
    #expect(
      verdict("popcorn", in: study, \.againstBaseline)
        == .tested(p: 1, adjusted: 1, better: 1, images: 8, remaining: 0))
    #expect(
      StudyReport(record([run("popcorn", dice: base), run("baseline", dice: base)])).text("tables.md").contains(
        "| 1.0000 (1.0000) |"))
  }

  /// However sure five images are, two-sided p is 2 in 2^5.
  @Test(arguments: [1, 5]) func fewerThanSixImagesAreNotTested(_ count: Int) {
    let dice = (0..<count).map { 0.1 * Double($0 + 1) }
    let one = record([run("popcorn", dice: dice.map { $0 + 0.1 }), run("baseline", dice: dice)])
    let study = StudyTables(one)
    #expect(verdict("popcorn", in: study, \.againstBaseline) == .tooFewImages)
    #expect(verdict("baseline", in: study, \.againstBest) == .tooFewImages)
    let text = StudyReport(one).text("tables.md")
    #expect(text.contains("| too few images |"))
    #expect(text.contains("fewer than 6 test images no difference can be told from chance"))
  }

  @Test func imagesThatOneHasNotAreNotCompared() {
    let names = ["a", "b", "c", "d", "x", "y", "z"]
    let study = StudyTables(
      record([
        run("popcorn", dice: [0.7, 0.7, 0.7, 0.7, 0.9, 0.8, 0.7], names: names),
        run("baseline", dice: [0.7, 0.75, 0.7, 0.7, 0.7, 0.7], names: ["z", "x", "a", "b", "c", "d"]),
      ]))
    // x: 0.9 - 0.75, the five others are equal and dropped: one difference is left, and both signs of it are as likely.
    #expect(
      verdict("popcorn", in: study, \.againstBaseline)
        == .tested(p: 1, adjusted: 1, better: 0.5, images: 6, remaining: 1))
  }

  /// Of five differences of one sign 2 of 2⁵ ways are as far: 0.0625. Of 20 images the normal approximation is taken:
  /// z = -7.5 / sqrt(5 * 6 * 11 / 24), p = 0.0431.
  @Test func aPThatCouldNotBeExactlySoLowIsToldToBeApproximate() {
    let dice = (0..<20).map { 0.3 + 0.01 * Double($0) }
    let better = dice.enumerated().map { $0 < 5 ? $1 + 0.01 * Double($0 + 1) : $1 }
    let text = StudyReport(record([run("popcorn", dice: better), run("baseline", dice: dice)])).text("tables.md")
    #expect(text.contains("| 0.0431 (0.0431), 5 differ |"), "\(text)")
    #expect(text.contains("one that is lower is approximate"))
    let six = dice.enumerated().map { $0 < 6 ? $1 + 0.01 * Double($0 + 1) : $1 }
    let sure = StudyReport(record([run("popcorn", dice: six), run("baseline", dice: dice)])).text("tables.md")
    #expect(!sure.contains("differ |") && !sure.contains("approximate"))
  }

  @Test func halfAStudyComparesWhatHasTheSameSeeds() {
    let runs = [
      run("popcorn", seed: 1, dice: base.map { $0 + 0.1 }), run("popcorn", seed: 2, dice: base.map { $0 + 0.1 }),
      run("attention", seed: 1, dice: base), run("baseline", seed: 1, dice: base),
    ]
    let half = record(runs, planned: 6)
    let study = StudyTables(half)
    #expect(verdict("popcorn", in: study, \.againstBaseline) == .runsMissing)
    // While somebody may still turn out better nobody is the best.
    #expect(verdict("attention", in: study, \.againstBest) == .runsMissing)
    #expect(study.families.allSatisfy { $0.best == nil })
    #expect(
      verdict("attention", in: study, \.againstBaseline)
        == .tested(p: 1, adjusted: 1, better: 1, images: 8, remaining: 0))
    let report = StudyReport(half)
    #expect(report.text("tables.md").contains("runs done / planned: 4 / 6"))
    #expect(report.text("study.html").contains("Runs done / planned: 4 / 6"))
    #expect(report.text("tables.md").contains("| runs missing |"))
    // With no more to come two seeds are still not compared with one.
    #expect(verdict("popcorn", in: StudyTables(record(runs)), \.againstBaseline) == .runsMissing)
    let text = StudyReport(record(runs)).text("tables.md")
    #expect(!text.contains("Not finished") && !text.contains("**") && !text.contains("<u>"))
  }

  @Test func recipesWithoutBaselineTakeTheOnlyOne() {
    let others = [run("popcorn", "improved", dice: base.map { $0 + 0.1 })]
    let one = StudyTables(record([run("baseline", dice: base)] + others))
    func against(_ study: StudyTables) -> StudyComparison? {
      comparison("popcorn", "improved", in: study, \.againstBaseline)
    }
    #expect(against(one)?.reference == StudyRow.Key(strategy: "baseline", recipe: "paper"))
    // Another one that is added later changes nothing.
    let two = StudyTables(record([run("baseline", "literal", dice: base), run("baseline", dice: base)] + others))
    #expect(against(two) == against(one))
    let more = StudyTables(
      record(
        ["paper", "improved"].map { run("baseline", $0, dice: base) } + [run("popcorn", "improved+paste", dice: base)]))
    #expect(comparison("popcorn", "improved+paste", in: more, \.againstBaseline)?.reference?.recipe == "improved")
    let own = StudyTables(
      record([run("baseline", dice: base), run("baseline", "improved", dice: base)] + others))
    #expect(against(own)?.reference?.recipe == "improved")
    let none = record(others + [run("attention", "improved", dice: base)])
    #expect(against(StudyTables(none))?.verdict == .noReference)
    #expect(StudyReport(none).text("tables.md").contains("| no baseline |"))
  }

  /// Rows of another recipe are compared with their own strategy, and do not make `paper`'s best second.
  @Test func recipesAreComparedStrategyByStrategy() {
    let study = StudyTables(
      record([
        run("popcorn", dice: base.map { $0 + 0.05 }), run("baseline", dice: base),
        run("popcorn", "improved", dice: base.map { $0 + 0.2 }), run("attention", "improved", dice: base),
      ]))
    #expect(verdict("popcorn", in: study, \.againstBest) == .isReference)
    #expect(verdict("popcorn", "improved", in: study, \.againstBest) == .isReference)
    #expect(study.againstMain[StudyRow.Key(strategy: "popcorn", recipe: "paper")] == nil)
    let improved = study.againstMain[StudyRow.Key(strategy: "popcorn", recipe: "improved")]
    #expect(improved?.reference == StudyRow.Key(strategy: "popcorn", recipe: "paper"))
    let attention = study.againstMain[StudyRow.Key(strategy: "attention", recipe: "improved")]
    #expect(attention?.verdict == .noReference)
  }
}
