import Testing

@testable import Engine

extension EngineTests {
  /// The gradients of `Reference` in Double by central differences: the definition checked against itself.
  @Suite struct GradientTests {
    private typealias Device = Reference<Double>
    private let device = Device()
    private let shape = Shape(channels: 4, depth: 2, height: 4, width: 6)

    @Test func convolution() throws {
      for rectified in [false, true] {
        let layer = ConvolutionShape(inputs: 4, outputs: 3, rectified: rectified)
        let weight = try parameter(device, layer.weights, seed: 1)
        let bias = try parameter(device, 3, seed: 2)
        let convolution = try device.convolution(layer, weight: weight, bias: bias)
        try check(
          [weight, bias], forward: { try device.convolve($0, by: convolution) },
          backward: { dy, x, y in
            try #require(
              try device.convolveBackward(dy, x: x, y: y, by: convolution, wantsInput: true))
          })
      }
    }

    @Test func normalization() throws {
      let scale = try parameter(device, 4, seed: 3)
      let shift = try parameter(device, 4, seed: 4)
      let norm = Norm(groups: 2, epsilon: 1e-6, scale: scale, shift: shift)
      try check(
        [scale, shift], forward: { try device.normalize($0, by: norm).0 },
        backward: { dy, x, _ in
          let moments = try device.normalize(x, by: norm).1
          return try device.normalizeBackward(dy, x: x, moments: moments, by: norm)
        })
    }

    @Test func pooling() throws {
      try check([], forward: device.pool, backward: { dy, x, _ in try device.poolBackward(dy, x: x) })
    }

    @Test func upsampling() throws {
      let skip = try upload(device, shape.doubled.with(channels: 2), seed: 5)
      try check(
        [], forward: { try device.upsample($0, beside: skip) },
        backward: { dy, _, _ in try device.upsampleBackward(dy, channels: 4).x })
      let small = try upload(device, shape.halved.with(channels: 2), seed: 6)
      try check(
        [], forward: { try device.upsample(small, beside: $0) },
        backward: { dy, _, _ in try #require(try device.upsampleBackward(dy, channels: 2).skip) })
      try check(
        [], forward: { try device.upsample($0, beside: nil) },
        backward: { dy, _, _ in try device.upsampleBackward(dy, channels: 4).x })
    }

    @Test func softmax() throws {
      try check([], forward: device.softmax, backward: { dy, _, y in try device.softmaxBackward(dy, y: y) })
    }

    @Test func channelMean() throws {
      try check(
        [], forward: device.channelMean, backward: { dy, _, _ in try device.channelMeanBackward(dy, over: shape) })
    }

    @Test func dropout() throws {
      var random = Random(seed: 7)
      let key = DropoutKey(from: &random)
      try check(
        [], forward: { try device.drop($0, rate: 0.5, key: key) },
        backward: { dy, _, _ in try device.drop(dy, rate: 0.5, key: key) })
    }

    /// Compares the gradient of Σ y g, g fixed, by x and by each parameter with central differences.
    private func check(
      _ parameters: [Device.Parameter], forward: (Device.Tensor) throws -> Device.Tensor,
      backward: (Device.Tensor, Device.Tensor, Device.Tensor) throws -> Device.Tensor
    ) throws {
      let x = try upload(device, shape, seed: 8)
      let y = try forward(x)
      let weigh = samples(y.values.count, seed: 9).map { Double($0) }
      func total() throws -> Double { zip(try forward(x).values, weigh).reduce(0) { $0 + $1.0 * $1.1 } }
      let dx = try backward(try device.upload(weigh, as: y.shape), x, y).values
      let gradients = parameters.map(\.gradient)
      let step = 1e-6
      for place in stride(from: 0, to: x.values.count, by: 7) {
        let kept = x.values[place]
        x.values[place] = kept + step
        let above = try total()
        x.values[place] = kept - step
        let below = try total()
        x.values[place] = kept
        #expect(abs((above - below) / (2 * step) - dx[place]) < 1e-7 * max(1, abs(dx[place])))
      }
      for (parameter, gradient) in zip(parameters, gradients) {
        for place in stride(from: 0, to: gradient.count, by: gradient.count > 20 ? 11 : 1) {
          let kept = parameter.values[place]
          parameter.values[place] = kept + step
          let above = try total()
          parameter.values[place] = kept - step
          let below = try total()
          parameter.values[place] = kept
          #expect(abs((above - below) / (2 * step) - gradient[place]) < 1e-7 * max(1, abs(gradient[place])))
        }
      }
    }
  }
}
