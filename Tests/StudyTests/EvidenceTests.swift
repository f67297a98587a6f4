import Testing

@testable import Study

/// Cells of the Markdown table below a heading, without heads and rule.
private func rows(_ runs: [StudyRun], _ heading: String) -> [[String]] {
  let lines = StudyReport(record(runs)).text("tables.md").split(separator: "\n", omittingEmptySubsequences: false)
  guard let start = lines.firstIndex(of: "## " + heading) else { return [] }
  return lines[(start + 4)...].prefix { $0.hasPrefix("|") }.map { row in
    row.dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false).map(String.init)
  }
}

/// What the method argues from, in tables.
@Suite struct EvidenceTests {
  private func labels(_ dice: [[Double?]]) -> [StudyRun.Selection] {
    dice.enumerated().flatMap { step, dice in
      dice.enumerated().map { place, dice in
        .init(
          name: "\(step)-\(place)", step: step + 1, rank: place + 1, proximity: 1, dice: dice,
          precision: dice.map { $0 / 2 }, sensitivity: nil)
      }
    }
  }

  @Test func pseudoLabelsAreMeansOverScansAndSeeds() {
    var (first, second) = (run("popcorn", seed: 1, dice: [0.5, 0.5]), run("popcorn", seed: 2, dice: [0.5, 0.5]))
    first.selections = labels([[0.5, 0.7], [0.3, nil]])
    second.selections = labels([[0.3, 0.5], [0.5]])
    var unknown = run("popcorn-half", dice: [0.5, 0.5])
    unknown.selections = labels([[nil]])
    let table = rows(
      [first, second, unknown, run("baseline", dice: [0.5, 0.5])], "Pseudo-labels against the hidden truth")
    // Seeds have (0.5 + 0.7 + 0.3) / 3 and (0.3 + 0.5 + 0.5) / 3; six labels are known.
    #expect(table == [["POPCORN", "2", "3", "50.00", "40.00", "46.67", "4.71", "23.33", "–"]])
  }

  @Test func nearnessIsToldOfOneNetwork() {
    func look(_ seed: UInt64, _ dice: [Double]) -> StudyRun {
      var look = run("popcorn-no-graph", seed: seed, dice: [0.5, 0.5])
      look.schedule.selectPerStep = 2
      look.poolAtStart = dice.enumerated().map { place, dice in
        .init(name: "\(place)", step: 0, rank: place + 1, proximity: Double(place), dice: dice)
      }
      return look
    }
    // Perfectly ordered, and the other way round with one exchange: rho is 1 - 6 * 2 / (4 * 15) = 0.8.
    let table = rows(
      [look(1, [0.9, 0.8, 0.7, 0.6]), look(2, [0.1, 0.2, 0.4, 0.3])], "What nearness tells of a pseudo-label")
    #expect(table == [["POPCORN without graph", "2", "4", "2", "50.00", "50.00", "50.00", "-0.10", "1.27"]])
    #expect(rows([run("popcorn", dice: [0.5, 0.5])], "What nearness tells of a pseudo-label").isEmpty)
    // Numbers that nobody measured neither trap nor fill the memory.
    var hostile = look(3, [0.5, 0.5])
    hostile.schedule.selectPerStep = -7
    hostile.selections = [.init(name: "x", step: .max, rank: 1, proximity: .nan, dice: 0.5)]
    #expect(rows([hostile], "What nearness tells of a pseudo-label").first?[2...5] == ["2", "-7", "–", "50.00"])
    #expect(rows([hostile], "Pseudo-labels against the hidden truth").first?.count == 8)
  }

  /// The same rows of two studies, by the same images; Wilcoxon's p of six differences of one sign is 2 in 2^6.
  @Test func anotherStudyStandsBeside() {
    let dice = [0.3, 0.4, 0.5, 0.6, 0.2, 0.1]
    let better = dice.enumerated().map { $1 + 0.01 * Double($0 + 1) }
    // A seed that one of them alone has says nothing.
    let here = record([
      run("popcorn", dice: better), run("popcorn", seed: 2, dice: dice.map { $0 / 2 }),
      run("baseline", "improved", dice: dice),
    ])
    var there = record([run("popcorn", dice: dice), run("attention", dice: dice)], name: "other")
    there.budget.optimizerSteps = 77
    let text = StudyReport(here, beside: [there]).text("tables.md")
    #expect(text.contains("## Beside the study of other: 1 labeled, 1 unlabeled, 77 optimizer steps"))
    #expect(text.contains("| POPCORN | paper | 1 | 35.00 | 38.50 | +3.50 | 0.0313 (0.0313) |"))
    #expect(!StudyReport(here).text("tables.md").contains("Beside the study"))
    let stranger = record([run("attention", dice: dice)])
    #expect(!StudyReport(here, beside: [stranger]).text("tables.md").contains("Beside the study"))
  }

