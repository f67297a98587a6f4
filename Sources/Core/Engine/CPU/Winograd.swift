import CKernels

/// Winograd's convolution: one layer, size and pass. The algebra is in `winograd/algebra.h`.
final class Winograd {
  /// Outputs of a tile along y and x. Wider ones take 4.5 products an output in place of 8, and round by three times as much.
  enum Edge: Int {
    case two = 2
    case four = 4
  }

  private let memory: Memory
  private let isa: kernels_isa
  private let edge: Int
  private let scratch: Int

  /// What the passes need: edges that tiles divide, channels in eights.
  static func suits(_ edge: Edge, _ shape: ConvolutionShape, _ size: Shape) -> Bool {
    kernels_winograd_suits(size.kernelSize, edge.rawValue, shape.inputs, shape.outputs) != 0
  }

  init(
    _ pass: ConvolutionPass, _ edge: Edge, _ shape: ConvolutionShape, _ size: Shape, _ memory: Memory,
    _ instructions: InstructionSet
  ) throws {
    self.memory = memory
    self.edge = edge.rawValue
    isa = instructions.kernels
    let (size, inputs, outputs) = (size.kernelSize, shape.inputs, shape.outputs)
    scratch =
      switch pass {
      case .forward: kernels_winograd_scratch(size, edge.rawValue, inputs, outputs)
      case .inputGradient: kernels_winograd_scratch(size, edge.rawValue, outputs, inputs)
      case .weightGradient: kernels_winograd_gradient_scratch(size, edge.rawValue, inputs, outputs)
      }
  }

  private func filter(of convolution: CPU.Convolution, transposed: Bool) throws -> UnsafeMutablePointer<Float> {
    let form = TransformedFilter.Form(edge: edge, isTransposed: transposed, version: convolution.weight.version)
    return try convolution.filter.start(form, of: convolution, in: memory, isa)
  }
}

extension Winograd: ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient {
  var scales: Bool { true }

  func run(_ x: CPU.Tensor, _ convolution: CPU.Convolution, into y: CPU.Tensor) throws {
    let room = try memory.block(scratch)
    kernels_winograd(
      isa, x.scaled, try filter(of: convolution, transposed: false), convolution.bias.values.start,
      convolution.shape.rectified ? 1 : 0, y.start, x.size, edge, x.shape.channels, y.shape.channels, room.start)
  }

  func run(_ dy: CPU.Tensor, _ convolution: CPU.Convolution, gradient dx: CPU.Tensor) throws {
    let room = try memory.block(scratch)
    kernels_winograd(
      isa, dy.scaled, try filter(of: convolution, transposed: true), nil, 0, dx.start, dy.size, edge, dy.shape.channels,
      dx.shape.channels, room.start)
  }

  func run(_ x: CPU.Tensor, _ dy: CPU.Tensor, _ convolution: CPU.Convolution) throws {
    let room = try memory.block(scratch)
    kernels_winograd_backward_weights(
      isa, x.scaled, dy.start, try convolution.weight.gradientToWrite(), x.size, edge, x.shape.channels,
      dy.shape.channels, room.start)
    kernels_channel_sums(
      dy.start, try convolution.bias.gradientToWrite(), dy.shape.voxels, dy.shape.channels)
  }
}
