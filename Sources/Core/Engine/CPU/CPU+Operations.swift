import CKernels

extension CPU {
  /// y = scale (x - mean) / sqrt(variance + ε) + shift, mean and biased variance over the group.
  public func normalize(_ x: Tensor, by norm: Norm<Parameter>) throws -> (Tensor, Moments) {
    guard norm.groups > 0, x.shape.channels % norm.groups == 0, norm.scale.count == x.shape.channels,
      norm.shift.count == x.shape.channels
    else { throw EngineError.shape("\(norm.groups) groups of \(x.shape)") }
    let x = try plain(x)
    let scaling = try memory.block(2 * x.shape.channels)
    let moments = Moments(groups: norm.groups)
    kernels_normalize(
      x.start, x.shape.voxels, x.shape.channels, norm.groups, norm.epsilon, norm.scale.values.start,
      norm.shift.values.start, &moments.means, &moments.inverses, scaling.start, scaling.start + x.shape.channels)
    return (Tensor(x.shape, x.memory, scaling: scaling), moments)
  }

  /// The gradient of `normalize`, in the memory of `dy`.
  public func normalizeBackward(_ dy: Tensor, x: Tensor, moments: Moments, by norm: Norm<Parameter>) throws -> Tensor {
    try expectSame(dy.shape, x.shape, "backward normalisation")
    let x = try plain(x)
    kernels_normalize_backward(
      dy.start, x.start, x.shape.voxels, x.shape.channels, norm.groups, norm.scale.values.start, moments.means,
      moments.inverses, try norm.scale.gradientToWrite(), try norm.shift.gradientToWrite())
    return dy
  }

  /// Largest of each 2x2x2 block.
  public func pool(_ x: Tensor) throws -> Tensor {
    let x = try plain(x)
    let y = try tensor(try halved(x.shape))
    kernels_pool(x.start, y.start, x.size, x.shape.channels)
    return y
  }

  /// dy at the first largest voxel of each block, zero elsewhere.
  public func poolBackward(_ dy: Tensor, x: Tensor) throws -> Tensor {
    try expectSame(dy.shape, try halved(x.shape), "backward pooling")
    let x = try plain(x)
    let dx = try tensor(x.shape)
    kernels_pool_backward(dy.start, x.start, dx.start, x.size, x.shape.channels)
    return dx
  }

  /// [`x` at twice its size, `skip`]: trilinear with half-pixel centres.
  public func upsample(_ x: Tensor, beside skip: Tensor?) throws -> Tensor {
    if let skip { try expectSame(x.shape.doubled.with(channels: 1), skip.shape.with(channels: 1), "upsampling") }
    let x = try plain(x)
    let skip = try skip.map(plain)
    let beside = skip?.shape.channels ?? 0
    let y = try tensor(x.shape.doubled.with(channels: x.shape.channels + beside))
    kernels_upsample(x.start, skip?.start, y.start, x.size, x.shape.channels, beside)
    return y
  }

  /// The transpose of `upsample`.
  public func upsampleBackward(_ dy: Tensor, channels: Int) throws -> (x: Tensor, skip: Tensor?) {
    guard channels > 0, channels <= dy.shape.channels else {
      throw EngineError.shape("backward upsampling of \(channels) of \(dy.shape)")
    }
    let dx = try tensor(try halved(dy.shape.with(channels: channels)))
    let others = dy.shape.channels - channels
    let beside = others > 0 ? try tensor(dy.shape.with(channels: others)) : nil
    kernels_upsample_backward(dy.start, dx.start, beside?.start, dx.size, channels, others)
    return (dx, beside)
  }

  /// Inverted dropout by the key's hash.
  public func drop(_ x: Tensor, rate: Float, key: DropoutKey) throws -> Tensor {
    let x = try plain(x)
    let y = try tensor(x.shape)
    kernels_drop(
      x.start, y.start, x.shape.count, key.low, key.high, DropoutKey.threshold(rate), 1 / (1 - rate))
    return y
  }

  /// y[c] = exp(x[c]) / Σ exp(x), over the channels of each voxel.
  public func softmax(_ x: Tensor) throws -> Tensor {
    let x = try plain(x)
    let y = try tensor(x.shape)
    kernels_softmax(x.start, y.start, x.shape.voxels, x.shape.channels)
    return y
  }

  /// dx[c] = y[c] (dy[c] - Σ y dy), in the memory of `dy`.
  public func softmaxBackward(_ dy: Tensor, y: Tensor) throws -> Tensor {
    try expectSame(dy.shape, y.shape, "backward softmax")
    kernels_softmax_backward(dy.start, y.start, y.shape.voxels, y.shape.channels)
    return dy
  }

  /// The mean of each channel.
  public func channelMean(_ x: Tensor) throws -> Tensor {
    let x = try plain(x)
    let y = try tensor(Shape(channels: x.shape.channels, depth: 1, height: 1, width: 1))
    kernels_channel_mean(x.start, y.start, x.shape.voxels, x.shape.channels)
    return y
  }

  /// dx[c, v] = dy[c] / voxels.
  public func channelMeanBackward(_ dy: Tensor, over shape: Shape) throws -> Tensor {
    guard dy.shape.count == shape.channels else { throw EngineError.shape("mean of \(shape) from \(dy.shape)") }
    let dx = try tensor(shape)
    kernels_channel_mean_backward(dy.start, dx.start, shape.voxels, shape.channels)
    return dx
  }

  /// y += x.
  public func add(_ x: Tensor, to y: Tensor) throws {
    try expectSame(x.shape, y.shape, "addition")
    let x = try plain(x)
    kernels_add(x.start, y.start, x.shape.count)
  }

  private func halved(_ shape: Shape) throws -> Shape {
    guard shape.depth % 2 == 0, shape.height % 2 == 0, shape.width % 2 == 0 else {
      throw EngineError.shape("halving \(shape): edges must be even")
    }
    return shape.halved
  }
}
