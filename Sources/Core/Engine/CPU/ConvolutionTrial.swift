/// A layer computed in one way, over values made up: what is measured before a way is chosen.
public final class ConvolutionTrial {
  /// Patches that training computes between two changes of the weights.
  private static let patches = 2

  private let device: CPU
  private let convolution: CPU.Convolution
  private let x: CPU.Tensor
  private let dy: CPU.Tensor
  private let weights: [Float]

  /// A layer over tensors of `size`, its channels left out of account.
  public init(_ way: ConvolutionWay, _ shape: ConvolutionShape, over size: Shape) throws {
    device = CPU(convolutions: .always(way))
    var random = Random(seed: 1)
    func values(_ count: Int, _ bound: Float) -> [Float] { (0..<count).map { _ in random.uniform(-bound, bound) } }
    weights = values(shape.weights, 0.1)
    convolution = try device.convolution(
      shape, weight: try device.parameter(count: shape.weights), bias: try device.parameter(count: shape.outputs))
    let (inputs, outputs) = (size.with(channels: shape.inputs), size.with(channels: shape.outputs))
    x = try device.upload(values(inputs.count, 1), as: inputs)
    dy = try device.upload(values(outputs.count, 1), as: outputs)
  }

  /// Seconds of a pass over one patch, the preparation of changed weights counted as training meets it. The first call
  /// makes what is kept.
  public func seconds(of pass: ConvolutionPass) throws -> Double {
    weights.withUnsafeBufferPointer { device.set(convolution.weight, to: $0) }
    let time = try ContinuousClock().measure {
      for _ in 0..<Self.patches { try device.compute(pass, of: convolution, x: x, dy: dy) }
    }
    return (Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18) / Double(Self.patches)
  }
}
