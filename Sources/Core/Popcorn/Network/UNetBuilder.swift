import Engine

/// Makes the network's layers, and notes their parameters in PyTorch's order.
final class UNetBuilder<D: Device> {
  struct Named {
    var name: String
    var shape: [Int]
    var parameter: D.Parameter
    var start: Start
  }

  /// What a parameter holds before training.
  enum Start {
    case constant(Float)
    case uniform(Float)
  }

  private let device: D
  private(set) var parameters: [Named] = []

  init(on device: D) { self.device = device }

  func conv(_ name: String, _ channels: UNetShape.Channels, rectified: Bool = true) throws -> D.Convolution {
    let (inputs, outputs) = channels
    let bound = 1 / Float(inputs * 27).squareRoot()
    return try device.convolution(
      ConvolutionShape(inputs: inputs, outputs: outputs, rectified: rectified),
      weight: try parameter("\(name).weight", [outputs, inputs, 3, 3, 3], .uniform(bound)),
      bias: try parameter("\(name).bias", [outputs], .uniform(bound)))
  }

  func norm(_ name: String, _ channels: Int) throws -> Norm<D.Parameter> {
    Norm(
      groups: UNetShape.groups, epsilon: UNetShape.epsilon,
      scale: try parameter("\(name).weight", [channels], .constant(1)),
      shift: try parameter("\(name).bias", [channels], .constant(0)))
  }

  /// Draws the initial values. Each parameter has its own stream, so that a wider network shares none by accident.
  func initialize(_ block: ParameterBlock, seed: UInt64) {
    for (number, (entry, named)) in zip(block.entries, parameters).enumerated() {
      var random = Random(seed: seed, stream: UInt64(number))
      for place in entry.range {
        switch named.start {
        case .constant(let value): block.valueBuffer[place] = value
        case .uniform(let bound): block.valueBuffer[place] = random.uniform(-bound, bound)
        }
      }
    }
  }

  private func parameter(_ name: String, _ shape: [Int], _ start: Start) throws -> D.Parameter {
    let parameter = try device.parameter(count: shape.reduce(1, *))
    parameters.append(Named(name: name, shape: shape, parameter: parameter, start: start))
    return parameter
  }
}
