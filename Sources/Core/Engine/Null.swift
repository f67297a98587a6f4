/// Shapes without arithmetic: schedule, resume and promotion can be tried in milliseconds. A tensor is one number, the
/// mean of what was uploaded; operations pass it on. So latents tell scans apart, and every probability is 1 / classes.
public final class Null: Device {
  /// A shape and one number.
  public final class Tensor {
    let shape: Shape
    let number: Float

    init(_ shape: Shape, _ number: Float) {
      self.shape = shape
      self.number = number
    }
  }

  /// Nothing but a count.
  public final class Parameter {
    let count: Int
    init(count: Int) { self.count = count }
  }

  /// Channels out.
  public final class Convolution {
    let outputs: Int
    init(outputs: Int) { self.outputs = outputs }
  }

  /// Nothing.
  public final class Moments {}

  /// A device without state.
  public init() {}

  public func upload(_ values: [Float], as shape: Shape) throws -> Tensor {
    guard values.count == shape.count else { throw EngineError.shape("\(values.count) values for \(shape)") }
    return Tensor(shape, values.reduce(0, +) / Float(max(values.count, 1)))
  }

  public func download(_ tensor: Tensor) -> [Float] { Array(repeating: tensor.number, count: tensor.shape.count) }
  public func shape(of tensor: Tensor) -> Shape { tensor.shape }
  public func parameter(count: Int) throws -> Parameter { Parameter(count: count) }
  public func set(_ parameter: Parameter, to values: UnsafeBufferPointer<Float>) {}
  public func gradient(of parameter: Parameter) -> [Float] { Array(repeating: 0, count: parameter.count) }
  public func addGradient(of parameter: Parameter, to total: UnsafeMutableBufferPointer<Float>) {}

  public func convolution(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter) throws -> Convolution {
    Convolution(outputs: shape.outputs)
  }

  public func convolve(_ x: Tensor, by convolution: Convolution) throws -> Tensor {
    Tensor(x.shape.with(channels: convolution.outputs), x.number)
  }

  public func convolveBackward(_ dy: Tensor, x: Tensor, y: Tensor, by convolution: Convolution, wantsInput: Bool) throws
    -> Tensor?
  { wantsInput ? Tensor(x.shape, 0) : nil }

  public func normalize(_ x: Tensor, by norm: Norm<Parameter>) throws -> (Tensor, Moments) { (x, Moments()) }

  public func normalizeBackward(_ dy: Tensor, x: Tensor, moments: Moments, by norm: Norm<Parameter>) throws -> Tensor {
    dy
  }

  public func pool(_ x: Tensor) throws -> Tensor { Tensor(x.shape.halved, x.number) }
  public func poolBackward(_ dy: Tensor, x: Tensor) throws -> Tensor { Tensor(x.shape, 0) }
  public func upsample(_ x: Tensor) throws -> Tensor { Tensor(x.shape.doubled, x.number) }
  public func upsampleBackward(_ dy: Tensor) throws -> Tensor { Tensor(dy.shape.halved, 0) }

  public func concatenate(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    Tensor(a.shape.with(channels: a.shape.channels + b.shape.channels), a.number)
  }

  public func split(_ x: Tensor, after channels: Int) throws -> (Tensor, Tensor) {
    (
      Tensor(x.shape.with(channels: channels), x.number),
      Tensor(x.shape.with(channels: x.shape.channels - channels), x.number)
    )
  }

  public func drop(_ x: Tensor, rate: Float, key: DropoutKey) throws -> Tensor { x }
  public func softmax(_ x: Tensor) throws -> Tensor { Tensor(x.shape, 1 / Float(x.shape.channels)) }
  public func softmaxBackward(_ dy: Tensor, y: Tensor) throws -> Tensor { Tensor(y.shape, 0) }

  public func channelMean(_ x: Tensor) throws -> Tensor {
    Tensor(Shape(channels: x.shape.channels, depth: 1, height: 1, width: 1), x.number)
  }

  public func channelMeanBackward(_ dy: Tensor, over shape: Shape) throws -> Tensor { Tensor(shape, 0) }
  public func add(_ x: Tensor, to y: Tensor) throws {}
}
