import Glibc

/// An axis with its ticks at round numbers.
struct Axis {
  /// Where a number stands beside the axis.
  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  /// What it measures, and in what.
  let title: String
  let low, high: Double
  let ticks: [Tick]
  let isLogarithmic: Bool

  /// How far along the axis a value is, 0…1; what lies outside is put at the end.
  func share(of value: Double) -> Double {
    let at: Double
    if isLogarithmic {
      guard value > 0 else { return 0 }
      at = log(value / low) / log(high / low)
    } else {
      at = (value - low) / (high - low)
    }
    return min(max(at, 0), 1)
  }

  /// From a round number below the values to one above, within `limits`. `about`: how many steps it has, about.
  static func linear(_ title: String, _ values: [Double], limits: ClosedRange<Double>? = nil, about: Int = 5) -> Axis {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if high - low < 1e-9 * max(abs(low), 1) {
      let room = max(abs(low) * 0.05, limits.map { ($0.upperBound - $0.lowerBound) * 0.02 } ?? 0.5)
      (low, high) = (low - room, high + room)
    }
    if let limits { (low, high) = (max(low, limits.lowerBound), min(high, limits.upperBound)) }
    let step = RoundStep(atLeast: (high - low) / Double(about))
    let first = step.index(of: low, .down)
    let last = max(step.index(of: high, .up), first + 1)
    return Axis(
      title: title, low: step.value(first), high: step.value(last),
      ticks: (first...last).map { Tick(value: step.value($0), label: step.label($0)) }, isLogarithmic: false)
  }

  /// Whole numbers from `low` to `high`, both on it.
  static func whole(_ title: String, _ low: Int, _ high: Int, about: Int = 10) -> Axis {
    let step = max(RoundStep(atLeast: Double(high - low) / Double(about)).whole, 1)
    let ticks = stride(from: (low + step - 1) / step * step, through: high, by: step)
    // One value alone stands in the middle.
    let room = high == low ? 1.0 : 0
    return Axis(
      title: title, low: Double(low) - room, high: Double(high) + room,
      ticks: ticks.map { Tick(value: Double($0), label: "\($0)") }, isLogarithmic: false)
  }

  /// Powers of ten with 2 and 5 between them. Values of 0, which have no logarithm, stand at its low end under a tick of
  /// their own. Nil where no value is above 0.
  static func logarithmic(_ title: String, _ values: [Double]) -> Axis? {
    guard let smallest = values.filter({ $0 > 0 }).min(), let largest = values.max() else { return nil }
    let decades = Int(floor(log10(smallest)))...Int(ceil(log10(largest)))
    let marks = decades.flatMap { power in [1, 2, 5].map { RoundStep(mantissa: $0, power: power) } }
    let first = marks.lastIndex { $0.value(1) <= smallest * (1 + 1e-9) } ?? 0
    let last = max(marks.firstIndex { $0.value(1) >= largest * (1 - 1e-9) } ?? marks.count - 1, first + 1)
    let within = Array(marks[first...min(last, marks.count - 1)])
    // Where decades are many, 2 and 5 would crowd.
    let shown = decades.count > 4 ? within.filter { $0.mantissa == 1 } : within
    var ticks = shown.map { Tick(value: $0.value(1), label: $0.label(1)) }
    var low = within.first?.value(1) ?? smallest
    if values.contains(where: { $0 <= 0 }) {
      low /= 3
      ticks.insert(Tick(value: low, label: "0"), at: 0)
    }
    return Axis(
      title: title, low: low, high: within.last?.value(1) ?? largest, ticks: ticks, isLogarithmic: true)
  }
}

/// 1, 2 or 5 times a power of ten: what people count in.
struct RoundStep {
  let mantissa: Int
  let power: Int

  init(mantissa: Int, power: Int) { (self.mantissa, self.power) = (mantissa, power) }

  /// The smallest that is at least as large; 1 where that is no size.
  init(atLeast size: Double) {
    guard size > 0, size.isFinite else {
      self.init(mantissa: 1, power: 0)
      return
    }
    let power = Int(floor(log10(size)))
    for mantissa in [1, 2, 5] {
      let step = RoundStep(mantissa: mantissa, power: power)
      if step.value(1) >= size * (1 - 1e-9) {
        self = step
        return
      }
    }
    self.init(mantissa: 1, power: power + 1)
  }

  /// That many steps. Divided, not multiplied, below one: 0.3 must be 0.3.
  func value(_ count: Int) -> Double {
    let scale = (0..<abs(power)).reduce(1.0) { value, _ in value * 10 }
    let steps = Double(count) * Double(mantissa)
    return power < 0 ? steps / scale : steps * scale
  }

  func label(_ count: Int) -> String { value(count).figure(max(-power, 0)) }

  /// The step as a whole number, 1 where it is smaller.
  var whole: Int { power < 0 ? 1 : Int(value(1)) }

  /// How many steps a value is from 0, rounded down or up; what is a whole number of steps but for noise stays.
  func index(of value: Double, _ direction: FloatingPointRoundingRule) -> Int {
    let steps = value / self.value(1)
    let nearest = steps.rounded()
    let whole = abs(steps - nearest) < 1e-9 * max(abs(steps), 1) ? nearest : steps.rounded(direction)
    return Int(exactly: whole) ?? 0
  }
}
