/// Figures in the Prometheus text format 0.0.4, as a node exporter's textfile collector takes it: families one after the
/// other, no timestamps, a newline at the end. Every sample has the label `study`.
struct MetricsText {
  /// What a family's figures are.
  enum Kind: String {
    case counter, gauge, histogram, summary
  }

  /// A figure with its labels, under the family's name and a suffix such as `_sum`.
  struct Sample {
    var suffix = ""
    var labels: [(name: String, value: String)] = []
    var value: Double

    init(_ value: Double, _ labels: (name: String, value: String)..., suffix: String = "") {
      self.value = value
      self.labels = labels
      self.suffix = suffix
    }
  }

  private(set) var document = ""
  private let study: String

  init(study: String) { self.study = study }

  /// Adds a family; one without samples is left out.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    document += "# HELP popcornd_\(name) \(help)\n# TYPE popcornd_\(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = ([("study", study)] + sample.labels).map { "\($0.0)=\"\(MetricsText.escape($0.1))\"" }
      document +=
        "popcornd_\(name)\(sample.suffix){\(labels.joined(separator: ","))} \(MetricsText.write(sample.value))\n"
    }
  }

  /// Adds a family of one figure; left out where it is not known.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    add(name, kind, help, value.map { [Sample($0)] } ?? [])
  }

  /// The family of a distribution.
  mutating func add(_ name: String, _ help: String, _ spread: Spread) {
    var samples = zip(Spread.bounds, spread.cumulated).map { bound, count in
      Sample(Double(count), ("le", MetricsText.write(bound)), suffix: "_bucket")
    }
    samples.append(Sample(Double(spread.count), ("le", "+Inf"), suffix: "_bucket"))
    samples += [Sample(spread.sum, suffix: "_sum"), Sample(Double(spread.count), suffix: "_count")]
    add(name, .histogram, help, samples)
  }

  /// Values seen, by size.
  struct Spread: Sendable {
    static let bounds: [Double] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500]
    private var counts = [Int](repeating: 0, count: bounds.count)
    private(set) var count = 0
    private(set) var sum = 0.0

    /// How many were at most each of the bounds.
    var cumulated: [Int] { counts }

    mutating func see(_ value: Double) {
      for (place, bound) in Spread.bounds.enumerated() where value <= bound { counts[place] += 1 }
      count += 1
      sum += value
    }
  }

  private static func write(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

  private static func escape(_ text: String) -> String {
    text.map { character in
      switch character {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: String(character)
      }
    }.joined()
  }
}
