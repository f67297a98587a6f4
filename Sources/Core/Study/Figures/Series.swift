/// How the things of a figure are told apart: colour, and a mark or dash beside it for those who do not see it.
struct Series {
  /// A mark's shape.
  enum Mark: CaseIterable {
    case circle, square, triangle, diamond, triangleDown, plus
  }

  let colour: String
  let mark: Mark
  let dash: String?

  /// Told apart by anyone (Okabe and Ito, Color Universal Design 2008), without black and yellow, which vanish on dark
  /// and on light pages, and with their blue a little lighter.
  static let colours = ["#1f7fc4", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8f98"]
  private static let dashes: [String?] = [nil, "7 4", "2 3", "9 3 2 3"]

  /// The n-th thing, from 0. Seven colours and six marks: 42 differ in one or the other.
  init(_ index: Int) {
    let marks = Mark.allCases
    colour = Self.colours[index % Self.colours.count]
    mark = marks[index % marks.count]
    dash = Self.dashes[index / Self.colours.count % Self.dashes.count]
  }

  init(colour: String, mark: Mark) { (self.colour, self.mark, dash) = (colour, mark, nil) }

  /// A share of 0…1 as a colour that grows lighter: viridis (van der Walt and Smith 2015) without its ends, which vanish
  /// on dark and on light pages.
  static func scale(_ share: Double) -> String {
    let stops: [SIMD3<Double>] = [
      [65, 68, 135], [49, 104, 142], [33, 145, 140], [53, 183, 121], [122, 209, 81],
    ]
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    let colour = stops[low] + (place - Double(low)) * (stops[low + 1] - stops[low])
    return (0..<3).reduce("#") { text, channel in
      let digits = String(Int(colour[channel].rounded()), radix: 16)
      return text + (digits.count < 2 ? "0" : "") + digits
    }
  }
}

extension Canvas {
  /// A series' mark. `isHollow`: its outline alone.
  mutating func mark(
    _ series: Series, at point: Point, radius: Double = 4, opacity: Double = 1, isHollow: Bool = false,
    outline: Paint? = nil
  ) {
    let paint = Paint.colour(series.colour)
    let fill: Paint? = isHollow ? nil : paint
    let stroke: Paint? = isHollow ? paint : outline
    let strokeWidth = isHollow ? 1.6 : 0.7
    let (x, y, r) = (point.x, point.y, radius)
    func shape(_ corners: [Point]) {
      polygon(corners, fill: fill, opacity: opacity, stroke: stroke, strokeWidth: strokeWidth)
    }
    switch series.mark {
    case .circle: circle(point, radius: r, fill: fill, opacity: opacity, stroke: stroke, strokeWidth: strokeWidth)
    case .square:
      let h = r * 0.88
      shape([Point(x - h, y - h), Point(x + h, y - h), Point(x + h, y + h), Point(x - h, y + h)])
    case .triangle:
      shape([Point(x, y - r * 1.2), Point(x + r * 1.1, y + r * 0.8), Point(x - r * 1.1, y + r * 0.8)])
    case .triangleDown:
      shape([Point(x, y + r * 1.2), Point(x + r * 1.1, y - r * 0.8), Point(x - r * 1.1, y - r * 0.8)])
    case .diamond:
      let h = r * 1.25
      shape([Point(x, y - h), Point(x + h, y), Point(x, y + h), Point(x - h, y)])
    case .plus:
      let (a, b) = (r * 1.2, r * 0.42)
      shape([
        Point(x - b, y - a), Point(x + b, y - a), Point(x + b, y - b), Point(x + a, y - b), Point(x + a, y + b),
        Point(x + b, y + b), Point(x + b, y + a), Point(x - b, y + a), Point(x - b, y + b), Point(x - a, y + b),
        Point(x - a, y - b), Point(x - b, y - b),
      ])
    }
  }
}
