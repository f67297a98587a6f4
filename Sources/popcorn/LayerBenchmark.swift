import Engine
import Popcorn

/// Each convolution of the network on its own: as it is written (oneDNN) and by Winograd's algorithm in both sizes of its
/// tiles, taking turns, with the processor's peak measured between them.
struct LayerBenchmark {
  let width: Int
  let edge: Int
  let repetitions: Int

  /// Figures of every layer.
  func report() throws -> LayerReport {
    var (figures, peak): ([LayerReport.Figure], Double) = ([], 0)
    let network = try UNet(on: Null(), shape: UNetShape(width: width), seed: 1)
    for entry in network.parameters.entries where entry.shape.count == 5 {
      let size = edge >> level(of: entry.name)
      let shape = ConvolutionShape(
        inputs: entry.shape[1], outputs: entry.shape[0], rectified: !entry.name.hasPrefix("output"))
      figures += try measure(entry.name.replacing(".weight", with: ""), shape, size)
      peak = max(peak, Self.peak())
    }
    return LayerReport(threads: CPU.threads, peak: peak, layers: figures)
  }

  /// How often the level's edge was halved.
  private func level(of name: String) -> Int {
    let parts = name.split(separator: ".")
    switch parts.first {
    case "bottleneck": return 3
    case "output": return 0
    default: return parts.dropFirst().first.flatMap { Int($0) } ?? 0
    }
  }

  private func measure(_ name: String, _ shape: ConvolutionShape, _ edge: Int) throws -> [LayerReport.Figure] {
    let layers = try ConvolutionChoice.allCases.map { try Layer(shape, edge, CPU(convolutions: $0)) }
    let wantsInput = shape.inputs > 1
    for layer in layers { try layer.run(wantsInput: wantsInput) }
    var best = layers.map { _ in (forward: Double.infinity, backward: Double.infinity) }
    for _ in 0..<repetitions {
      for (index, layer) in layers.enumerated() {
        let seconds = try layer.run(wantsInput: wantsInput)
        best[index] = (min(best[index].forward, seconds.forward), min(best[index].backward, seconds.backward))
      }
    }
    let operations = 2 * Double(shape.weights) * Double(edge * edge * edge)
    let size = Shape(channels: shape.inputs, depth: edge, height: edge, width: edge)
    func figure(_ pass: String, _ operations: Double, _ seconds: KeyPath<(forward: Double, backward: Double), Double>)
      -> LayerReport.Figure
    {
      func taken(_ choice: ConvolutionChoice) -> Double? {
        guard choice.isPossible(for: shape, over: size) else { return nil }
        return ConvolutionChoice.allCases.firstIndex(of: choice).map { best[$0][keyPath: seconds] }
      }
      return LayerReport.Figure(
        layer: "\(name) \(shape.inputs)->\(shape.outputs)@\(edge)", pass: pass, operations: operations,
        direct: taken(.direct), winograd: taken(.winograd), wideWinograd: taken(.wideWinograd), chosen: taken(.fastest))
    }
    return [
      figure("forward", operations, \.forward), figure("backward", (wantsInput ? 2 : 1) * operations, \.backward),
    ]
  }

  private static func peak() -> Double {
    let clock = ContinuousClock()
    var operations = 0.0
    let time = clock.measure { operations = CPU.multiplyAndAdd(rounds: 4_000_000) }
    return operations / time.seconds
  }
}

/// A convolution with its tensors.
private final class Layer {
  private let device: CPU
  private let convolution: CPU.Convolution
  private let x: CPU.Tensor
  private let gradient: [Float]
  private let outputs: Shape

  init(_ shape: ConvolutionShape, _ edge: Int, _ device: CPU) throws {
    self.device = device
    var random = Random(seed: 1)
    func values(_ count: Int, _ bound: Float) -> [Float] { (0..<count).map { _ in random.uniform(-bound, bound) } }
    let (weight, bias) = (try device.parameter(count: shape.weights), try device.parameter(count: shape.outputs))
    values(shape.weights, 0.1).withUnsafeBufferPointer { device.set(weight, to: $0) }
    convolution = try device.convolution(shape, weight: weight, bias: bias)
    let inputs = Shape(channels: shape.inputs, depth: edge, height: edge, width: edge)
    outputs = inputs.with(channels: shape.outputs)
    x = try device.upload(values(inputs.count, 1), as: inputs)
    gradient = values(outputs.count, 1)
  }

  @discardableResult func run(wantsInput: Bool) throws -> (forward: Double, backward: Double) {
    let clock = ContinuousClock()
    let begun = clock.now
    let y = try device.convolve(x, by: convolution)
    let forward = (clock.now - begun).seconds
    let dy = try device.upload(gradient, as: outputs)
    let turned = clock.now
    _ = try device.convolveBackward(dy, x: x, y: y, by: convolution, wantsInput: wantsInput)
    return (forward, (clock.now - turned).seconds)
  }
}
