import CKernels

/// A convolution to very few channels, as the network's last: oneDNN pads outputs to 16, our kernel runs its vectors along
/// the inputs instead.
final class Narrow: ConvolutionForward, ConvolutionWeightGradient {
  static func suits(_ shape: ConvolutionShape) -> Bool { shape.outputs <= 4 && shape.inputs % 16 == 0 }

  var scales: Bool { false }

  func run(_ x: CPU.Tensor, _ convolution: CPU.Convolution, into y: CPU.Tensor) {
    kernels_narrow(
      x.start, convolution.weight.values.start, convolution.bias.values.start, y.start, x.size, x.shape.channels,
      y.shape.channels)
  }

  func run(_ x: CPU.Tensor, _ dy: CPU.Tensor, _ convolution: CPU.Convolution) throws {
    kernels_narrow_backward_weights(
      x.start, dy.start, try convolution.weight.gradientToWrite(), try convolution.bias.gradientToWrite(), x.size,
      x.shape.channels, dy.shape.channels)
  }
}
