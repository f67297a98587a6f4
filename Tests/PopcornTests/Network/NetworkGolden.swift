import FoundationEssentials

@testable import Engine
@testable import Popcorn

/// What `Golden/make_network_golden.py` recorded, and the hash by which both sides make weights and inputs.
struct NetworkGolden: Decodable {
  struct Tensor: Decodable {
    var name: String
    var count: Int
    var norm: Double
    var sum: Double
    var samples: [Double]
    var singleError: Double
  }

  var width: Int
  var edge: Int
  var tensors: [Tensor]
  var curve: [Double]
  var singleCurve: [Double]

  static func read() throws -> NetworkGolden {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return try JSONDecoder().decode(
      NetworkGolden.self, from: try Data(contentsOf: URL(filePath: "/\(folder)/Golden/network.json")))
  }

  var size: PatchSize { PatchSize(edge: edge) }

  func patch(_ seed: UInt64) -> [Float] { hashed(seed, size.count) }

  func network<D: Device>(on device: D) throws -> UNet<D> {
    let network = try UNet(on: device, shape: UNetShape(width: width), seed: 0)
    for (number, entry) in network.parameters.entries.enumerated() {
      let values: [Float]
      if entry.shape.count == 5 {
        let scale = Float((6 / Double(entry.shape[1] * 27)).squareRoot())
        values = hashed(UInt64(number), entry.range.count, scale: scale)
      } else if number % 2 == 0 {
        values = hashed(UInt64(number), entry.range.count, scale: 0.2, offset: 1)
      } else {
        values = hashed(UInt64(number), entry.range.count, scale: 0.1)
      }
      for (place, value) in zip(entry.range, values) { network.parameters.valueBuffer[place] = value }
    }
    network.parametersChanged()
    return network
  }

  /// Probabilities, latent and every gradient of their weighted sum, in the order of `tensors`.
  func gradients<D: Device>(on device: D) throws -> [[Double]] {
    let network = try network(on: device)
    let pass = try network.forward(patch(100), size: size, dropout: nil)
    var result = [pass.exactProbabilities.map { Double($0) }, pass.exactLatent.map { Double($0) }]
    try network.backward(
      pass, probabilityGradient: hashed(101, 2 * size.count), latentGradient: hashed(102, network.shape.latent))
    for tensor in tensors.dropFirst(2) {
      result.append(network.lastGradient(of: tensor.name)?.map { Double($0) } ?? [])
    }
    return result
  }

  /// Relative L2 error of a tensor at the recorded places.
  func error(of values: [Double], number: Int) -> Double {
    let tensor = tensors[number]
    guard values.count == tensor.count else { return .infinity }
    var wrong = 0.0
    var right = 0.0
    for (n, truth) in tensor.samples.enumerated() {
      let value = values[Int(hash(1000 + UInt64(number), n) % UInt64(tensor.count))]
      wrong += (value - truth) * (value - truth)
      right += truth * truth
    }
    return (wrong / right).squareRoot()
  }
}

/// SplitMix64's finaliser of seed + (n + 1) golden ratio.
private func hash(_ seed: UInt64, _ n: Int) -> UInt64 {
  var z = seed &+ UInt64(n + 1) &* 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// In offset ± scale.
func hashed(_ seed: UInt64, _ count: Int, scale: Float = 1, offset: Float = 0) -> [Float] {
  (0..<count).map { n in
    let unit = Float(hash(seed, n) >> 40) * 0x1p-23 - 1
    // Two roundings, as NumPy: no fused multiply-add.
    let scaled = unit * scale
    return scaled + offset
  }
}
