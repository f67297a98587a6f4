/// Each test image's Dice, row by row, and the mean.
enum CaseFigure {
  static let name = "dice-by-case.svg"

  static func figure(_ study: StudySeries) -> Figure? {
    let lines = study.lines.filter { !$0.row.cases.isEmpty }
    guard !lines.isEmpty else { return nil }
    let widest = lines.map { textWidth($0.label, size: 12) }.max() ?? 0
    let left = min(max(widest, 60), 250) + 20
    let pitch = 36.0
    let title = "Dice of each test image"
    let plot = Plot(
      left: left, top: 44, width: 700 - left, height: Double(lines.count) * pitch,
      x: .linear("Dice, %", lines.flatMap { $0.row.cases.map { $0.dice * 100 } }, limits: 0...100, about: 8),
      y: Axis(title: "", low: 0, high: Double(lines.count), ticks: [], isLogarithmic: false))
    var canvas = Canvas(width: 760, height: plot.top + plot.height + 48, title: title)
    canvas.text(title, at: Point(12, 24), size: 15, bold: true)
    canvas.text("mean", at: Point(748, plot.top - 6), size: 11, .faint, anchor: .end)
    plot.drawFrame(on: &canvas, labelsY: false)
    for (index, line) in lines.enumerated() {
      let middle = plot.top + (Double(index) + 0.5) * pitch
      canvas.text(cut(line.label, size: 12, to: left - 20), at: Point(left - 10, middle + 4), anchor: .end)
      for (number, image) in line.row.cases.enumerated() {
        let x = plot.place(image.dice * 100, 0).x
        canvas.mark(line.series, at: Point(x, middle + sway(number) * 10), radius: 3.2, opacity: 0.6)
      }
      guard let dice = line.row.dice else { continue }
      let x = plot.place(dice * 100, 0).x
      canvas.line(Point(x, middle - 15), Point(x, middle + 15), .paper, width: 4)
      canvas.line(Point(x, middle - 15), Point(x, middle + 15), .ink, width: 2.5)
      canvas.text(percent(dice), at: Point(748, middle + 4), anchor: .end)
    }
    return Figure(
      name: name, title: title,
      caption: "Each mark is a test image, averaged over seeds, at the same height in each row; the bar is the mean.",
      svg: canvas.svg)
  }

  /// -1…1, spread evenly and the same for the same image: so marks do not hide each other.
  private static func sway(_ number: Int) -> Double {
    let turns = Double(number) * 0.618_033_988_749_895
    return (turns - turns.rounded(.down)) * 2 - 1
  }
}
