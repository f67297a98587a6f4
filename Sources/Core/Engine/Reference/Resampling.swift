extension Reference {
  /// Largest of each 2x2x2 block.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func pool(_ x: Tensor) throws -> Tensor {
    let y = Tensor(try poolShape(x.shape))
    for n in 0..<y.values.count { y.values[n] = x.values[largest(of: n, in: x)] }
    return y
  }

  /// dy at the first largest voxel of each block, zero elsewhere.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func poolBackward(_ dy: Tensor, x: Tensor) throws -> Tensor {
    try expectSame(dy.shape, try poolShape(x.shape), "backward pooling")
    let dx = Tensor(x.shape)
    for n in 0..<dy.values.count { dx.values[largest(of: n, in: x)] = dy.values[n] }
    return dx
  }

  private func poolShape(_ shape: Shape) throws -> Shape {
    guard shape.depth % 2 == 0, shape.height % 2 == 0, shape.width % 2 == 0 else {
      throw EngineError.shape("pooling of \(shape): edges must be even")
    }
    return shape.halved
  }

  /// The index in x of the first largest voxel of the block behind element `n` of the pooled tensor.
  private func largest(of n: Int, in x: Tensor) -> Int {
    let half = x.shape.halved
    let column = n % half.width
    let row = n / half.width % half.height
    let sliceOfAll = n / (half.width * half.height)
    let corner = (2 * sliceOfAll * x.shape.height + 2 * row) * x.shape.width + 2 * column
    var best = corner
    for offset in 1..<8 {
      let candidate = corner + ((offset >> 2) * x.shape.height + (offset >> 1 & 1)) * x.shape.width + (offset & 1)
      if x.values[candidate] > x.values[best] { best = candidate }
    }
    return best
  }

  /// [`x` at twice its size, `skip`]: trilinear with half-pixel centres.
  public func upsample(_ x: Tensor, beside skip: Tensor?) throws -> Tensor {
    if let skip { try expectSame(x.shape.doubled.with(channels: 1), skip.shape.with(channels: 1), "upsampling") }
    var large = Array(repeating: Scalar(0), count: x.shape.doubled.count)
    spread(x.shape) { from, to, weight in large[to] += weight * x.values[from] }
    let channels = x.shape.channels + (skip?.shape.channels ?? 0)
    return Tensor(x.shape.doubled.with(channels: channels), large + (skip?.values ?? []))
  }

  /// The transpose of `upsample`.
  public func upsampleBackward(_ dy: Tensor, channels: Int) throws -> (x: Tensor, skip: Tensor?) {
    guard channels > 0, channels <= dy.shape.channels else {
      throw EngineError.shape("backward upsampling of \(channels) of \(dy.shape)")
    }
    let dx = Tensor(try poolShape(dy.shape.with(channels: channels)))
    spread(dx.shape) { from, to, weight in dx.values[from] += weight * dy.values[to] }
    let others = dy.shape.channels - channels
    guard others > 0 else { return (dx, nil) }
    return (dx, Tensor(dy.shape.with(channels: others), Array(dy.values[(channels * dy.shape.voxels)...])))
  }

  /// Every (small voxel, large voxel, weight) of the upsampling of `shape`.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func spread(_ shape: Shape, _ body: (Int, Int, Scalar) -> Void) {
    let large = shape.doubled
    let (alongZ, alongY, alongX) = (weights(shape.depth), weights(shape.height), weights(shape.width))
    for channel in 0..<shape.channels {
      for z in 0..<large.depth {
        for y in 0..<large.height {
          for x in 0..<large.width {
            let to = ((channel * large.depth + z) * large.height + y) * large.width + x
            for (fromZ, weightZ) in alongZ[z] {
              for (fromY, weightY) in alongY[y] {
                for (fromX, weightX) in alongX[x] {
                  let from = ((channel * shape.depth + fromZ) * shape.height + fromY) * shape.width + fromX
                  body(from, to, weightZ * weightY * weightX)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Along one axis, for every large voxel: the two small ones it lies between and their shares. The centre of large
  /// voxel n lies at (n + 1/2) / 2 - 1/2 of the small ones.
  private func weights(_ small: Int) -> [[(Int, Scalar)]] {
    (0..<2 * small).map { n in
      let near = n / 2
      let far = n % 2 == 0 ? max(near - 1, 0) : min(near + 1, small - 1)
      return [(near, 0.75), (far, 0.25)]
    }
  }
}
