import Contract
import Engine
import Popcorn

/// How a model wants its scans, from its file; the paper's settings where the file does not say.
struct ModelUse {
  var preparation = PreparationSettings()
  var patchSize = 64
  /// nil where the file does not say.
  var threshold: Double?
  var floor = 0.0
  var window = WindowManner.paper

  init(_ file: Safetensors, path: String) throws {
    func value<Value>(_ name: String, _ read: (String) -> Value?) throws -> Value? {
      guard let text = file.metadata[name] else { return nil }
      guard let value = read(text) else {
        throw Fault(.dataError, "\(path): its \(name) '\(text)' cannot be read")
      }
      return value
    }
    func positive(_ text: String) -> Double? { Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
    if let spacing = try value("spacing", positive) { preparation.spacing = spacing }
    if let size = try value("size", GridArgument.init(argument:)) { preparation.size = size.size }
    if let edge = try value("patch", { Int($0).flatMap { NetworkOptions.isPatch($0) ? $0 : nil } }) { patchSize = edge }
    threshold = try value(OperatingPoint.thresholdKey, OperatingPoint.threshold)
    if let stored = try value(OperatingPoint.floorKey, OperatingPoint.floor) { floor = stored }
    if let manner = try value("window", WindowManner.init(text:)) { window = manner }
  }
}

extension ModelUse {
  /// Where its masks are cut; at `threshold` where the file does not say.
  func point(otherwise threshold: Double = OperatingPoint().threshold) -> OperatingPoint {
    OperatingPoint(threshold: self.threshold ?? threshold, floor: floor)
  }

  /// The entry of a model file that says how each convolution was computed in its training.
  static let convolutionsKey = "convolutions"

  /// As its training computed, so that a mask is the same again; by the rule where the file does not say, or says what only
  /// a later release knows.
  static func convolutions(of file: Safetensors) -> ConvolutionChoice {
    file.metadata[convolutionsKey].flatMap(ConvolutionTable.init(text:)).map { .table($0) } ?? .fastest
  }
}
