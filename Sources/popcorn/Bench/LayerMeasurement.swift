import Engine

/// Seconds at best of each pass of one layer in each way that is possible, the ways taking turns.
struct LayerMeasurement {
  private var best: [ConvolutionPass: [ConvolutionWay: Double]] = [:]

  /// The rule's way is kept where another is not faster by more than this: a difference that a busy machine makes by
  /// itself is not worth other bytes.
  private static let worthwhile = 0.97
  private let rule: [ConvolutionPass: ConvolutionWay]

  /// Nil where `mayContinue`, asked before each turn, says no.
  init?(_ layer: NetworkLayers.Layer, repetitions: Int, mayContinue: () throws -> Bool = { true }) throws {
    let (shape, size) = (layer.shape, layer.size)
    rule = Dictionary(
      uniqueKeysWithValues: ConvolutionPass.allCases.map { ($0, ConvolutionWay.byRule($0, shape, over: size)) })
    let trials = try ConvolutionWay.allCases.filter { $0.isPossible(for: shape, over: size) }
      .map { ($0, try ConvolutionTrial($0, shape, over: size)) }
    for pass in ConvolutionPass.allCases {
      for turn in 0...repetitions {
        for (way, trial) in trials {
          guard try mayContinue() else { return nil }
          let seconds = try trial.seconds(of: pass)
          // The first makes what is kept.
          if turn > 0 { best[pass, default: [:]][way] = min(best[pass]?[way] ?? .infinity, seconds) }
        }
      }
    }
  }

  /// Seconds of one patch; nil where the way is not possible.
  func seconds(_ pass: ConvolutionPass, _ way: ConvolutionWay) -> Double? { best[pass]?[way] }

  /// The rule's way, or one that is clearly faster.
  func fastest(_ pass: ConvolutionPass) -> ConvolutionWay {
    let ruled = rule[pass] ?? .direct
    let ways = ConvolutionWay.allCases.compactMap { way in seconds(pass, way).map { (way, $0) } }
    guard let winner = ways.min(by: { $0.1 < $1.1 }), let known = seconds(pass, ruled) else { return ruled }
    return winner.1 < Self.worthwhile * known ? winner.0 : ruled
  }
}