  /// Differences of 0.10, 0.04 and 0.01: mean 0.05, deviation 0.0458, by the root of three 0.0265, times 4.3027: 0.1138.
  @Test func differencesStandSeedBySeed() {
    func runs(_ strategy: String, _ dice: [Double]) -> [StudyRun] {
      dice.enumerated().map { run(strategy, seed: UInt64($0 + 1), dice: [$1 - 0.1, $1 + 0.1]) }
    }
    let title = "Against the baseline, seed by seed"
    let table = rows(
      runs("popcorn", [0.5, 0.5, 0.5]) + runs("attention", [0.3]) + runs("baseline", [0.4, 0.46, 0.49]), title)
    #expect(
      table == [
        ["POPCORN", "+10.00", "+4.00", "+1.00", "+5.00", "-6.38 to +16.38"],
        ["Multi-task attention \\[7\\]", "-10.00", "–", "–", "-10.00", "–"],
      ])
    // Two seeds have no interval that says anything, one no spread.
    #expect(
      rows(runs("popcorn", [0.5, 0.5]) + runs("baseline", [0.4, 0.46]), title)
        == [["POPCORN", "+10.00", "+4.00", "+7.00", "–"]])
    #expect(rows(runs("popcorn", [0.5]) + runs("baseline", [0.4]), title).isEmpty)
  }

  @Test func phasesAreTheEndOfTheFirstAndTheEnd() {
    func trained(_ strategy: String, seed: UInt64, _ then: Double, _ end: Double, at steps: Int = 40) -> StudyRun {
      var run = run(strategy, seed: seed, dice: [end, end])
      run.progress = [
        .init(step: 0, optimizerSteps: steps, trainingScans: 4, meanDice: then),
        .init(step: 1, optimizerSteps: 100, trainingScans: 4, meanDice: end),
      ]
      return run
    }
    let table = rows(
      [
        trained("popcorn", seed: 1, 0.3, 0.4), trained("popcorn", seed: 2, 0.4, 0.7),
        trained("baseline", seed: 1, 0.5, 0.4),
        // The first phase was all there was.
        trained("attention", seed: 1, 0.5, 0.5, at: 100), run("uncertainty", dice: [0.5, 0.5]),
      ], "What the second phase brought")
    #expect(
      table == [
        ["POPCORN", "2", "40", "35.00", "55.00", "+20.00", "14.14"],
        ["Baseline", "1", "40", "50.00", "40.00", "-10.00", "–"],
      ])
  }

  @Test func aCorrelationOverFewPairsIsNotShown() {
    var few = run("popcorn", dice: [0.5, 0.5])
    few.latentAgreement = .init(pairs: 29, correlation: 0.9)
    #expect(rows([few], "Latent distance against differing voxels").isEmpty)
    #expect(!StudyReport(record([few])).text("tables.md").contains("0.90"))
  }

  @Test func latentsStandBesideEachOther() {
    func measured(_ strategy: String, seed: UInt64, _ correlation: Double) -> StudyRun {
      var run = run(strategy, seed: seed, dice: [0.5, 0.5])
      run.latentAgreement = .init(pairs: 30, correlation: correlation)
      return run
    }
    let table = rows(
      [measured("popcorn", seed: 1, 0.5), measured("popcorn", seed: 2, 0.1), measured("baseline", seed: 1, -0.2)],
      "Latent distance against differing voxels")
    #expect(
      table == [
        ["POPCORN", "Lab + Pseudo", "2", "30", "0.30", "0.28", "0.10", "0.50"],
        ["Baseline", "None", "1", "30", "-0.20", "–", "-0.20", "-0.20"],
      ])
  }
}
