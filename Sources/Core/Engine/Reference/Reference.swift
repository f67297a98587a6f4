/// The definition of every operation, in plain Swift: what other devices are tested against. Slow on purpose.
/// In `Double` it is held against PyTorch in float64, in `Float` it is a device that works everywhere.
public final class Reference<Scalar: BinaryFloatingPoint & Sendable>: Device {
  /// Values in (C, D, H, W) order.
  public final class Tensor {
    let shape: Shape
    var values: [Scalar]

    init(_ shape: Shape) {
      self.shape = shape
      values = Array(repeating: 0, count: shape.count)
    }

    init(_ shape: Shape, _ values: [Scalar]) {
      self.shape = shape
      self.values = values
    }
  }

  /// Values and gradients.
  public final class Parameter {
    var values: [Scalar]
    var gradient: [Scalar]

    init(count: Int) {
      values = Array(repeating: 0, count: count)
      gradient = values
    }
  }

  /// A convolution's parameters.
  public final class Convolution {
    let shape: ConvolutionShape
    let weight: Parameter
    let bias: Parameter

    init(_ shape: ConvolutionShape, _ weight: Parameter, _ bias: Parameter) {
      self.shape = shape
      self.weight = weight
      self.bias = bias
    }
  }

  /// A group's mean and 1 / sqrt(variance + ε).
  public final class Moments {
    let means: [Scalar]
    let inverses: [Scalar]

    init(means: [Scalar], inverses: [Scalar]) {
      self.means = means
      self.inverses = inverses
    }
  }

  /// A device without state.
  public init() {}

  /// A tensor with these values.
  public func upload(_ values: [Scalar], as shape: Shape) throws -> Tensor {
    guard values.count == shape.count else { throw EngineError.shape("\(values.count) values for \(shape)") }
    return Tensor(shape, values)
  }

  /// The values in (C, D, H, W) order.
  public func download(_ tensor: Tensor) -> [Scalar] { tensor.values }

  /// The tensor's shape.
  public func shape(of tensor: Tensor) -> Shape { tensor.shape }

  /// A parameter of zeros.
  public func parameter(count: Int) throws -> Parameter { Parameter(count: count) }

  /// Sets a parameter's values.
  public func set(_ parameter: Parameter, to values: UnsafeBufferPointer<Float>) {
    parameter.values = values.map { Scalar($0) }
  }

  /// The last gradient written.
  public func gradient(of parameter: Parameter) -> [Scalar] { parameter.gradient }

  /// Adds the last gradient written to `total`.
  public func addGradient(of parameter: Parameter, to total: UnsafeMutableBufferPointer<Float>) {
    for (index, value) in parameter.gradient.enumerated() { total[index] += Float(value) }
  }
}

/// Operands that must have equal shapes.
func expectSame(_ a: Shape, _ b: Shape, _ operation: String) throws {
  if a != b { throw EngineError.shape("\(operation) of \(a) and \(b)") }
}
