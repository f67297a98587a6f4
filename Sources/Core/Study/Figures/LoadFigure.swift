/// Whether Dice depends on how much lesion there is: a panel for each row, all with the same axes.
enum LoadFigure {
  static let name = "dice-by-load.svg"

  static func figure(_ study: StudySeries) -> Figure? {
    let lines = study.lines.filter { !$0.row.cases.isEmpty }
    guard !lines.isEmpty else { return nil }
    let cases = lines.flatMap(\.row.cases)
    let loads = cases.map(\.truthMl)
    let perRow = min(lines.count, 3)
    let rows = (lines.count + perRow - 1) / perRow
    // Room for the numbers at the ends of neighbouring axes.
    let gap = 26.0
    let panelWidth = (676 - gap * Double(perRow - 1)) / Double(perRow)
    let panelHeight = lines.count == 1 ? 300.0 : 150
    let x = axis(loads, about: perRow == 3 ? 4 : 8)
    let y = Axis.linear("Dice, %", cases.map { $0.dice * 100 }, limits: 0...100, about: lines.count == 1 ? 5 : 4)
    let title = "Dice by lesion load"
    let names = lines.map { wrapped($0.label, size: 12, bold: true, to: panelWidth + gap - 8) }
    let nameHeight = 15 * Double(names.map(\.count).max() ?? 1)
    let pitch = panelHeight + 17 + nameHeight
    var canvas = Canvas(width: 760, height: 69 + nameHeight + Double(rows) * pitch, title: title)
    canvas.text(title, at: Point(12, 24), size: 15, bold: true)
    for (index, line) in lines.enumerated() {
      let (column, row) = (index % perRow, index / perRow)
      let plot = Plot(
        left: 64 + Double(column) * (panelWidth + gap), top: 49 + nameHeight + Double(row) * pitch,
        width: panelWidth, height: panelHeight, x: x, y: y)
      // The lowest panel of each column has the numbers.
      plot.drawFrame(on: &canvas, labelsX: index + perRow >= lines.count, labelsY: column == 0)
      for (number, words) in names[index].reversed().enumerated() {
        canvas.text(words, at: Point(plot.left, plot.top - 7 - 15 * Double(number)), bold: true)
      }
      if let dice = line.row.dice {
        let level = plot.place(x.low, dice * 100).y
        canvas.line(
          Point(plot.left, level), Point(plot.left + panelWidth, level), .colour(line.series.colour), width: 1.5,
          dash: "5 3")
      }
      for image in line.row.cases {
        canvas.mark(
          line.series, at: plot.place(image.truthMl, image.dice * 100), radius: 3.5, opacity: 0.75, outline: .paper)
      }
    }
    return Figure(
      name: name, title: title,
      caption: "Each point is a test image, averaged over seeds; the dashed line is the row's mean."
        + (x.isLogarithmic ? " The load's axis is logarithmic." : ""),
      svg: canvas.svg)
  }

  /// Logarithmic where the largest load is more than twenty times the smallest.
  static func axis(_ loads: [Double], about: Int) -> Axis {
    let title = "Lesion load of the truth, ml"
    if let low = loads.filter({ $0 > 0 }).min(), let high = loads.max(), high > 20 * low,
      let axis = Axis.logarithmic(title, loads)
    {
      return axis
    }
    return .linear(title, [0] + loads, about: about)
  }
}
