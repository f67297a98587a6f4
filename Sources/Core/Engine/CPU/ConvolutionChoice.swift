/// By what a `CPU` decides how to compute a convolution.
public enum ConvolutionChoice: Hashable, Sendable {
  /// As the table says, and the rule where it does not.
  case table(ConvolutionTable)
  /// One way wherever it is possible.
  case always(ConvolutionWay)

  /// What was measured to be fastest on the processors that we know.
  public static var fastest: ConvolutionChoice { .table(ConvolutionTable()) }
  /// Sums as they are written.
  public static var direct: ConvolutionChoice { .always(.direct) }

  /// How a pass is computed.
  func way(_ pass: ConvolutionPass, _ shape: ConvolutionShape, over size: Shape) -> ConvolutionWay {
    let wanted: ConvolutionWay =
      switch self {
      case .table(let table): table[ConvolutionTable.Key(pass, shape, over: size)] ?? .byRule(pass, shape, over: size)
      case .always(let way): way
      }
    return wanted.isPossible(for: shape, over: size) ? wanted : .direct
  }
}

extension CPU {
  func forward(of convolution: Convolution, over size: Shape) throws -> any ConvolutionForward {
    if Narrow.suits(convolution.shape) && !convolution.shape.rectified { return Narrow() }
    return try winograd(.forward, convolution, size) ?? Direct(.forward, convolution.shape, size, memory)
  }

  func inputGradient(of convolution: Convolution, over size: Shape) throws -> any ConvolutionInputGradient {
    try winograd(.inputGradient, convolution, size) ?? Direct(.inputGradient, convolution.shape, size, memory)
  }

  func weightGradient(of convolution: Convolution, over size: Shape) throws -> any ConvolutionWeightGradient {
    if Narrow.suits(convolution.shape) { return Narrow() }
    return try winograd(.weightGradient, convolution, size) ?? Direct(.weightGradient, convolution.shape, size, memory)
  }

  private func winograd(_ pass: ConvolutionPass, _ convolution: Convolution, _ size: Shape) throws -> Winograd? {
    let edge: Winograd.Edge
    switch convolution.choice.way(pass, convolution.shape, over: size) {
    case .direct: return nil
    case .winograd: edge = .two
    case .wideWinograd: edge = .four
    }
    return try Winograd(pass, edge, convolution.shape, size, memory, instructions)
  }
}
