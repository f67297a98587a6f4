import Evaluation

/// Whether what is taken early has the better pseudo-label: by proximity, and in random order.
enum PseudoLabelFigure {
  static let name = "pseudo-label-dice.svg"

  /// The orders to compare.
  static let strategies = ["popcorn", "popcorn-no-graph"]

  /// Dice of pseudo-labels at a place of the order, from 1, of all seeds.
  struct Order {
    let line: StudySeries.Line
    let points: [(place: Int, dice: Double)]

    init(_ line: StudySeries.Line) {
      self.line = line
      points = line.row.runs.flatMap { run in
        let order = run.selections.sorted { ($0.step, $0.rank) < ($1.step, $1.rank) }
        return order.enumerated().compactMap { index, taken in
          taken.dice?.finite.map { (index + 1, $0 * 100) }
        }
      }
    }

    /// The mean of what lies within `reach` places to either side, all seeds together, at each place that has a point.
    func runningMean(reach: Int) -> [(place: Int, dice: Double)] {
      points.map(\.place).withoutRepeats.sorted().compactMap { place in
        mean(points.filter { abs($0.place - place) <= reach }.map(\.dice)).map { (place, $0) }
      }
    }
  }

  static func figure(_ study: StudySeries) -> Figure? {
    let orders = study.lines.filter { strategies.contains($0.row.key.strategy) }.map(Order.init)
      .filter { !$0.points.isEmpty }
    let places = orders.flatMap { $0.points.map(\.place) }
    guard let last = places.max() else { return nil }
    // A twentieth of the order to either side.
    let reach = max(last / 20, 2)
    let title = "Dice of pseudo-labels by the order in which scans were taken"
    let legend = Legend(
      orders.map { Legend.Entry(label: $0.line.label, series: $0.line.series, hasLine: true) }, width: 680)
    let plot = Plot(
      left: 64, top: 44, width: 676, height: 320, x: .whole("Place in the order, over all steps", 1, last),
      y: .linear("Dice of the pseudo-label, %", orders.flatMap { $0.points.map(\.dice) }, limits: 0...100))
    var canvas = Canvas(width: 760, height: 424 + legend.height, title: title)
    canvas.text(title, at: Point(12, 24), size: 15, bold: true)
    plot.drawFrame(on: &canvas)
    for order in orders {
      for point in order.points {
        canvas.mark(order.line.series, at: plot.place(Double(point.place), point.dice), radius: 2.5, opacity: 0.35)
      }
    }
    for order in orders {
      let means = order.runningMean(reach: reach).map { plot.place(Double($0.place), $0.dice) }
      // A rim of paper, so that lines are seen among their points.
      canvas.polyline(means, .paper, width: 5)
      canvas.polyline(means, .colour(order.line.series.colour), width: 2.5, dash: order.line.series.dash)
    }
    legend.draw(on: &canvas, left: 64, top: 412)
    return Figure(
      name: name, title: title,
      caption: "Each point is a scan of the pool under one seed, against its truth; lines are means over "
        + "\(reach) places to either side, all seeds together. The truth was not seen in training.",
      svg: canvas.svg)
  }
}
