import Contract

/// A piece of work whose time is taken, again and again.
protocol Benchmark {
  /// What one repetition asks of the machine.
  var work: Work { get }
  /// One repetition.
  func run() throws
}

/// Seconds of a subject, and what it did in them.
struct BenchmarkFigure {
  var subject: String
  var what: String
  var seconds: Spread
  var work: Work

  /// Fields of a JSON object: `step_seconds`, `step_gflops`, `step_share_of_peak`, `step_gbytes_a_second`.
  func json(peak: Double) -> String {
    var fields = ["\"\(subject)_seconds\":\(seconds.json)"]
    if work.operations > 0 {
      fields.append("\"\(subject)_gflops\":\(work.operations / seconds.median / 1e9)")
      fields.append("\"\(subject)_share_of_peak\":\(work.operations / seconds.median / peak)")
    }
    if work.bytes > 0 {
      fields.append("\"\(subject)_bytes\":\(Int(work.bytes))")
      fields.append("\"\(subject)_gbytes_a_second\":\(work.bytes / seconds.median / 1e9)")
    }
    return fields.joined(separator: ",")
  }

  /// A row of the table.
  func row(peak: Double) -> [String] {
    func decimals(_ value: Double, _ count: Int) -> String { value > 0 ? value.decimals(count) : "-" }
    let rate = work.operations / seconds.median
    return [
      "\(subject): \(what)", seconds.median.milliseconds, "\(seconds.low.milliseconds)-\(seconds.high.milliseconds)",
      decimals(rate / 1e9, 1), decimals(rate / peak, 2), decimals(work.bytes / 1e6, 1),
      decimals(work.bytes / seconds.median / 1e9, 2),
    ]
  }

  static let heading = ["", "ms", "least-most", "GFLOP/s", "of peak", "MB", "GB/s"]
}

/// Seconds measured several times.
struct Spread {
  let median: Double
  let low: Double
  let high: Double
  let count: Int

  init(of seconds: some Collection<Double>) {
    let sorted = seconds.sorted()
    count = sorted.count
    median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    low = sorted[0]
    high = sorted[count - 1]
  }

  var json: String { "{\"median\":\(median),\"low\":\(low),\"high\":\(high),\"count\":\(count)}" }
}

extension Double {
  /// Seconds as milliseconds, three digits at least.
  fileprivate var milliseconds: String { (self * 1000).decimals(self < 0.01 ? 2 : self < 0.1 ? 1 : 0) }
}
