import Evaluation

/// How Dice on the test images goes from step to step.
enum StepFigure {
  static let name = "dice-by-step.svg"

  /// One row's way: the mean over seeds at each step, and the lowest and highest of them, by the optimizer steps until then.
  private struct Way {
    let line: StudySeries.Line
    let steps: [(taken: Double, mean: Double, low: Double, high: Double)]

    init(_ line: StudySeries.Line) {
      self.line = line
      let ways = line.row.runs.map { run in
        run.progress.filter { $0.meanDice.isFinite }
          .sorted { ($0.optimizerSteps, $0.step) < ($1.optimizerSteps, $1.step) }
      }
      // The ends are at one place, whatever step they are in; a look that not all seeds had would be the mean of others.
      let looks = Dictionary(grouping: ways.flatMap { $0.dropLast() }, by: \.step)
        .filter { $0.value.count == ways.count }.sorted { $0.key < $1.key }.map(\.value)
      steps = (looks + [ways.compactMap(\.last)]).compactMap { seeds in
        let values = seeds.map { $0.meanDice * 100 }
        guard let taken = mean(seeds.map { Double($0.optimizerSteps) }), let middle = mean(values),
          let low = values.min(), let high = values.max()
        else { return nil }
        return (taken, middle, low, high)
      }
    }

    /// The values that are drawn: what has one step only always has its spread.
    func shown(withBand: Bool) -> [Double] {
      steps.flatMap { withBand || steps.count == 1 ? [$0.low, $0.high] : [$0.mean] }
    }
  }

  /// Of more rows the bands would hide each other.
  private static let mostBands = 6

  static func figure(_ study: StudySeries) -> Figure? {
    let ways = study.lines.map(Way.init).filter { !$0.steps.isEmpty }
    let steps = ways.flatMap { $0.steps.map(\.taken) }
    guard let first = steps.min(), let last = steps.max() else { return nil }
    let hasBands = ways.count <= mostBands
    let title = "Dice by step"
    let legend = Legend(
      ways.map { Legend.Entry(label: $0.line.label, series: $0.line.series, hasLine: true) }, width: 680)
    let plot = Plot(
      left: 64, top: 44, width: 676, height: 320,
      x: .linear("Optimizer steps; the first mark: trained on the labeled alone", steps),
      y: .linear(
        "Mean Dice of the test images, %", ways.flatMap { $0.shown(withBand: hasBands) }, limits: 0...100))
    var canvas = Canvas(width: 760, height: 424 + legend.height, title: title)
    canvas.text(title, at: Point(12, 24), size: 15, bold: true)
    plot.drawFrame(on: &canvas)
    if hasBands { for way in ways { band(way, plot, &canvas) } }
    for way in ways { line(way, plot, &canvas, spansAll: last > first) }
    legend.draw(on: &canvas, left: 64, top: 412)
    return Figure(
      name: name, title: title,
      caption: "Mean over seeds\(hasBands ? ", with a band from the lowest to the highest seed" : ""). What has one "
        + "step only is drawn on as a thin line, to compare with. No choice was made by these figures.",
      svg: canvas.svg)
  }

  private static func band(_ way: Way, _ plot: Plot, _ canvas: inout Canvas) {
    guard way.steps.count > 1, way.steps.contains(where: { $0.high > $0.low }) else { return }
    let upper = way.steps.map { plot.place($0.taken, $0.high) }
    let lower = way.steps.reversed().map { plot.place($0.taken, $0.low) }
    canvas.polygon(upper + lower, fill: .colour(way.line.series.colour), opacity: 0.14)
  }

  private static func line(_ way: Way, _ plot: Plot, _ canvas: inout Canvas, spansAll: Bool) {
    let series = way.line.series
    let points = way.steps.map { plot.place($0.taken, $0.mean) }
    if points.count > 1 {
      canvas.polyline(points, .colour(series.colour), dash: series.dash)
    } else if let only = way.steps.first, spansAll {
      let level = plot.place(plot.x.low, only.mean).y
      canvas.line(
        Point(plot.left, level), Point(plot.left + plot.width, level), .colour(series.colour), width: 1, dash: "4 4")
      let (low, high) = (plot.place(only.taken, only.low), plot.place(only.taken, only.high))
      canvas.line(low, high, .colour(series.colour), width: 2)
    }
    for point in points { canvas.mark(series, at: point, outline: .paper) }
  }
}
