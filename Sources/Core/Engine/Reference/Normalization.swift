extension Reference {
  /// y = scale (x - mean) / sqrt(variance + ε) + shift, mean and biased variance over the group.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func normalize(_ x: Tensor, by norm: Norm<Parameter>) throws -> (Tensor, Moments) {
    let y = Tensor(x.shape)
    let run = try groupRun(x.shape, norm)
    var means: [Scalar] = []
    var inverses: [Scalar] = []
    for group in 0..<norm.groups {
      let range = group * run..<(group + 1) * run
      var sum = 0.0
      for n in range { sum += Double(x.values[n]) }
      let mean = sum / Double(run)
      var squares = 0.0
      for n in range { squares += (Double(x.values[n]) - mean) * (Double(x.values[n]) - mean) }
      let inverse = 1 / (squares / Double(run) + norm.epsilon).squareRoot()
      means.append(Scalar(mean))
      inverses.append(Scalar(inverse))
      for n in range {
        let channel = n / x.shape.voxels
        y.values[n] =
          (x.values[n] - means[group]) * inverses[group] * norm.scale.values[channel] + norm.shift.values[channel]
      }
    }
    return (y, Moments(means: means, inverses: inverses))
  }

  /// With x̂ the normalised input and g = scale dy: dx = (g - mean(g) - x̂ mean(g x̂)) / deviation, means over the group.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func normalizeBackward(_ dy: Tensor, x: Tensor, moments: Moments, by norm: Norm<Parameter>) throws -> Tensor {
    try expectSame(dy.shape, x.shape, "backward normalisation")
    let dx = Tensor(x.shape)
    let run = try groupRun(x.shape, norm)
    let voxels = x.shape.voxels
    for channel in 0..<x.shape.channels {
      let group = channel * voxels / run
      var shift = 0.0
      var scale = 0.0
      for n in channel * voxels..<(channel + 1) * voxels {
        shift += Double(dy.values[n])
        scale += Double(dy.values[n]) * Double((x.values[n] - moments.means[group]) * moments.inverses[group])
      }
      norm.shift.gradient[channel] = Scalar(shift)
      norm.scale.gradient[channel] = Scalar(scale)
    }
    let width = run / voxels
    for group in 0..<norm.groups {
      var mean: Scalar = 0
      var projection: Scalar = 0
      for channel in group * width..<(group + 1) * width {
        mean += norm.scale.values[channel] * norm.shift.gradient[channel] / Scalar(run)
        projection += norm.scale.values[channel] * norm.scale.gradient[channel] / Scalar(run)
      }
      for n in group * run..<(group + 1) * run {
        let normal = (x.values[n] - moments.means[group]) * moments.inverses[group]
        dx.values[n] =
          (norm.scale.values[n / voxels] * dy.values[n] - mean - normal * projection) * moments.inverses[group]
      }
    }
    return dx
  }

  /// Values of one group.
  private func groupRun(_ shape: Shape, _ norm: Norm<Parameter>) throws -> Int {
    guard norm.groups > 0, shape.channels % norm.groups == 0, norm.scale.values.count == shape.channels,
      norm.shift.values.count == shape.channels
    else { throw EngineError.shape("\(norm.groups) groups of \(shape)") }
    return shape.count / norm.groups
  }
}
