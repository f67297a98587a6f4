import CKernels

extension CPU {
  /// A convolution over these parameters, with one plan for each size it has met.
  public final class Convolution {
    let shape: ConvolutionShape
    let weight: Parameter
    let bias: Parameter
    let choice: ConvolutionChoice
    let filter = TransformedFilter()
    fileprivate var plans: [Shape: Plans] = [:]

    init(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter, choice: ConvolutionChoice) {
      self.shape = shape
      self.weight = weight
      self.bias = bias
      self.choice = choice
    }
  }

  /// How one size is computed. Each pass is chosen on its own, and made when it is first needed.
  fileprivate final class Plans {
    var forward: (any ConvolutionForward)?
    var input: (any ConvolutionInputGradient)?
    var weights: (any ConvolutionWeightGradient)?
  }

  /// A convolution over these parameters.
  public func convolution(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter) throws -> Convolution {
    guard weight.count == shape.weights, bias.count == shape.outputs else {
      throw EngineError.shape("\(weight.count) weights for \(shape)")
    }
    return Convolution(shape, weight: weight, bias: bias, choice: convolutions)
  }

  /// y[o, v] = [ReLU] (b[o] + Σ over i and taps t of w[o, i, t] x[i, v + t]), x being 0 outside.
  public func convolve(_ x: Tensor, by convolution: Convolution) throws -> Tensor {
    guard x.shape.channels == convolution.shape.inputs else {
      throw EngineError.shape("\(x.shape) into \(convolution.shape)")
    }
    let plans = plans(of: convolution, x.shape)
    let forward = try plans.forward ?? forward(of: convolution, over: x.shape)
    plans.forward = forward
    let y = try tensor(x.shape.with(channels: convolution.shape.outputs))
    try forward.run(forward.scales ? x : try plain(x), convolution, into: y)
    return y
  }

  /// The gradient of `convolve`; `dy` is used up.
  public func convolveBackward(_ dy: Tensor, x: Tensor, y: Tensor, by convolution: Convolution, wantsInput: Bool) throws
    -> Tensor?
  {
    try expectSame(dy.shape, y.shape, "backward convolution")
    if convolution.shape.rectified { kernels_rectify_backward(y.start, dy.start, dy.shape.count) }
    try writeWeightGradient(dy, x: x, of: convolution)
    return wantsInput ? try inputGradient(dy, x.shape, of: convolution) : nil
  }

  /// One pass alone, its result forgotten.
  func compute(_ pass: ConvolutionPass, of convolution: Convolution, x: Tensor, dy: Tensor) throws {
    switch pass {
    case .forward: _ = try convolve(x, by: convolution)
    case .inputGradient: _ = try inputGradient(dy, x.shape, of: convolution)
    case .weightGradient: try writeWeightGradient(dy, x: x, of: convolution)
    }
  }

  private func writeWeightGradient(_ dy: Tensor, x: Tensor, of convolution: Convolution) throws {
    let plans = plans(of: convolution, x.shape)
    let weights = try plans.weights ?? weightGradient(of: convolution, over: x.shape)
    plans.weights = weights
    try weights.run(weights.scales ? x : try plain(x), dy, convolution)
  }

  private func inputGradient(_ dy: Tensor, _ inputs: Shape, of convolution: Convolution) throws -> Tensor {
    let plans = plans(of: convolution, inputs)
    let input = try plans.input ?? inputGradient(of: convolution, over: inputs)
    plans.input = input
    let dx = try tensor(inputs)
    try input.run(dy, convolution, gradient: dx)
    return dx
  }

  private func plans(of convolution: Convolution, _ shape: Shape) -> Plans {
    if let known = convolution.plans[shape] { return known }
    let new = Plans()
    convolution.plans[shape] = new
    return new
  }
}

/// A way to compute y = [ReLU] (x * w + b).
protocol ConvolutionForward: AnyObject {
  /// Whether it can take a norm on the way; others are given plain values.
  var scales: Bool { get }
  func run(_ x: CPU.Tensor, _ convolution: CPU.Convolution, into y: CPU.Tensor) throws
}

/// A way to compute dx from dy.
protocol ConvolutionInputGradient: AnyObject {
  func run(_ dy: CPU.Tensor, _ convolution: CPU.Convolution, gradient dx: CPU.Tensor) throws
}

/// A way to compute dw and db from x and dy.
protocol ConvolutionWeightGradient: AnyObject {
  /// Whether it can take a norm on the way; others are given plain values.
  var scales: Bool { get }
  func run(_ x: CPU.Tensor, _ dy: CPU.Tensor, _ convolution: CPU.Convolution) throws
}
