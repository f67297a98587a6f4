/// Which ways of computing a convolution a `CPU` may take.
public enum ConvolutionChoice: String, Sendable, CaseIterable {
  /// For each layer and pass the one that was measured to be faster.
  case fastest
  /// As the sum is written: oneDNN's, and ours to few channels.
  case direct
  /// Winograd's with tiles of 2³ wherever it is possible.
  case winograd
  /// Winograd's with tiles of 2 x 4 x 4 wherever it is possible.
  case wideWinograd

  /// Whether a layer of this size can be computed so; where it cannot, a `CPU` computes it as it is written.
  public func isPossible(for shape: ConvolutionShape, over size: Shape) -> Bool {
    switch self {
    case .fastest, .direct: true
    case .winograd: Winograd.suits(.two, shape, size)
    case .wideWinograd: Winograd.suits(.four, shape, size)
    }
  }
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
    if let winograd = try chooseWinograd(.forward, shape, size) { return winograd }
    return try Direct(.forward, shape, size, memory)
  }

  func chooseInputGradient(_ shape: ConvolutionShape, _ size: Shape) throws -> any ConvolutionInputGradient {
    if let winograd = try chooseWinograd(.inputGradient, shape, size) { return winograd }
    return try Direct(.inputGradient, shape, size, memory)
  }

  func chooseWeightGradient(_ shape: ConvolutionShape, _ size: Shape) throws -> any ConvolutionWeightGradient {
    if Narrow.suits(shape) { return Narrow() }
    if let winograd = try chooseWinograd(.weightGradient, shape, size) { return winograd }
    return try Direct(.weightGradient, shape, size, memory)
  }

  private func chooseWinograd(_ pass: ConvolutionPass, _ shape: ConvolutionShape, _ size: Shape) throws -> Winograd? {
    let edge: Winograd.Edge? =
      switch convolutions {
      case .direct: nil
      case .winograd: convolutions.isPossible(for: shape, over: size) ? .two : nil
      case .wideWinograd: convolutions.isPossible(for: shape, over: size) ? .four : nil
      case .fastest: Winograd.fastest(pass, shape, size)
      }
    return try edge.map { try Winograd(pass, $0, shape, size, memory, instructions) }
  }
}
