import Testing

@testable import Engine

/// Values in ±scale around offset, from a hash of place and seed; on so many levels where `levels` is given.
func samples(_ count: Int, seed: UInt64, scale: Float = 1, offset: Float = 0, levels: Float? = nil) -> [Float] {
  var random = Random(seed: seed)
  return (0..<count).map { _ in
    let value = random.uniform(-1, 1)
    return (levels.map { (value * $0).rounded() / $0 } ?? value) * scale + offset
  }
}

func upload<D: Device>(
  _ device: D, _ shape: Shape, seed: UInt64, scale: Float = 1, offset: Float = 0, levels: Float? = nil
) throws -> D.Tensor {
  let values = samples(shape.count, seed: seed, scale: scale, offset: offset, levels: levels)
  return try device.upload(values.map { D.Scalar($0) }, as: shape)
}

func download<D: Device>(_ device: D, _ tensor: D.Tensor) -> [Double] { device.download(tensor).map { Double($0) } }

func parameter<D: Device>(_ device: D, _ count: Int, seed: UInt64, scale: Float = 1) throws -> D.Parameter {
  let parameter = try device.parameter(count: count)
  samples(count, seed: seed, scale: scale).withUnsafeBufferPointer { device.set(parameter, to: $0) }
  return parameter
}

/// Forward, gradients of the input, of the weights and of the bias, on made-up values.
func convolve<D: Device>(on device: D, _ box: EngineTests.OperationTests.Box, _ shape: ConvolutionShape) throws
  -> [[Double]]
{
  let weight = try parameter(device, shape.weights, seed: 1, scale: 0.3)
  let bias = try parameter(device, shape.outputs, seed: 2)
  let convolution = try device.convolution(shape, weight: weight, bias: bias)
  let x = try upload(device, box.shape(shape.inputs), seed: 3)
  let y = try device.convolve(x, by: convolution)
  let forward = download(device, y)
  let dy = try upload(device, box.shape(shape.outputs), seed: 4)
  let dx = try device.convolveBackward(dy, x: x, y: y, by: convolution, wantsInput: true)
  return [
    forward, dx.map { download(device, $0) } ?? [], device.gradient(of: weight).map { Double($0) },
    device.gradient(of: bias).map { Double($0) },
  ]
}

/// The limit is relative to the largest value of each truth.
func expectEqual(
  _ values: [[Double]], _ truths: [[Double]], within limit: Double, _ what: String = "",
  at place: SourceLocation = #_sourceLocation
) throws {
  for (values, truth) in zip(values, truths) {
    try #require(values.count == truth.count, sourceLocation: place)
    let scale = truth.map { abs($0) }.max() ?? 0
    let worst = zip(values, truth).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= limit * max(scale, 1e-3), "\(what)", sourceLocation: place)
  }
}
