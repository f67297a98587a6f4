import Glibc

extension Reference {
  /// Inverted dropout by the key's hash.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func drop(_ x: Tensor, rate: Float, key: DropoutKey) throws -> Tensor {
    let y = Tensor(x.shape)
    let kept = 1 / (1 - Scalar(rate))
    for n in 0..<x.values.count {
      let element = n % x.shape.voxels * x.shape.channels + n / x.shape.voxels
      if key.keeps(element, rate: rate) { y.values[n] = x.values[n] * kept }
    }
    return y
  }

  /// y[c] = exp(x[c]) / Σ exp(x), over the channels of each voxel.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func softmax(_ x: Tensor) throws -> Tensor {
    let y = Tensor(x.shape)
    for voxel in 0..<x.shape.voxels {
      let places = stride(from: voxel, to: x.values.count, by: x.shape.voxels)
      let top = places.reduce(x.values[voxel]) { max($0, x.values[$1]) }
      var sum: Scalar = 0
      for n in places {
        y.values[n] = Scalar(exp(Double(x.values[n] - top)))
        sum += y.values[n]
      }
      for n in places { y.values[n] /= sum }
    }
    return y
  }

  /// dx[c] = y[c] (dy[c] - Σ y dy).
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func softmaxBackward(_ dy: Tensor, y: Tensor) throws -> Tensor {
    try expectSame(dy.shape, y.shape, "backward softmax")
    let dx = Tensor(y.shape)
    for voxel in 0..<y.shape.voxels {
      let places = stride(from: voxel, to: y.values.count, by: y.shape.voxels)
      let mean = places.reduce(Scalar(0)) { $0 + y.values[$1] * dy.values[$1] }
      for n in places { dx.values[n] = y.values[n] * (dy.values[n] - mean) }
    }
    return dx
  }

  /// The mean of each channel.
  public func channelMean(_ x: Tensor) throws -> Tensor {
    let means = (0..<x.shape.channels).map { channel in
      let values = x.values[channel * x.shape.voxels..<(channel + 1) * x.shape.voxels]
      return Scalar(values.reduce(0) { $0 + Double($1) } / Double(x.shape.voxels))
    }
    return Tensor(Shape(channels: x.shape.channels, depth: 1, height: 1, width: 1), means)
  }

  /// dx[c, v] = dy[c] / voxels.
  public func channelMeanBackward(_ dy: Tensor, over shape: Shape) throws -> Tensor {
    guard dy.shape.count == shape.channels else { throw EngineError.shape("mean of \(shape) from \(dy.shape)") }
    return Tensor(
      shape, dy.values.flatMap { Array(repeating: $0 / Scalar(shape.voxels), count: shape.voxels) })
  }

  /// y += x.
  public func add(_ x: Tensor, to y: Tensor) throws {
    try expectSame(x.shape, y.shape, "addition")
    for n in 0..<y.values.count { y.values[n] += x.values[n] }
  }
}
