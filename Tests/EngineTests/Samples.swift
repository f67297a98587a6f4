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
