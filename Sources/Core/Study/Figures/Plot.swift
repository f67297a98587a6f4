/// A frame with two axes on a canvas: where a value is, and what stands around it.
struct Plot {
  /// Upper left corner and size, without the numbers beside the axes.
  let left, top, width, height: Double
  let x, y: Axis

  func place(_ x: Double, _ y: Double) -> Point {
    Point(left + self.x.share(of: x) * width, top + (1 - self.y.share(of: y)) * height)
  }

  /// Lines to read by, ticks, numbers, titles. `labelsX` and `labelsY`: whether numbers and title stand there, which in rows of
  /// plots with shared axes they do at the rim alone.
  func drawFrame(on canvas: inout Canvas, labelsX: Bool = true, labelsY: Bool = true) {
    for tick in y.ticks {
      let at = place(x.low, tick.value).y
      canvas.line(Point(left, at), Point(left + width, at), .grid)
      if labelsY { canvas.text(tick.label, at: Point(left - 8, at + 4), size: 11, .faint, anchor: .end) }
    }
    for tick in x.ticks {
      let at = left + x.share(of: tick.value) * width
      canvas.line(Point(at, top), Point(at, top + height), .grid)
      canvas.line(Point(at, top + height), Point(at, top + height + 4), .axis)
    }
    canvas.line(Point(left, top + height), Point(left + width, top + height), .axis)
    canvas.line(Point(left, top), Point(left, top + height), .axis)
    if labelsX {
      var end = -Double.infinity
      for tick in x.ticks {
        let at = left + x.share(of: tick.value) * width
        let half = textWidth(tick.label, size: 11) / 2
        // A number that would touch the one before it is left to the tick.
        guard at - half > end + 3 else { continue }
        canvas.text(tick.label, at: Point(at, top + height + 17), size: 11, .faint, anchor: .middle)
        end = at + half
      }
      canvas.text(x.title, at: Point(left + width / 2, top + height + 35), .ink, anchor: .middle)
    }
    if labelsY {
      let widest = y.ticks.map { textWidth($0.label, size: 11) }.max() ?? 0
      canvas.text(
        y.title, at: Point(left - 16 - widest, top + height / 2), .ink, anchor: .middle, turned: true)
    }
  }
}

/// What colours and marks mean, in columns below a plot.
struct Legend {
  /// A thing and its name.
  struct Entry {
    let label: String
    let series: Series
    var hasLine = false
    var isHollow = false
  }

  private let entries: [Entry]
  private let width: Double
  private let columns: Int
  private let columnWidth: Double
  private static let lineHeight = 20.0

  /// Fits the entries into a width.
  init(_ entries: [Entry], width: Double) {
    self.entries = entries
    self.width = width
    let widest = entries.map { textWidth($0.label, size: 12) }.max() ?? 0
    columnWidth = min(widest + 46, max(width, 1))
    columns = max(Int(width / columnWidth), 1)
  }

  var height: Double { Double((entries.count + columns - 1) / columns) * Self.lineHeight }

  func draw(on canvas: inout Canvas, left: Double, top: Double) {
    for (index, entry) in entries.enumerated() {
      let x = left + Double(index % columns) * columnWidth
      let y = top + Double(index / columns) * Self.lineHeight + 10
      if entry.hasLine {
        canvas.line(Point(x, y), Point(x + 26, y), .colour(entry.series.colour), width: 2, dash: entry.series.dash)
      }
      canvas.mark(entry.series, at: Point(x + 13, y), isHollow: entry.isHollow)
      canvas.text(cut(entry.label, size: 12, to: columnWidth - 40), at: Point(x + 33, y + 4))
    }
  }
}
