/// What the network asks of hardware: tensors of one sample, and differentiable operations on them.
///
/// `Reference` is the readable definition of each operation; the others are tested against it. A backward operation
/// returns the gradient of its input, *writes* (does not add) the gradients of its parameters, and may use up its `dy`.
/// A tensor's memory returns to its device when the last reference to it goes. All calls come from one thread.
public protocol Device: AnyObject {
  /// What it computes in.
  associatedtype Scalar: BinaryFloatingPoint & Sendable
  /// Values of one sample: a `Shape`.
  associatedtype Tensor: AnyObject
  /// A named parameter and its gradient, flat, in PyTorch's order.
  associatedtype Parameter: AnyObject
  /// A convolution with what it keeps between calls: primitives, weights in its own layout.
  associatedtype Convolution: AnyObject
  /// Mean and reciprocal deviation of each group, kept from forward to backward.
  associatedtype Moments: AnyObject

  /// A tensor with `values` in (C, D, H, W) order; as many as `shape.count`, else `EngineError.shape`.
  func upload(_ values: [Scalar], as shape: Shape) throws -> Tensor
  /// The values in (C, D, H, W) order.
  func download(_ tensor: Tensor) -> [Scalar]
  /// The tensor's shape.
  func shape(of tensor: Tensor) -> Shape

  /// A parameter of `count` values, zero at first.
  func parameter(count: Int) throws -> Parameter
  /// Sets a parameter's values, as many as it has. What is derived from them is made anew at its next use.
  func set(_ parameter: Parameter, to values: UnsafeBufferPointer<Float>)
  /// The gradient that the last backward operation on the parameter wrote.
  func gradient(of parameter: Parameter) -> [Scalar]
  /// Adds that gradient to `total`.
  func addGradient(of parameter: Parameter, to total: UnsafeMutableBufferPointer<Float>)

  /// A 3x3x3 convolution with padding 1, weights (O, I, 3, 3, 3) and bias (O), followed by ReLU where `shape` says so.
  func convolution(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter) throws -> Convolution
  /// y = [ReLU] (x * w + b).
  func convolve(_ x: Tensor, by convolution: Convolution) throws -> Tensor
  /// From dy, x and y: writes dw and db; returns dx where it is wanted.
  func convolveBackward(_ dy: Tensor, x: Tensor, y: Tensor, by convolution: Convolution, wantsInput: Bool) throws
    -> Tensor?

  /// Group normalisation with biased variance, then scale and shift a channel.
  func normalize(_ x: Tensor, by norm: Norm<Parameter>) throws -> (Tensor, Moments)
  /// From dy, x and the moments of the forward call: writes dscale and dshift, returns dx.
  func normalizeBackward(_ dy: Tensor, x: Tensor, moments: Moments, by norm: Norm<Parameter>) throws -> Tensor

  /// Largest of each 2x2x2 block. Edges must be even.
  func pool(_ x: Tensor) throws -> Tensor
  /// dx: dy at the first largest voxel of each block in (z, y, x) order, zero elsewhere.
  func poolBackward(_ dy: Tensor, x: Tensor) throws -> Tensor

  /// [`x` at twice its size, `skip`]: trilinear with half-pixel centres, that is weights 3/4 and 1/4 an axis, clamped at
  /// the border; then the channels of `skip`, which has twice the edges of `x`, where there is one.
  func upsample(_ x: Tensor, beside skip: Tensor?) throws -> Tensor
  /// The gradients of both, `channels` being those of `x`; of `x` alone where `dy` has no more.
  func upsampleBackward(_ dy: Tensor, channels: Int) throws -> (x: Tensor, skip: Tensor?)

  /// Inverted dropout: x / (1 - rate) where `DropoutKey` keeps the element, 0 elsewhere. Its own backward: call it on dy.
  func drop(_ x: Tensor, rate: Float, key: DropoutKey) throws -> Tensor

  /// Softmax over the channels of each voxel.
  func softmax(_ x: Tensor) throws -> Tensor
  /// dx from dy and the softmax y.
  func softmaxBackward(_ dy: Tensor, y: Tensor) throws -> Tensor

  /// The mean of each channel, as a tensor of one voxel.
  func channelMean(_ x: Tensor) throws -> Tensor
  /// Spreads a tensor of one voxel over `shape`, divided by its voxels.
  func channelMeanBackward(_ dy: Tensor, over shape: Shape) throws -> Tensor

  /// y += x. Nothing may have been computed from y: gradients are added up so, values stay as they are.
  func add(_ x: Tensor, to y: Tensor) throws
}

/// A 3x3x3 convolution without its sizes.
public struct ConvolutionShape: Hashable, Sendable {
  /// Channels in.
  public var inputs: Int
  /// Channels out.
  public var outputs: Int
  /// Whether ReLU follows.
  public var rectified: Bool

  /// A convolution from `inputs` to `outputs` channels.
  public init(inputs: Int, outputs: Int, rectified: Bool) {
    self.inputs = inputs
    self.outputs = outputs
    self.rectified = rectified
  }

  /// Values of the weight, O x I x 27.
  public var weights: Int { inputs * outputs * 27 }
}

/// A group normalisation (Wu and He 2018): groups are runs of channels, one mean and variance a sample and group.
public struct Norm<Parameter: AnyObject> {
  /// Groups; divides the channels.
  public var groups: Int
  /// Added to the variance.
  public var epsilon: Double
  /// γ, a value a channel.
  public var scale: Parameter
  /// β, a value a channel.
  public var shift: Parameter

  /// A normalisation over `groups` groups.
  public init(groups: Int, epsilon: Double, scale: Parameter, shift: Parameter) {
    self.groups = groups
    self.epsilon = epsilon
    self.scale = scale
    self.shift = shift
  }
}

/// Which elements dropout keeps: a hash of the key and the element's number, so that nothing is stored and every device
/// drops the same ones. The element of channel c at voxel v (x fastest) of a tensor with C channels has the number v C + c.
public struct DropoutKey: Hashable, Sendable {
  /// The low half of the key.
  public var low: UInt32
  /// The high half of the key.
  public var high: UInt32

  /// A key drawn from `random`.
  public init(from random: inout Random) {
    let bits = random.next()
    low = UInt32(truncatingIfNeeded: bits)
    high = UInt32(truncatingIfNeeded: bits >> 32)
  }

  /// Whether the element is kept at this rate.
  public func keeps(_ element: Int, rate: Float) -> Bool {
    var h = UInt32(truncatingIfNeeded: element) &* 0x9E37_79B1 &+ low
    h ^= h >> 16
    h = h &* 0x7FEB_352D &+ high
    h ^= h >> 15
    h = h &* 0x846C_A68B
    h ^= h >> 16
    return h >= DropoutKey.threshold(rate)
  }

  /// Hashes from here on are kept.
  static func threshold(_ rate: Float) -> UInt32 { UInt32(min(Double(rate), 1) * 4_294_967_295) }
}
