import CKernels

/// Winograd's F(2³, 3³): one layer, size and pass, with the filter transformed when the weights have changed. The algebra
/// is in `winograd/algebra.h`.
final class Winograd {
  private let memory: Memory
  private let isa: kernels_isa
  private let scratch: Int
  private let filter: Memory.Block?
  private var filterVersion = -1

  /// What the passes need: even edges, channels in eights.
  static func suits(_ shape: ConvolutionShape, _ size: Shape) -> Bool {
    kernels_winograd_suits(size.kernelSize, shape.inputs, shape.outputs) != 0
  }

  /// Where it was measured to be faster than oneDNN's direct convolution. Each pass goes through the transformed filter, 64
  /// values for 27, at least once: few tiles do not pay for that; nor do few inputs for their transform.
  static func pays(_ pass: ConvolutionPass, _ shape: ConvolutionShape, _ size: Shape) -> Bool {
    let tiles = size.voxels / 8
    return switch pass {
    case .forward: shape.inputs >= 16 && tiles >= 64
    case .inputGradient: tiles >= 64
    case .weightGradient: tiles >= 512
    }
  }

  init(
    _ pass: ConvolutionPass, _ shape: ConvolutionShape, _ size: Shape, _ memory: Memory, _ instructions: InstructionSet
  )
    throws
  {
    self.memory = memory
    isa = instructions.kernels
    scratch =
      switch pass {
      case .forward: kernels_winograd_scratch(size.kernelSize, shape.inputs, shape.outputs)
      case .inputGradient: kernels_winograd_scratch(size.kernelSize, shape.outputs, shape.inputs)
      case .weightGradient: kernels_winograd_gradient_scratch(size.kernelSize, shape.inputs, shape.outputs)
      }
    filter =
      pass == .weightGradient ? nil : try memory.block(kernels_winograd_filter_floats(shape.inputs, shape.outputs))
  }

  private func transformed(_ convolution: CPU.Convolution, transposed: Bool) -> UnsafeMutablePointer<Float>? {
    guard let filter, filterVersion != convolution.weight.version else { return self.filter?.start }
    kernels_winograd_filter(
      isa, convolution.weight.values.start, filter.start, convolution.shape.inputs, convolution.shape.outputs,
      transposed ? 1 : 0)
    filterVersion = convolution.weight.version
    return filter.start
  }
}

extension Winograd: ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient {
  var scales: Bool { true }

  func run(_ x: CPU.Tensor, _ convolution: CPU.Convolution, into y: CPU.Tensor) throws {
    let room = try memory.block(scratch)
    kernels_winograd(
      isa, x.scaled, transformed(convolution, transposed: false), convolution.bias.values.start,
      convolution.shape.rectified ? 1 : 0, y.start, x.size, x.shape.channels, y.shape.channels, room.start)
  }

  func run(_ dy: CPU.Tensor, _ convolution: CPU.Convolution, gradient dx: CPU.Tensor) throws {
    let room = try memory.block(scratch)
    kernels_winograd(
      isa, dy.scaled, transformed(convolution, transposed: true), nil, 0, dx.start, dy.size, dy.shape.channels,
      dx.shape.channels, room.start)
  }

  func run(_ x: CPU.Tensor, _ dy: CPU.Tensor, _ convolution: CPU.Convolution) throws {
    let room = try memory.block(scratch)
    kernels_winograd_backward_weights(
      isa, x.scaled, dy.start, convolution.weight.gradient.start, convolution.bias.gradient.start, x.size,
      x.shape.channels, dy.shape.channels, room.start)
  }
}
