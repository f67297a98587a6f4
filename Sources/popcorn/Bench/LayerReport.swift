import Contract
import FoundationEssentials

/// What `LayerBenchmark` found.
struct LayerReport: Encodable {
  /// What one pass of one layer took, seconds at best; nil where a way is not possible.
  struct Figure: Encodable {
    var layer: String
    var pass: String
    /// Multiplications and additions of the sum as it is written.
    var operations: Double
    var direct: Double?
    var winograd: Double?
    var wideWinograd: Double?
    var chosen: Double?
  }

  var threads: Int
  /// Floating-point operations a second when nothing keeps the processor waiting.
  var peak: Double
  var layers: [Figure]

  /// A line a pass: milliseconds, and the share of the peak, in operations of the sum as it is written.
  var table: String {
    var rows = [
      ["\((peak / 1e9).decimals(0)) GFLOP/s, \(threads) threads", "", "direct", "2x2x2", "2x4x4", "chosen", "share"]
    ]
    for figure in layers {
      let seconds = [figure.direct, figure.winograd, figure.wideWinograd, figure.chosen]
      rows.append(
        [figure.layer, figure.pass] + seconds.map { $0.map { ($0 * 1e3).decimals(1) } ?? "-" }
          + [figure.chosen.map { (figure.operations / $0 / peak).decimals(2) } ?? "-"])
    }
    return columns(rows)
  }

  /// One JSON object.
  var json: String {
    get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
  }
}
