/// Which ways of computing a convolution a `CPU` may take.
public enum ConvolutionChoice: String, Sendable, CaseIterable {
  /// For each layer and pass the one that was measured to be faster.
  case fastest
  /// As the sum is written: oneDNN's, and ours to few channels.
  case direct
  /// Winograd's wherever it is possible.
  case winograd
}

/// The three computations of a layer.
enum ConvolutionPass: CaseIterable {
  case forward
  case inputGradient
  case weightGradient
}

extension CPU {
  func chooseForward(_ shape: ConvolutionShape, _ size: Shape) throws -> any ConvolutionForward {
    if Narrow.suits(shape) && !shape.rectified { return Narrow() }
    if takesWinograd(.forward, shape, size) { return try Winograd(.forward, shape, size, memory, instructions) }
    return try Direct(.forward, shape, size, memory)
  }

  func chooseInputGradient(_ shape: ConvolutionShape, _ size: Shape) throws -> any ConvolutionInputGradient {
    if takesWinograd(.inputGradient, shape, size) {
      return try Winograd(.inputGradient, shape, size, memory, instructions)
    }
    return try Direct(.inputGradient, shape, size, memory)
  }

  func chooseWeightGradient(_ shape: ConvolutionShape, _ size: Shape) throws -> any ConvolutionWeightGradient {
    if Narrow.suits(shape) { return Narrow() }
    if takesWinograd(.weightGradient, shape, size) {
      return try Winograd(.weightGradient, shape, size, memory, instructions)
    }
    return try Direct(.weightGradient, shape, size, memory)
  }

  private func takesWinograd(_ pass: ConvolutionPass, _ shape: ConvolutionShape, _ size: Shape) -> Bool {
    guard Winograd.suits(shape, size) else { return false }
    return switch convolutions {
    case .direct: false
    case .winograd: true
    case .fastest: Winograd.pays(pass, shape, size)
    }
  }
}
