import Engine
import Popcorn

/// Each convolution of the network on its own: as it is written (oneDNN) and by Winograd's algorithm in both sizes of its tiles, taking turns, with
/// the processor's peak measured between them.
struct LayerBenchmark {
  /// What one pass of one layer took, seconds at best.
  struct Figure {
    var layer: String
    var pass: String
    /// Multiplications and additions of the sum as it is written.
    var operations: Double
    var direct: Double
    var winograd: Double?
    var wideWinograd: Double?
    var chosen: Double
  }

  let width: Int
  let edge: Int
  let repetitions: Int

  /// Figures of every layer, and floating-point operations a second at the peak.
  func figures() throws -> (figures: [Figure], peak: Double) {
    var (figures, peak): ([Figure], Double) = ([], 0)
    let network = try UNet(on: Null(), shape: UNetShape(width: width), seed: 1)
    for entry in network.parameters.entries where entry.shape.count == 5 {
      let size = edge >> level(of: entry.name)
      let shape = ConvolutionShape(
        inputs: entry.shape[1], outputs: entry.shape[0], rectified: !entry.name.hasPrefix("output"))
      figures += try measure(entry.name.replacing(".weight", with: ""), shape, size)
      peak = max(peak, Self.peak())
    }
    return (figures, peak)
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

  private func measure(_ name: String, _ shape: ConvolutionShape, _ edge: Int) throws -> [Figure] {
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
    let isPossible = shape.inputs % 8 == 0 && shape.outputs % 8 == 0 && edge % 2 == 0
    let isPossibleWide = isPossible && edge % 4 == 0
    func of(_ choice: ConvolutionChoice, _ pass: KeyPath<(forward: Double, backward: Double), Double>) -> Double {
      ConvolutionChoice.allCases.firstIndex(of: choice).map { best[$0][keyPath: pass] } ?? .infinity
    }
    return [
      Figure(
        layer: "\(name) \(shape.inputs)->\(shape.outputs)@\(edge)", pass: "forward", operations: operations,
        direct: of(.direct, \.forward), winograd: isPossible ? of(.winograd, \.forward) : nil,
        wideWinograd: isPossibleWide ? of(.wideWinograd, \.forward) : nil,
        chosen: of(.fastest, \.forward)),
      Figure(
        layer: "", pass: "backward", operations: (wantsInput ? 2 : 1) * operations, direct: of(.direct, \.backward),
        winograd: isPossible ? of(.winograd, \.backward) : nil,
        wideWinograd: isPossibleWide ? of(.wideWinograd, \.backward) : nil, chosen: of(.fastest, \.backward)),
    ]
  }

  private static func peak() -> Double {
    let clock = ContinuousClock()
    var operations = 0.0
    let time = clock.measure { operations = CPU.multiplyAndAdd(rounds: 4_000_000) }
    return operations / seconds(time)
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
    let forward = seconds(clock.now - begun)
    let dy = try device.upload(gradient, as: outputs)
    let turned = clock.now
    _ = try device.convolveBackward(dy, x: x, y: y, by: convolution, wantsInput: wantsInput)
    return (forward, seconds(clock.now - turned))
  }
}

private func seconds(_ time: Duration) -> Double {
  Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}
