import Testing

@testable import Engine

/// The engine's tests share one OpenMP team: one after the other.
@Suite(.serialized) struct EngineTests {}

extension EngineTests {
  /// Every operation of `CPU` against `Reference` in Double, forward and backward, on equal inputs.
  @Suite struct OperationTests {
    let cpu = CPU()
    let reference = Reference<Double>()
    /// Relative to the largest value of the truth.
    let limit = 1e-5

    struct Box: Sendable, CustomTestStringConvertible {
      var depth: Int
      var height: Int
      var width: Int
      var testDescription: String { "\(depth)x\(height)x\(width)" }
      func shape(_ channels: Int) -> Shape {
        Shape(channels: channels, depth: depth, height: height, width: width)
      }
    }

    static let boxes = [
      Box(depth: 2, height: 2, width: 2), Box(depth: 4, height: 2, width: 6), Box(depth: 8, height: 8, width: 8),
      Box(depth: 2, height: 10, width: 16), Box(depth: 6, height: 4, width: 18),
    ]

    @Test(
      arguments: boxes, [(1, 8, true), (8, 16, true), (24, 8, true), (32, 2, false), (16, 3, false), (48, 5, true)])
    func convolution(_ box: Box, _ layer: (Int, Int, Bool)) throws {
      let shape = ConvolutionShape(inputs: layer.0, outputs: layer.1, rectified: layer.2)
      try expectClose(try convolve(on: cpu, box, shape), try convolve(on: reference, box, shape))
    }

    @Test(arguments: boxes, [(8, 8), (24, 8), (72, 8), (16, 2)])
    func normalization(_ box: Box, _ layer: (Int, Int)) throws {
      let (channels, groups) = layer
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let scale = try parameter(device, channels, seed: 5, scale: 1)
        let shift = try parameter(device, channels, seed: 6)
        let norm = Norm(groups: groups, epsilon: 1e-6, scale: scale, shift: shift)
        let x = try upload(device, box.shape(channels), seed: 7, offset: 3)
        let (y, moments) = try device.normalize(x, by: norm)
        let forward = download(device, y)
        let dy = try upload(device, box.shape(channels), seed: 8)
        let dx = try device.normalizeBackward(dy, x: x, moments: moments, by: norm)
        return [
          forward, download(device, dx), device.gradient(of: scale).map { Double($0) },
          device.gradient(of: shift).map { Double($0) },
        ]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test(arguments: boxes) func pooling(_ box: Box) throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        // Coarse values, so that blocks have several largest voxels: the first must win on both.
        let x = try upload(device, box.shape(5), seed: 9, levels: 3)
        let y = try device.pool(x)
        let dy = try upload(device, device.shape(of: y), seed: 10)
        return [download(device, y), download(device, try device.poolBackward(dy, x: x))]
      }
      #expect(try run(cpu) == (try run(reference)))
    }

    @Test(arguments: boxes) func upsampling(_ box: Box) throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let x = try upload(device, box.shape(5), seed: 11)
        let skip = try upload(device, box.shape(3).doubled, seed: 12)
        let y = try device.upsample(x, beside: skip)
        let forward = download(device, y)
        let dy = try upload(device, device.shape(of: y), seed: 13)
        let gradients = try device.upsampleBackward(dy, channels: 5)
        return [forward, download(device, gradients.x), download(device, try #require(gradients.skip))]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test(arguments: boxes) func upsamplingAlone(_ box: Box) throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let y = try device.upsample(try upload(device, box.shape(5), seed: 11), beside: nil)
        let forward = download(device, y)
        let dy = try upload(device, device.shape(of: y), seed: 13)
        let gradients = try device.upsampleBackward(dy, channels: 5)
        #expect(gradients.skip == nil)
        return [forward, download(device, gradients.x)]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test(arguments: boxes, [2, 3]) func softmax(_ box: Box, _ classes: Int) throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let y = try device.softmax(try upload(device, box.shape(classes), seed: 14, scale: 8))
        let forward = download(device, y)
        let dy = try upload(device, box.shape(classes), seed: 15)
        return [forward, download(device, try device.softmaxBackward(dy, y: y))]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test(arguments: boxes) func channelMean(_ box: Box) throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let y = try device.channelMean(try upload(device, box.shape(7), seed: 16))
        return [download(device, y), download(device, try device.channelMeanBackward(y, over: box.shape(7)))]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test(arguments: boxes, [0.5, 0.1] as [Float]) func dropout(_ box: Box, _ rate: Float) throws {
      var random = Random(seed: 17)
      let key = DropoutKey(from: &random)
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        [download(device, try device.drop(try upload(device, box.shape(6), seed: 18), rate: rate, key: key))]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test func dropoutKeepsAboutItsShare() throws {
      var random = Random(seed: 19)
      for rate: Float in [0.1, 0.5, 0.9] {
        let key = DropoutKey(from: &random)
        let kept = (0..<100_000).count { key.keeps($0, rate: rate) }
        // Six standard deviations of a binomial count at most 950.
        #expect(abs(Double(kept) - 100_000 * Double(1 - rate)) < 950)
      }
    }

    @Test func addition() throws {
      func run<D: Device>(_ device: D) throws -> [[Double]] {
        let shape = Self.boxes[1].shape(3)
        let y = try upload(device, shape, seed: 20)
        try device.add(try upload(device, shape, seed: 21), to: y)
        return [download(device, y)]
      }
      try expectClose(try run(cpu), try run(reference))
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
      let odd = Shape(channels: 1, depth: 3, height: 2, width: 2)
      #expect(throws: EngineError.self) { try cpu.pool(try cpu.upload(Array(repeating: 0, count: 12), as: odd)) }
      #expect(throws: EngineError.self) { try cpu.upload([1, 2, 3], as: odd) }
      #expect(throws: EngineError.self) { try reference.upload([1, 2, 3], as: odd) }
    }

    private func expectClose(_ values: [[Double]], _ truths: [[Double]]) throws {
      try expectEqual(values, truths, within: limit)
    }
  }
}
