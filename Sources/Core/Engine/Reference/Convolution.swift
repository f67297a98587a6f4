extension Reference {
  /// A convolution over these parameters.
  public func convolution(_ shape: ConvolutionShape, weight: Parameter, bias: Parameter) throws -> Convolution {
    guard weight.values.count == shape.weights, bias.values.count == shape.outputs else {
      throw EngineError.shape("\(weight.values.count) weights for \(shape)")
    }
    return Convolution(shape, weight, bias)
  }

  /// y[o, v] = [ReLU] (b[o] + Σ over i and taps t of w[o, i, t] x[i, v + t]), x being 0 outside.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func convolve(_ x: Tensor, by convolution: Convolution) throws -> Tensor {
    let shape = convolution.shape
    guard x.shape.channels == shape.inputs else { throw EngineError.shape("\(x.shape) into \(shape)") }
    let y = Tensor(x.shape.with(channels: shape.outputs))
    y.values.withUnsafeMutableBufferPointer { y in
      x.values.withUnsafeBufferPointer { input in
        for o in 0..<shape.outputs {
          let plane = UnsafeMutableBufferPointer(rebasing: y[o * x.shape.voxels..<(o + 1) * x.shape.voxels])
          plane.update(repeating: convolution.bias.values[o])
          for i in 0..<shape.inputs {
            let source = UnsafeBufferPointer(rebasing: input[i * x.shape.voxels..<(i + 1) * x.shape.voxels])
            for tap in Tap.all {
              let weight = convolution.weight.values[(o * shape.inputs + i) * 27 + tap.index]
              tap.rows(of: x.shape) { to, from, count in
                for n in 0..<count { plane[to + n] += weight * source[from + n] }
              }
            }
          }
          if shape.rectified {
            for n in 0..<plane.count where plane[n] < 0 { plane[n] = 0 }
          }
        }
      }
    }
    return y
  }

  /// With dy zero where y is not positive (if rectified): db[o] = Σ dy[o, v], dw[o, i, t] = Σ dy[o, v] x[i, v + t],
  /// dx[i, v + t] += w[o, i, t] dy[o, v].
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func convolveBackward(
    _ dy: Tensor, x: Tensor, y: Tensor, by convolution: Convolution, wantsInput: Bool
  ) throws -> Tensor? {
    let shape = convolution.shape
    let voxels = x.shape.voxels
    try expectSame(dy.shape, y.shape, "backward convolution")
    if shape.rectified {
      for n in 0..<dy.values.count where y.values[n] <= 0 { dy.values[n] = 0 }
    }
    let dx = Tensor(x.shape)
    dx.values.withUnsafeMutableBufferPointer { dx in
      x.values.withUnsafeBufferPointer { x in
        dy.values.withUnsafeBufferPointer { dy in
          for o in 0..<shape.outputs {
            let given = UnsafeBufferPointer(rebasing: dy[o * voxels..<(o + 1) * voxels])
            convolution.bias.gradient[o] = given.reduce(0, +)
            for i in 0..<shape.inputs {
              let source = UnsafeBufferPointer(rebasing: x[i * voxels..<(i + 1) * voxels])
              let target = UnsafeMutableBufferPointer(rebasing: dx[i * voxels..<(i + 1) * voxels])
              for tap in Tap.all {
                let place = (o * shape.inputs + i) * 27 + tap.index
                let weight = convolution.weight.values[place]
                var sum: Scalar = 0
                tap.rows(of: y.shape) { to, from, count in
                  for n in 0..<count {
                    sum += given[to + n] * source[from + n]
                    target[from + n] += weight * given[to + n]
                  }
                }
                convolution.weight.gradient[place] = sum
              }
            }
          }
        }
      }
    }
    return wantsInput ? dx : nil
  }
}

/// One of the 27 places of a 3x3x3 kernel, as an offset of -1, 0 or 1 an axis.
struct Tap {
  let index: Int
  let z: Int
  let y: Int
  let x: Int

  static let all = (0..<27).map { Tap(index: $0, z: $0 / 9 - 1, y: $0 / 3 % 3 - 1, x: $0 % 3 - 1) }

  /// Rows of voxels along x for which both the voxel and the one the tap reads lie inside: where the output row begins,
  /// where the input row begins, how long both are.
  @inline(__always)
  func rows(of shape: Shape, _ body: (_ to: Int, _ from: Int, _ count: Int) -> Void) {
    let first = max(0, -x)
    let count = shape.width - abs(x)
    guard count > 0 else { return }
    for slice in max(0, -z)..<max(max(0, -z), shape.depth - max(0, z)) {
      for row in max(0, -y)..<max(max(0, -y), shape.height - max(0, y)) {
        let to = (slice * shape.height + row) * shape.width + first
        let from = ((slice + z) * shape.height + row + y) * shape.width + first + x
        body(to, from, count)
      }
    }
  }
}
