/// Where scans lie in latent space: when they were taken, and which site they are from.
enum LatentFigure {
  static let name = "latent-map.svg"

  /// A point of a panel: where, its part, and its look.
  private struct Dot {
    let point: StudyRun.LatentPoint
    let colour: String
    var isHollow = false
  }

  private static let neutral = "#8a8f98"
  /// Marks of the parts; what is none of them is a plus.
  private static let parts: [(part: String, mark: Series.Mark)] = [
    ("labeled", .diamond), ("unlabeled", .circle), ("test", .triangle),
  ]

  /// Of the first run of `popcorn` that has latents or, where none has, of the first that has.
  static func figure(_ record: StudyRecord) -> Figure? {
    let runs = record.runs.filter { run in run.latents.contains { $0.x.isFinite && $0.y.isFinite } }
    guard let run = runs.first(where: { $0.strategy == "popcorn" }) ?? runs.first else { return nil }
    let points = run.latents.filter { $0.x.isFinite && $0.y.isFinite }
    let steps = byStep(points)
    let sites = bySite(points, record.cohort)
    let marks = Legend(markEntries(points), width: 700)
    let (left, right) = (Legend(steps.legend, width: 330), Legend(sites.legend, width: 330))
    let side = 312.0
    let legends = max(left.height, right.height)
    let title = "Latent space"
    var canvas = Canvas(width: 760, height: 64 + side + 46 + legends + 12 + marks.height + 8, title: title)
    canvas.text(title, at: Point(12, 24), size: 15, bold: true)
    let (x, y) = axes(points)
    for (panel, offset, legend, heading) in [
      (steps, 56.0, left, "Coloured by the step that took it"), (sites, 436.0, right, "Coloured by site"),
    ] {
      let plot = Plot(left: offset, top: 64, width: side, height: side, x: x, y: y)
      canvas.text(heading, at: Point(offset, 56), bold: true)
      plot.drawFrame(on: &canvas, labelsY: offset < 100)
      // What was taken lies above what was not.
      for dot in panel.dots.filter(\.isHollow) + panel.dots.filter({ !$0.isHollow }) {
        canvas.mark(
          Series(colour: dot.colour, mark: mark(of: dot.point.part)), at: plot.place(dot.point.x, dot.point.y),
          radius: 4, isHollow: dot.isHollow, outline: .ink)
      }
      legend.draw(on: &canvas, left: offset, top: 64 + side + 44)
    }
    marks.draw(on: &canvas, left: 56, top: 64 + side + 44 + legends + 10)
    return Figure(
      name: name, title: title,
      caption: "Scans by the two main axes of their latents under the final weights of \(run.strategy) (recipe "
        + "\(run.recipe), seed \(run.seed)); both axes have one scale.",
      svg: canvas.svg)
  }

  private static func mark(of part: String) -> Series.Mark { parts.first { $0.part == part }?.mark ?? .plus }

  private static func markEntries(_ points: [StudyRun.LatentPoint]) -> [Legend.Entry] {
    let known = parts.map(\.part).filter { part in points.contains { $0.part == part } }
    let others = points.map(\.part).withoutRepeats.filter { part in !parts.contains { $0.part == part } }
    return (known + others).map { Legend.Entry(label: $0, series: Series(colour: neutral, mark: mark(of: $0))) }
  }

  private static func byStep(_ points: [StudyRun.LatentPoint]) -> (dots: [Dot], legend: [Legend.Entry]) {
    let last = points.compactMap(\.step).max() ?? 0
    let colour = { (step: Int) in Series.scale(last > 0 ? Double(step) / Double(last) : 0) }
    let dots = points.map { point in
      Dot(point: point, colour: point.step.map(colour) ?? neutral, isHollow: point.step == nil)
    }
    // As many steps as can be told apart, at round numbers.
    let shown = Axis.whole("", 0, last, about: 6).ticks.map { Int($0.value) }.filter { (0...last).contains($0) }
    var legend = shown.filter { step in last > 6 || points.contains { $0.step == step } }.map { step in
      Legend.Entry(
        label: step == 0 ? "step 0 (labeled)" : "step \(step)", series: Series(colour: colour(step), mark: .square))
    }
    if dots.contains(where: \.isHollow) {
      legend.append(Legend.Entry(label: "not taken", series: Series(colour: neutral, mark: .square), isHollow: true))
    }
    return (dots, legend)
  }

  private static func bySite(
    _ points: [StudyRun.LatentPoint], _ cohort: StudyCohort
  ) -> (dots: [Dot], legend: [Legend.Entry]) {
    let siteOf = Dictionary(cohort.scans.map { ($0.name, $0.site) }) { first, _ in first }
    let sites = points.compactMap { siteOf[$0.name] ?? nil }.withoutRepeats.sorted()
    // The last colour is for what has no site; a second round is hollow, and what is beyond has one look.
    let colours = Series.colours.filter { $0 != neutral }
    func look(_ site: String?) -> (colour: String, isHollow: Bool) {
      guard let site, let index = sites.firstIndex(of: site), index < 2 * colours.count else { return (neutral, false) }
      return (colours[index % colours.count], index >= colours.count)
    }
    let dots = points.map { point in
      let look = look(siteOf[point.name] ?? nil)
      return Dot(point: point, colour: look.colour, isHollow: look.isHollow)
    }
    var legend = sites.prefix(2 * colours.count).map { site in
      let look = look(site)
      return Legend.Entry(label: site, series: Series(colour: look.colour, mark: .square), isHollow: look.isHollow)
    }
    let rest = sites.count - legend.count
    let hasUnknown = points.contains { (siteOf[$0.name] ?? nil) == nil }
    let words = [rest > 0 ? counted(rest, "other site", "other sites") : nil, hasUnknown ? "site unknown" : nil]
    let gray = words.compactMap { $0 }
    if !gray.isEmpty {
      legend.append(
        Legend.Entry(label: gray.joined(separator: ", "), series: Series(colour: neutral, mark: .square)))
    }
    return (dots, legend)
  }

  /// Both axes with as many units, so that distances are what they look like.
  private static func axes(_ points: [StudyRun.LatentPoint]) -> (Axis, Axis) {
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    let bounds = [xs, ys].map { values in (values.min() ?? 0, values.max() ?? 0) }
    let span = max((bounds.map { $0.1 - $0.0 }.max() ?? 0) * 1.08, 1e-6)
    let axes = zip(bounds, ["First main axis", "Second main axis"]).map { bound, title in
      let middle = (bound.0 + bound.1) / 2
      let (low, high) = (middle - span / 2, middle + span / 2)
      let step = RoundStep(atLeast: span / 5)
      let inside = step.index(of: low, .up)...max(step.index(of: high, .down), step.index(of: low, .up))
      return Axis(
        title: title, low: low, high: high,
        ticks: inside.map { Axis.Tick(value: step.value($0), label: step.label($0)) }, isLogarithmic: false)
    }
    return (axes[0], axes[1])
  }
}
