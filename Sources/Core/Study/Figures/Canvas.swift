/// A picture as SVG text: a few shapes, colours that are read on white and on black, and every text escaped.
struct Canvas {
  /// What a shape is drawn with. Tones of the page turn with the reader's light or dark; others stay.
  enum Paint: Equatable {
    /// Text and marks.
    case ink
    /// Lesser text.
    case faint
    /// Axes.
    case axis
    /// Lines to read by.
    case grid
    /// The page.
    case paper
    /// A colour of its own.
    case colour(String)

    fileprivate func attributes(_ property: String) -> String {
      switch self {
      case .ink: "\(property)=\"#1f2328\" class=\"fig-ink-\(property)\""
      case .faint: "\(property)=\"#57606a\" class=\"fig-faint-\(property)\""
      case .axis: "\(property)=\"#8c959f\" class=\"fig-axis-\(property)\""
      case .grid: "\(property)=\"#e3e7eb\" class=\"fig-grid-\(property)\""
      case .paper: "\(property)=\"#ffffff\" class=\"fig-paper-\(property)\""
      case .colour(let name): "\(property)=\"\(name)\""
      }
    }
  }

  /// Where a text's anchor is.
  enum Anchor: String { case start, middle, end }

  /// Size in user units, which are pixels where nothing scales.
  let width, height: Double
  private let title: String
  private var shapes: [String] = []

  init(width: Double, height: Double, title: String) {
    (self.width, self.height, self.title) = (width, height, title)
  }

  mutating func line(_ from: Point, _ to: Point, _ paint: Paint, width: Double = 1, dash: String? = nil) {
    shapes.append(
      "<line x1=\"\(place(from.x))\" y1=\"\(place(from.y))\" x2=\"\(place(to.x))\" y2=\"\(place(to.y))\" "
        + "\(paint.attributes("stroke")) stroke-width=\"\(place(width))\"\(dashes(dash))/>")
  }

  mutating func polyline(_ points: [Point], _ paint: Paint, width: Double = 2, dash: String? = nil) {
    shapes.append(
      "<polyline points=\"\(places(points))\" fill=\"none\" \(paint.attributes("stroke")) "
        + "stroke-width=\"\(place(width))\" stroke-linejoin=\"round\"\(dashes(dash))/>")
  }

  mutating func polygon(
    _ points: [Point], fill: Paint?, opacity: Double = 1, stroke: Paint? = nil, strokeWidth: Double = 1
  ) {
    let outline = stroke.map { " \($0.attributes("stroke")) stroke-width=\"\(place(strokeWidth))\"" } ?? ""
    shapes.append("<polygon points=\"\(places(points))\"\(filling(fill, opacity))\(outline)/>")
  }

  mutating func circle(
    _ centre: Point, radius: Double, fill: Paint?, opacity: Double = 1, stroke: Paint? = nil, strokeWidth: Double = 1
  ) {
    let outline = stroke.map { " \($0.attributes("stroke")) stroke-width=\"\(place(strokeWidth))\"" } ?? ""
    shapes.append(
      "<circle cx=\"\(place(centre.x))\" cy=\"\(place(centre.y))\" r=\"\(place(radius))\"\(filling(fill, opacity))"
        + "\(outline)/>")
  }

  /// `turned`: reads upwards.
  mutating func text(
    _ words: String, at point: Point, size: Double = 12, _ paint: Paint = .ink, anchor: Anchor = .start,
    bold: Bool = false, turned: Bool = false
  ) {
    let turn = turned ? " transform=\"rotate(-90 \(place(point.x)) \(place(point.y)))\"" : ""
    shapes.append(
      "<text x=\"\(place(point.x))\" y=\"\(place(point.y))\" font-size=\"\(place(size))\" text-anchor=\"\(anchor.rawValue)\""
        + "\(bold ? " font-weight=\"bold\"" : "") \(paint.attributes("fill"))\(turn)>\(Escaping.xml(words))</text>")
  }

  /// The whole picture, to stand alone or in a page of HTML.
  var svg: String {
    let (width, height) = (place(width), place(height))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      font-family="system-ui, sans-serif" role="img" aria-label="\(Escaping.xml(title))">
      <title>\(Escaping.xml(title))</title>
      <style>\(Self.darkTones)</style>
      <rect width="\(width)" height="\(height)" \(Paint.paper.attributes("fill"))/>
      \(shapes.joined(separator: "\n"))
      </svg>

      """
  }

  /// On screens alone: paper is white.
  private static let darkTones: String = {
    let tones = [
      ("ink", "#e6edf3"), ("faint", "#9aa4ae"), ("axis", "#6e7681"), ("grid", "#2b3138"), ("paper", "#12161b"),
    ]
    let rules = tones.map { ".fig-\($0)-fill{fill:\($1)}.fig-\($0)-stroke{stroke:\($1)}" }
    return "@media screen and (prefers-color-scheme: dark){\(rules.joined())}"
  }()

  private func place(_ value: Double) -> String {
    let text = value.figure(2)
    // Whole numbers are the most of them.
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }

  private func places(_ points: [Point]) -> String {
    points.map { "\(place($0.x)),\(place($0.y))" }.joined(separator: " ")
  }

  private func dashes(_ dash: String?) -> String { dash.map { " stroke-dasharray=\"\($0)\"" } ?? "" }

  private func filling(_ fill: Paint?, _ opacity: Double) -> String {
    guard let fill else { return " fill=\"none\"" }
    return " \(fill.attributes("fill"))" + (opacity < 1 ? " fill-opacity=\"\(place(opacity))\"" : "")
  }
}

/// A place on a canvas, from its upper left corner.
struct Point: Equatable {
  var x, y: Double

  init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// The width of a text in pixels, guessed on the wide side: no font is at hand to ask.
func textWidth(_ words: String, size: Double, bold: Bool = false) -> Double {
  words.unicodeScalars.reduce(0) { width, scalar in
    let share: Double =
      switch scalar {
      case _ where scalar.value >= 0x1100: 1.05
      case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ", "-": 0.38
      case "m", "w", "M", "W", "%", "@", "–": 0.92
      case "A"..."Z": 0.72
      default: 0.6
      }
    return width + share * size * (bold ? 1.12 : 1)
  }
}

/// The text, cut with an ellipsis where it is wider than that.
func cut(_ words: String, size: Double, bold: Bool = false, to width: Double) -> String {
  guard textWidth(words, size: size, bold: bold) > width else { return words }
  var kept = words
  while !kept.isEmpty, textWidth(kept + "…", size: size, bold: bold) > width { kept.removeLast() }
  return kept + "…"
}

/// The text in one line or, where it is wider than that, in two at a space, the second cut.
func wrapped(_ words: String, size: Double, bold: Bool = false, to width: Double) -> [String] {
  guard textWidth(words, size: size, bold: bold) > width else { return [words] }
  let first = words.indices.last {
    words[$0] == " " && textWidth(String(words[..<$0]), size: size, bold: bold) <= width
  }
  guard let first else { return [cut(words, size: size, bold: bold, to: width)] }
  let rest = String(words[words.index(after: first)...])
  return [String(words[..<first]), cut(rest, size: size, bold: bold, to: width)]
}
