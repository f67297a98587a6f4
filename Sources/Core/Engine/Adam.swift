import CKernels

/// Adam (Kingma and Ba 2015) as PyTorch computes it, with Keras's epsilon: β1 0.9, β2 0.999, ε 1e-7, no weight decay.
public struct Adam: Sendable {
  /// Steps taken.
  public private(set) var steps: Int
  /// Running mean of the gradient, one value a parameter.
  public private(set) var firstMoment: [Float]
  /// Running mean of its square.
  public private(set) var secondMoment: [Float]

  /// Adam before its first step, for a block of `count` values.
  public init(count: Int) {
    steps = 0
    firstMoment = Array(repeating: 0, count: count)
    secondMoment = Array(repeating: 0, count: count)
  }

  /// One step down the block's gradients. The block must have the count given at the start.
  public mutating func step(_ block: ParameterBlock, rate: Float) {
    precondition(block.count == firstMoment.count, "Adam was made for another block")
    steps += 1
    let firstLeft = 1 - power(0.9, steps)
    let secondLeft = 1 - power(0.999, steps)
    firstMoment.withUnsafeMutableBufferPointer { first in
      secondMoment.withUnsafeMutableBufferPointer { second in
        kernels_adam(
          block.valueBuffer.baseAddress, block.gradientBuffer.baseAddress, first.baseAddress, second.baseAddress,
          block.count, 0.1, 0.999, 0.001, Float(Double(rate) / firstLeft), Float(secondLeft.squareRoot()), 1e-7)
      }
    }
  }

  /// Begins anew for some of the parameters: those that are drawn anew.
  public mutating func forget(_ range: Range<Int>) {
    for place in range.clamped(to: firstMoment.indices) { (firstMoment[place], secondMoment[place]) = (0, 0) }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= factor }
      factor *= factor
      left >>= 1
    }
    return result
  }
}

extension Adam {
  /// The state as a file: `steps` (1), `first` and `second` (one value a parameter).
  public func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
    Safetensors(
      [
        .init(name: "first", shape: [firstMoment.count], values: .float32(firstMoment)),
        .init(name: "second", shape: [secondMoment.count], values: .float32(secondMoment)),
        .init(name: "steps", shape: [1], values: .float64([Double(steps)])),
      ], metadata: metadata
    ).encode()
  }

  /// The state from such a file, for a block of `count` values. Throws `SafetensorsError`.
  public init(_ file: Safetensors, count: Int) throws {
    func values(_ name: String, _ expected: Int) throws -> Safetensors.Values {
      guard let entry = file[name] else { throw SafetensorsError.missing(name) }
      guard entry.shape == [expected] else {
        throw SafetensorsError.shape(name, expected: [expected], found: entry.shape)
      }
      return entry.values
    }
    firstMoment = try values("first", count).floats
    secondMoment = try values("second", count).floats
    guard let taken = try values("steps", 1).doubles.first, let steps = Int(exactly: taken), steps >= 0 else {
      throw SafetensorsError.header("steps is not a count")
    }
    self.steps = steps
  }
}
