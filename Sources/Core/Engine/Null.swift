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

  /// A tensor with these values.
  public func upload(_ values: [Float], as shape: Shape) throws -> Tensor {
    guard values.count == shape.count else { throw EngineError.shape("\(values.count) values for \(shape)") }
    return Tensor(shape, values.reduce(0, +) / Float(max(values.count, 1)))
  }

  /// The tensor's number, as often as it has elements.
  public func download(_ tensor: Tensor) -> [Float] { Array(repeating: tensor.number, count: tensor.shape.count) }
  /// The tensor's shape.
  public func shape(of tensor: Tensor) -> Shape { tensor.shape }
  /// A parameter without values.
  public func parameter(count: Int) throws -> Parameter { Parameter(count: count) }
  /// Nothing happens.
  public func set(_ parameter: Parameter, to values: UnsafeBufferPointer<Float>) {}
  /// Zeros.
  public func gradient(of parameter: Parameter) -> [Float] { Array(repeating: 0, count: parameter.count) }
  /// Nothing is added.
  public func addGradient(of parameter: Parameter, to total: UnsafeMutableBufferPointer<Float>) {}

  /// What remembers how many channels go out.
  public func convolution(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter) throws -> Convolution {
    Convolution(outputs: shape.outputs)
  }

  /// The number of x, in the convolution's channels.
  public func convolve(_ x: Tensor, by convolution: Convolution) throws -> Tensor {
    Tensor(x.shape.with(channels: convolution.outputs), x.number)
  }

  /// Zeros of x's shape where they are wanted.
  public func convolveBackward(_ dy: Tensor, x: Tensor, y: Tensor, by convolution: Convolution, wantsInput: Bool) throws
    -> Tensor?
  { wantsInput ? Tensor(x.shape, 0) : nil }

  /// x, as it is.
  public func normalize(_ x: Tensor, by norm: Norm<Parameter>) throws -> (Tensor, Moments) { (x, Moments()) }

  /// dy, as it is.
  public func normalizeBackward(_ dy: Tensor, x: Tensor, moments: Moments, by norm: Norm<Parameter>) throws -> Tensor {
    dy
  }

  /// The number of x, at half its size.
  public func pool(_ x: Tensor) throws -> Tensor { Tensor(x.shape.halved, x.number) }
  /// Zeros of x's shape.
  public func poolBackward(_ dy: Tensor, x: Tensor) throws -> Tensor { Tensor(x.shape, 0) }
  /// The number of x, at twice its size, in the channels of both.
  public func upsample(_ x: Tensor, beside skip: Tensor?) throws -> Tensor {
    Tensor(x.shape.doubled.with(channels: x.shape.channels + (skip?.shape.channels ?? 0)), x.number)
  }

  /// Zeros of both shapes.
  public func upsampleBackward(_ dy: Tensor, channels: Int) throws -> (x: Tensor, skip: Tensor?) {
    let others = dy.shape.channels - channels
    return (
      Tensor(dy.shape.halved.with(channels: channels), 0), others > 0 ? Tensor(dy.shape.with(channels: others), 0) : nil
    )
  }

  /// x, as it is.
  public func drop(_ x: Tensor, rate: Float, key: DropoutKey) throws -> Tensor { x }
  /// 1 / channels everywhere.
  public func softmax(_ x: Tensor) throws -> Tensor { Tensor(x.shape, 1 / Float(x.shape.channels)) }
  /// Zeros of y's shape.
  public func softmaxBackward(_ dy: Tensor, y: Tensor) throws -> Tensor { Tensor(y.shape, 0) }

  /// The number of x, in each channel.
  public func channelMean(_ x: Tensor) throws -> Tensor {
    Tensor(Shape(channels: x.shape.channels, depth: 1, height: 1, width: 1), x.number)
  }

  /// Zeros of the shape.
  public func channelMeanBackward(_ dy: Tensor, over shape: Shape) throws -> Tensor { Tensor(shape, 0) }
  /// Nothing is added.
  public func add(_ x: Tensor, to y: Tensor) throws {}
}
