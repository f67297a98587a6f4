import Testing

@testable import Study

@Suite struct FigureTests {
  @Test func axesHaveRoundTicksAroundTheirValues() {
    let axis = Axis.linear("", [61.2, 78.9], limits: 0...100)
    #expect(axis.ticks.map(\.label) == ["60", "65", "70", "75", "80"])
    #expect(axis.low == 60 && axis.high == 80 && axis.share(of: 65) == 0.25)
    #expect(
      Axis.linear("", [0.12, 0.38]).ticks.map(\.label) == ["0.1", "0.2", "0.3", "0.4"])
    #expect(Axis.linear("", [99.9, 100], limits: 0...100).high == 100)
    let same = Axis.linear("", [50, 50], limits: 0...100)
    #expect(same.low < 50 && same.high > 50 && same.ticks.count > 1)
    #expect(Axis.whole("", 0, 8).ticks.map(\.label) == ["0", "1", "2", "3", "4", "5", "6", "7", "8"])
    #expect(Axis.whole("", 1, 80).ticks.map(\.label) == ["10", "20", "30", "40", "50", "60", "70", "80"])
  }

  @Test(arguments: 0..<200) func anyValuesLieOnTheirAxis(seed: Int) {
    var chance = Dice(UInt64(seed))
    let size = [1e-6, 1e-3, 1, 100, 1e7][seed % 5]
    let values = (0..<4).map { _ in (chance.roll() - 0.3) * size }
    let axis = Axis.linear("", values)
    #expect(values.allSatisfy { $0 >= axis.low - 1e-9 * size && $0 <= axis.high + 1e-9 * size })
    #expect((2...8).contains(axis.ticks.count), "\(axis)")
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count)
    #expect(axis.ticks.first?.value == axis.low && axis.ticks.last?.value == axis.high)
  }

  @Test func loadsOfManySizesHaveALogarithmicAxis() throws {
    #expect(!LoadFigure.axis([2, 3, 30], about: 5).isLogarithmic)
    let axis = LoadFigure.axis([0.3, 3, 45], about: 5)
    #expect(axis.isLogarithmic)
    #expect(axis.ticks.map(\.label) == ["0.2", "0.5", "1", "2", "5", "10", "20", "50"])
    #expect(abs(axis.share(of: 10.0.squareRoot()) - 0.5) < 1e-9)
    let withNone = LoadFigure.axis([0, 0.3, 45], about: 5)
    #expect(withNone.ticks.first?.label == "0" && withNone.share(of: 0) == 0 && withNone.share(of: 0.2) > 0.1)
  }

  /// Over all steps, by rank within each, whatever the record's order.
  @Test func ordersGoThroughAllSteps() throws {
    var taken = run("popcorn", dice: [0.5])
    taken.selections = [(2, 1, 0.3), (1, 2, 0.8), (1, 1, 0.9), (2, 2, nil), (3, 1, 0.1)].map {
      .init(name: "\($0)", step: $0.0, rank: $0.1, proximity: nil, dice: $0.2)
    }
    let lines = StudySeries(StudyTables(record([taken]))).lines
    let order = PseudoLabelFigure.Order(try #require(lines.first))
    #expect(
      order.points.sorted { $0.place < $1.place }.map { [Double($0.place), $0.dice] } == [
        [1, 90], [2, 80], [3, 30], [5, 10],
      ])
    let means = order.runningMean(reach: 1)
    #expect(means.map(\.place) == [1, 2, 3, 5])
    for (value, truth) in zip(means.map(\.dice), [85, 200.0 / 3, 55, 10]) { #expect(abs(value - truth) < 1e-9) }
  }

  /// A figure has a mark for each thing it shows: all of one shape here, beside those of the legend.
  @Test func eachThingHasItsMark() throws {
    let runs = [run("popcorn", seed: 1, dice: [0.5, 0.6, 0.9]), run("popcorn", seed: 2, dice: [0.5, 0.7, 0.8])]
    let report = StudyReport(record(runs))
    #expect(try XMLText(report.text("dice-by-case.svg")).elements["circle"] == 3)
    #expect(try XMLText(report.text("dice-by-load.svg")).elements["circle"] == 3)
    let whole = StudyReport(SampleStudy(strategies: [("popcorn", "paper")], seeds: [1], images: 9, pool: 40).record)
    let step = try XMLText(whole.text("dice-by-step.svg"))
    #expect(step.elements["circle"] == 9 + 1 && step.elements["polyline"] == 1)
    // Two panels of 12 + 40 + 9 scans: circles are of the pool.
    let latents = try XMLText(whole.text("latent-map.svg"))
    #expect(latents.elements["circle"] == 2 * 40 + 1)
    // The 12 labeled and 9 test scans; in legends steps 0 to 4, what was not taken, three sites, and two parts.
    #expect(latents.elements["polygon"] == 2 * (12 + 9) + 6 + 3 + 2)
    #expect(try XMLText(whole.text("pseudo-label-dice.svg")).elements["circle"] == 40 + 1)
  }

  /// Where a known value is drawn, in pixels: the axis is 40 to 60, so 50 is in its middle.
  @Test func valuesAreDrawnWhereTheyAre() throws {
    let figure = try #require(CaseFigure.figure(StudySeries(StudyTables(record([run("a", dice: [0.4, 0.5, 0.6])])))))
    let xml = try XMLText(figure.svg)
    let places = try #require(xml.attributes["circle.cx"]).compactMap(Double.init)
    #expect(places.count == 3 && places == places.sorted())
    #expect(places[2] == 700 && abs(places[1] - (places[0] + places[2]) / 2) < 0.02)
  }

  /// Loads of 0.5, 1.5 and 2.5 ml on an axis from 0 to 2.5, 676 pixels from 64.
  @Test func loadsAreDrawnWhereTheyAre() throws {
    let report = StudyReport(record([run("a", dice: [0.4, 0.5, 0.6])]))
    let xml = try XMLText(report.text("dice-by-load.svg"))
    #expect(try #require(xml.attributes["circle.cx"]) == ["199.2", "469.6", "740"].map(padded))
  }

  /// Seeds' means of 40, 60 and 50 percent after 100, 200 and 300 optimizer steps, whatever the order they are in: the axis is
  /// 40 to 60, and 320 pixels high.
  @Test func stepsAreDrawnInOrder() throws {
    var (first, second) = (run("a", seed: 1, dice: [0.5]), run("a", seed: 2, dice: [0.5]))
    let progress = { (step: Int, dice: Double) in
      StudyRun.Progress(step: step, optimizerSteps: 100 * (step + 1), trainingScans: 1, meanDice: dice)
    }
    first.progress = [progress(2, 0.5), progress(0, 0.4), progress(1, 0.6)]
    second.progress = [progress(1, 0.6), progress(2, 0.5), progress(0, 0.4)]
    let xml = try XMLText(StudyReport(record([first, second])).text("dice-by-step.svg"))
    #expect(xml.attributes["polyline.points"] == ["64,364 402,44 740,204"])
    // Seeds agree: there is no band. Where they do not, it goes to both.
    #expect(xml.elements["polygon"] == nil)
    second.progress[0].meanDice = 0.5
    let spread = try XMLText(StudyReport(record([first, second])).text("dice-by-step.svg"))
    #expect(spread.attributes["polygon.points"] == ["64,364 402,44 740,204 740,204 402,204 64,364"])
    #expect(spread.attributes["polyline.points"] == ["64,364 402,124 740,204"])
  }

  /// As the canvas writes numbers: two decimals, or none.
  private func padded(_ number: String) -> String { number.contains(".") ? number + "0" : number }

  @Test func longNamesAreCut() {
    let name = String(repeating: "long name ", count: 30)
    #expect(textWidth(cut(name, size: 12, to: 200), size: 12) <= 200)
    #expect(cut("short", size: 12, to: 200) == "short")
  }

  @Test func longNamesOfPanelsGoOnBelow() {
    let fit = { (words: String) in wrapped(words, size: 12, bold: true, to: 200) }
    #expect(fit("Baseline") == ["Baseline"])
    #expect(fit("Uncertainty-guided pseudo-labels [19]") == ["Uncertainty-guided", "pseudo-labels [19]"])
    #expect(fit(String(repeating: "x", count: 99)).count == 1)
    let lines = fit(String(repeating: "long name ", count: 30))
    #expect(lines.count == 2 && lines.allSatisfy { textWidth($0, size: 12, bold: true) <= 200 })
    #expect(lines[1].hasSuffix("…"))
  }

  /// Of many rows they would hide the lines.
  @Test(arguments: [(6, 6), (7, 0)]) func bandsAreOfFewRows(_ rows: Int, _ bands: Int) throws {
    let runs = (0..<rows).flatMap { row in
      [1, 2].map { seed in
        var made = run("strategy-\(row)", seed: UInt64(seed), dice: [0.5])
        made.progress = (0..<2).map {
          .init(step: $0, optimizerSteps: 100 * ($0 + 1), trainingScans: 1, meanDice: 0.1 * Double(seed + $0))
        }
        return made
      }
    }
    let svg = StudyReport(record(runs)).text("dice-by-step.svg")
    #expect(svg.ranges(of: "fill-opacity=\"0.14\"").count == bands)
  }

  @Test func fortyRowsLookDifferent() {
    let looks = (0..<42).map { index in
      let series = Series(index)
      return "\(series.colour) \(series.mark)"
    }
    #expect(Set(looks).count == 42)
    #expect([0, 0.5, 1].map(Series.scale) == ["#414487", "#21918c", "#7ad151"])
  }
}
