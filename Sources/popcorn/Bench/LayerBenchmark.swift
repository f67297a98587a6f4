import Engine

/// Each pass of each convolution of the network on its own: as it is written (oneDNN) and by Winograd's algorithm in both
/// sizes of its tiles, taking turns, with the processor's peak measured between them.
struct LayerBenchmark {
  let width: Int
  let edge: Int
  let repetitions: Int

  /// Figures of every layer; `table` says what is chosen.
  func report(_ table: ConvolutionTable = ConvolutionTable()) throws -> LayerReport {
    let network = try NetworkLayers(width: width, edge: edge)
    let chosen = network.complete(table)
    var (figures, peak): ([LayerReport.Figure], Double) = ([], 0)
    for layer in network.layers {
      guard let measured = try LayerMeasurement(layer, repetitions: repetitions) else { continue }
      for pass in ConvolutionPass.allCases {
        let way = chosen[ConvolutionTable.Key(pass, layer.shape, over: layer.size)] ?? .direct
        figures.append(
          LayerReport.Figure(
            layer: "\(layer.name) \(layer.shape.inputs)->\(layer.shape.outputs)@\(layer.size.width)",
            pass: pass.rawValue, operations: layer.operations, direct: measured.seconds(pass, .direct),
            winograd: measured.seconds(pass, .winograd), wideWinograd: measured.seconds(pass, .wideWinograd),
            chosen: measured.seconds(pass, way)))
      }
      peak = max(peak, measuredPeak())
    }
    return LayerReport(threads: CPU.threads, peak: peak, layers: figures)
  }
}

/// Multiplications and additions a second that the processor can do at best.
func measuredPeak() -> Double {
  var operations = 0.0
  let time = ContinuousClock().measure { operations = CPU.multiplyAndAdd(rounds: 4_000_000) }
  return operations / time.seconds
}
