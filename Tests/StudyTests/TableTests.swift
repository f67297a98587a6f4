import Testing

@testable import Study

@Suite struct TableTests {
  private let markdown = StudyReport(SampleStudy().record).text("tables.md")

  @Test func rowsStandInThePapersOrder() {
    let shuffled = SampleStudy(strategies: SampleStudy().strategies.reversed()).record
    let text = StudyReport(shuffled).text("tables.md")
    #expect(
      grid(text, "Table 1").map { $0[0...2].joined(separator: "; ") } == [
        "POPCORN; Lab + Pseudo; Lab + Pseudo", "POPCORN, half of the pool; Lab + Pseudo (8); Lab + Pseudo (8)",
        "POPCORN without consistency; Lab + Pseudo; None",
        "POPCORN without graph; Lab + Pseudo; Lab + Pseudo", "Baseline with consistency; Lab; Lab",
        "Baseline; Lab; None",
      ])
    #expect(
      grid(text, "Table 2").map(\.[0]) == [
        "POPCORN", "Multi-task attention \\[7\\]", "Uncertainty-guided pseudo-labels \\[19\\]",
        "Transformation consistency \\[4\\]", "Transformation consistency \\[4\\], elastic", "Baseline",
      ])
    #expect(grid(text, "Other recipes beside paper").map { $0[0...1].joined(separator: " ") } == ["improved POPCORN"])
  }

  /// Of each column of shares, without asking how the mark came about.
  @Test(arguments: [("Table 1", 3), ("Table 2", 1)]) func boldIsTheHighestAndUnderlinedTheNext(
    heading: String, column: Int
  ) throws {
    let rows = grid(markdown, heading)
    try #require(rows.count == 6)
    for place in column..<column + 3 {
      let cells = rows.map { $0[place] }
      let values = try cells.map { cell in
        try #require(Double(cell.filter { $0.isNumber || $0 == "." }))
      }
      let steps = Set(values).sorted(by: >)
      for (cell, value) in zip(cells, values) {
        #expect(cell.hasPrefix("**") == (value == steps[0]), "\(cell) of \(cells)")
        #expect(cell.hasPrefix("<u>") == (value == steps[1]), "\(cell) of \(cells)")
      }
    }
  }

  @Test func whatReadsTheSameIsMarkedTheSame() {
    let text = StudyReport(
      record([
        run("popcorn", dice: [0.700004, 0.7]), run("popcorn-half", dice: [0.7, 0.7]),
        run("baseline", dice: [0.6, 0.7]),
      ])
    ).text("tables.md")
    #expect(grid(text, "Table 1").map(\.[3]) == ["**70.00**", "**70.00**", "<u>65.00</u>"])
  }

  @Test func lonelyRowsAreNotTheBest() {
    let text = StudyReport(record([run("popcorn", dice: [0.5, 0.6])])).text("tables.md")
    #expect(grid(text, "Table 1").map(\.[3]) == ["55.00"])
    #expect(text.contains("Not in this study: POPCORN, half of the pool;"))
    #expect(!text.contains("## Table 2"))
  }

  @Test func unknownStrategiesKeepTheirNames() {
    let text = StudyReport(record([run("quantum", dice: [0.5, 0.6]), run("baseline", dice: [0.4, 0.3])])).text(
      "tables.md")
    #expect(grid(text, "Strategies that the paper has not").map(\.[0]) == ["quantum"])
    #expect(grid(text, "Runs").map(\.[0]) == ["quantum", "baseline"])
  }

  @Test func withoutThePapersRecipeTheFirstIsMain() {
    let text = StudyReport(record([run("popcorn", "literal", dice: [0.5, 0.6])])).text("tables.md")
    #expect(grid(text, "Table 1: what each part is worth (recipe literal)").count == 1)
    #expect(!text.contains("Other recipes"))
  }

  @Test func recipesStandBesideThePapers() {
    let runs = [
      run("popcorn", dice: [0.5, 0.6]), run("popcorn", "a", dice: [0.6, 0.7], precision: [0.1, 0.2]),
      run("popcorn", "b", dice: [0.5, 0.4]), run("attention", "a", dice: [0.2, 0.4]),
    ]
    let rows = grid(StudyReport(record(runs)).text("tables.md"), "Other recipes beside paper")
    #expect(
      rows.map { Array($0[0...1] + $0[3...4] + $0[6...7]) } == [
        ["a", "POPCORN", "55.00", "+10.00", "**65.00**", "<u>15.00</u>"],
        ["a", "Multi-task attention \\[7\\]", "–", "–", "<u>30.00</u>", "**30.00**"],
        ["b", "POPCORN", "55.00", "-10.00", "45.00", "45.00"],
      ])
  }

  /// Of one seed it is not compared with the mean of three.
  @Test func differencesAreOfSharedSeeds() {
    let runs = [
      run("popcorn", seed: 1, dice: [0.5, 0.6]), run("popcorn", seed: 2, dice: [0.1, 0.2]),
      run("popcorn", "paper+average", seed: 1, dice: [0.6, 0.7]),
      run("popcorn", "paper+average+window", seed: 1, dice: [0.7, 0.7]),
      run("popcorn", "paper+average+window", seed: 2, dice: [0.9, 0.9]),
    ]
    let text = StudyReport(record(runs)).text("tables.md")
    let rows = grid(text, "Other recipes beside paper")
    #expect(
      rows.map { Array($0[3...4]) } == [["55.00", "+10.00"], ["35.00", "+45.00"]])
    let words = grid(text, "What each word of a recipe is worth").filter { $0[2] == "paper+average" }
    #expect(words.map { Array($0[3...6]) } == [["1", "65.00", "70.00", "+5.00"]])
  }

  /// The held-out choose, not the test images; but not by one person, and not a recipe that chose its threshold by them.
  @Test func theHeldOutChoose() {
    func held(_ recipe: String, _ dice: Double, heldOut: Double) -> StudyRun {
      var run = run("popcorn", recipe, dice: [dice, dice])
      run.heldOutDice = heldOut
      return run
    }
    var study = record([
      held("paper", 0.5, heldOut: 0.3), held("improved", 0.6, heldOut: 0.4), held("paper+a", 0.7, heldOut: 0.35),
      held("paper+calibrate", 0.8, heldOut: 0.45),
    ])
    let few = StudyReport(study).text("tables.md")
    #expect(grid(few, "Other recipes beside paper").map(\.[2]) == ["40.00", "35.00", "45.00"])
    #expect(!few.contains("held-out people"))
    study.cohort.holdout = ["x", "y", "z"].map { .init(name: $0, subject: $0, site: nil) }
    #expect(
      StudyReport(study).text("tables.md").contains(
        "By the Dice of 3 held-out people, who may choose as test images may not, POPCORN is best under improved: 40.00; on "
          + "test images 60.00."))
    // Equal figures choose nothing, and what came to nothing under one seed is not judged by the others.
    study.runs[2].heldOutDice = 0.4
    study.runs.append(held("paper+b", 0.1, heldOut: 0.9))
    study.runs[4].heldOutDice = nil
    #expect(
      StudyReport(study).text("tables.md").contains(
        "POPCORN is best under improved and paper+a: 40.00 alike; on test images 60.00 and 70.00. Trainings came to nothing "
          + "under paper+b: none to choose."))
    var seeds = study.runs.filter { $0.recipe == "paper+b" } + [held("paper+b", 0.1, heldOut: 0.9)]
    seeds[1].seed = 2
    #expect(StudyRow(key: seeds[0].key, runs: seeds, order: []).heldOutDice == nil)
  }

  /// Sums in another order are another training.
  @Test func runsOfOtherThreadsAreSaid() {
    let one = record([run("popcorn", dice: [0.5, 0.5])])
    var other = record([run("popcorn", dice: [0.5, 0.5]), run("popcorn", seed: 2, dice: [0.5, 0.5])])
    #expect(!StudyReport(other, beside: [one]).text("tables.md").contains("threads"))
    other.runs[0].worker.threads = 1
    let text = StudyReport(other, beside: [one]).text("tables.md")
    #expect(text.contains("The runs had 1 or 2 threads each"))
    #expect(text.contains("The threads of a run were 1 here and 2 there:"))
  }

  /// Bold passes over who is precise in the few masks that have anything; the reader is told.
  @Test func whatIsNotRankedIsSaid() {
    let dice = (0..<10).map { 0.5 + 0.01 * Double($0) }
    let rare = run("popcorn", dice: dice, precision: [nil, nil] + Array(repeating: 0.9, count: 8))
    let text = StudyReport(record([rare, run("baseline", dice: dice)])).text("tables.md")
    #expect(text.contains("Neither best nor second, for more than a tenth of it is left out: POPCORN (precision)."))
    #expect(text.contains("The best, chosen by the same images: POPCORN and Baseline alike in table 1."))
  }

  /// Where the second phase fell, training ends at its beginning: it brought nothing, which counts.
  @Test func aFallenSecondPhaseBroughtNothing() {
    func phased(_ seed: UInt64, _ then: (steps: Int, dice: Double)?) -> StudyRun {
      var run = run("popcorn", seed: seed, dice: [0.5, 0.5])
      if then?.steps == run.optimizerSteps { run.outcome = .collapsed }
      run.progress =
        (then.map { [.init(step: 0, optimizerSteps: $0.steps, trainingScans: 1, meanDice: $0.dice)] } ?? [])
        + [.init(step: 1, optimizerSteps: run.optimizerSteps, trainingScans: 1, meanDice: 0.5)]
      return run
    }
    let text = StudyReport(record([phased(1, (40, 0.3)), phased(2, (100, 0.5)), phased(3, nil)])).text("tables.md")
    #expect(
      grid(text, "What the second phase").map { Array($0[1...5]) } == [["2", "40–100", "40.00", "50.00", "+10.00"]])
    #expect(text.contains("Without trainings that nobody looked at between the phases: POPCORN 1 of 3."))
  }

  /// What a word adds is seen wherever two recipes differ by it, a named one spelled out.
  @Test func aWordIsWorthWhatItAdds() {
    func study(_ recipes: [(String, Double)]) -> [[String]] {
      var study = record(recipes.map { run("popcorn", $0.0, dice: [$0.1, $0.1]) })
      study.recipes = ["improved": "paper+a+b=2"]
      return grid(StudyReport(study).text("tables.md"), "What each word").map { Array($0[0...2] + $0[4...6]) }
    }
    #expect(
      study([("paper", 0.1), ("paper+a", 0.3), ("paper+b=2", 0.2), ("improved", 0.5), ("improved+c+d", 0.6)]) == [
        ["a", "POPCORN", "paper", "10.00", "30.00", "+20.00"],
        ["b=2", "POPCORN", "paper", "10.00", "20.00", "+10.00"],
        ["b=2", "POPCORN", "paper+a", "30.00", "50.00", "+20.00"],
        ["a", "POPCORN", "paper+b=2", "20.00", "50.00", "+30.00"],
        ["c+d", "POPCORN", "improved", "50.00", "60.00", "+10.00"],
      ])
    // With a row between the two say nothing together, and beside the paper alone the table of recipes says it all.
    #expect(
      study([("improved", 0.5), ("improved+c", 0.4), ("improved+c+d", 0.6)]).map { $0[0] + " " + $0[2] } == [
        "c improved", "d improved+c",
      ])
    #expect(study([("paper", 0.1), ("paper+a", 0.3)]).isEmpty)
  }

  @Test func casesShowEachImage() {
    let runs = [
      run("popcorn", seed: 1, dice: [0.5, 0.25], precision: [0.9, 0.9]), run("popcorn", seed: 2, dice: [0.7, 0.25]),
      run("baseline", dice: [0.4, 0.3]),
    ]
    let rows = grid(StudyReport(record(runs)).text("tables.md"), "Dice of each test image")
    #expect(rows == [["image0", "0.50", "60.0", "40.0"], ["image1", "1.50", "25.0", "30.0"]])
  }

  /// Of older runs it is only known how often.
  @Test func whereATrainingFellIsSaid() {
    var runs = (1...3).map { run("baseline", seed: UInt64($0), dice: [0.5]) }
    runs[0].incidents = 2
    runs[0].fallenAt = [44, 297]
    runs[1].incidents = 1
    let rows = grid(StudyReport(record(runs)).text("tables.md"), "Runs")
    #expect(rows.map { $0[12] } == ["2 (at 44, 297)", "1", "0"])
  }

  @Test func commaSeparatedValuesComeBack() throws {
    let names = ["a \"quoted\" one", "x,y", "<&\">\r\nnext", "two\r\nlines", "five", "six"]
    let dice = [0.1 + 0.2, 1.0 / 3, 0.5, 0.125, 0.625, 0.875]
    var odd = run("str,ange \"q\"", "re\ncipe", seed: 18_446_744_073_709_551_615, dice: dice, names: names)
    odd.scores[1].precision = nil
    let report = StudyReport(record([odd, run("baseline", seed: odd.seed, dice: dice.map { $0 / 2 }, names: names)]))
    let cases = parsed(report.text("cases.csv"))
    #expect(cases.count == 13 && cases.allSatisfy { $0.count == 11 })
    for (line, score) in zip(cases.dropFirst(), odd.scores) {
      #expect(line[0...3] == ["str,ange \"q\"", "re\ncipe", "18446744073709551615", score.name])
      #expect(line[4] == "s-\(score.name)" && line[5].isEmpty)
      #expect(Double(line[6]) == score.dice && Double(line[7]) == score.precision)
    }
    let rows = parsed(report.text("tables.csv"))
    #expect(rows.count == 3 && rows.allSatisfy { $0.count == rows[0].count })
    // Behind the paper's tables.
    let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[2]))
    #expect(row["table"] == "recipe")
    #expect(row["strategy"] == "str,ange \"q\"" && row["recipe"] == "re\ncipe")
    #expect(row["dice"].flatMap(Double.init) == dice.reduce(0, +) / 6)
    #expect(row["precision_left_out"] == "1" && row["precision_images"] == "5")
    #expect(row["dice_sd_over_seeds"] == "" && row["baseline_recipe"] == "paper")
    // Six differences of one sign: 2 of 2^6 ways.
    #expect(row["p_baseline"] == "0.03125")
  }

  @Test func whatCameToNothingIsSaidAboveTheTables() {
    var runs = [run("popcorn", dice: [0, 0]), run("baseline", dice: [0.4, 0.5])]
    #expect(!StudyReport(record(runs)).text("tables.md").contains("came to nothing"))
    runs[0].outcome = .refused
    let text = StudyReport(record(runs)).text("tables.md")
    let line =
      "**1 of 2 trainings came to nothing (the table of runs says why), and are in the means: POPCORN (paper, seed 1).**"
    #expect(text.contains(line))
    #expect(text.prefix { $0 != "|" }.contains(line))
    #expect(StudyReport(record(runs)).text("study.html").contains("1 of 2 trainings came to nothing"))
  }

  /// Who marks one scan of many may be precise in that one.
  @Test func aMeanOverSomeImagesIsNotTheBest() {
    let runs = [
      run("popcorn", dice: [0.1, 0], precision: [1, nil]), run("attention", dice: [0.2, 0.2], precision: [0.4, 0.4]),
      run("baseline", dice: [0.3, 0.3], precision: [0.5, 0.5]),
    ]
    #expect(
      grid(StudyReport(record(runs)).text("tables.md"), "Table 2").map(\.[2]) == [
        "100.00", "<u>40.00</u>", "**50.00**",
      ])
  }

  @Test func notesSayWhatWasNotDone() {
    var runs = [
      run("popcorn", dice: [0.1, 1]), run("popcorn-half", dice: [0.1, 1]), run("baseline", dice: [0.3, 0]),
    ]
    for index in runs.indices { runs[index].scores[1].truthMl = 0 }
    runs[0].pseudoLabels = 0
    runs[0].poolLeftOut = ["u7"]
    let text = StudyReport(record(runs)).text("tables.md")
    for words in [
      "Not all 1 of the pool were labelled in this budget: POPCORN (paper), 0.",
      "nothing is marked and else 0: image1.",
      "Left out of the pool, for they could not be used: u7.",
    ] { #expect(text.contains(words), "\(words)") }
  }

  @Test func notesCountWhatWasLeftOut() {
    let text = StudyReport(
      record([run("popcorn", dice: [0.5, 0.6], precision: [nil, 0.5]), run("baseline", dice: [0.1, 0.2])])
    ).text("tables.md")
    #expect(text.contains("left out, of precision and sensitivity: POPCORN 1 and 0."))
    #expect(StudyReport(record([run("popcorn", dice: [0.5])])).text("tables.md").contains("(here none)"))
  }

  @Test func numbersRound() {
    #expect([0.005, -0.004, 12.345, 1e20, .nan].map { $0.figure(2) } == ["0.01", "0.00", "12.35", "1e+20", "–"])
    #expect(percent(0.72954) == "72.95" && percent(nil) == "–" && percent(1, decimals: 1) == "100.0")
    #expect(probability(0.00009) == "< 0.0001" && probability(0.0312) == "0.0312")
    #expect(span([3, 1, 2]) == "1–3" && span([4, 4]) == "4" && span([]) == "–")
  }
}
