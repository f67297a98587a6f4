import Testing

@testable import Engine
@testable import Popcorn

/// The network's tests share one OpenMP team: one after the other.
@Suite(.serialized) struct NetworkTests {
  @Test func thePapersNetworkHasItsParameters() throws {
    let network = try UNet(on: Null(), shape: UNetShape(), seed: 1)
    #expect(network.parameters.count == 7_070_738)
    #expect(network.parameters.names.first == "encoder.0.conv1.weight")
    #expect(network.parameters.names.last == "output.bias")
    #expect(try UNet(on: Null(), shape: UNetShape(width: 8), seed: 1).parameters.count == 787_890)
    #expect(try UNet(on: Null(), shape: UNetShape(width: 16), seed: 1).parameters.count == 3_144_802)
    #expect(throws: EngineError.self) { try UNet(on: Null(), shape: UNetShape(width: 12), seed: 1) }
  }

  @Test func referenceInDoubleEqualsPyTorch() throws {
    let golden = try NetworkGolden.read()
    let values = try golden.gradients(on: Reference<Double>())
    for (number, tensor) in golden.tensors.enumerated() {
      #expect(golden.error(of: values[number], number: number) < 1e-9, "\(tensor.name)")
      let norm = values[number].reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - tensor.norm) < 1e-9 * tensor.norm, "\(tensor.name)")
      let sum = values[number].reduce(0, +)
      #expect(abs(sum - tensor.sum) < 1e-9 * tensor.norm * Double(tensor.count).squareRoot(), "\(tensor.name)")
    }
  }

  @Test(arguments: [ConvolutionChoice.direct, .fastest]) func processorIsAsExactAsPyTorch(_ choice: ConvolutionChoice)
    throws
  {
    let golden = try NetworkGolden.read()
    let values = try golden.gradients(on: CPU(convolutions: choice))
    let worst = golden.tensors.indices.map { golden.error(of: values[$0], number: $0) }.max() ?? .infinity
    let theirs = golden.tensors.map(\.singleError).max() ?? 0
    #expect(worst <= 3 * theirs)
  }

  @Test func referenceInFloatEqualsPyTorch() throws {
    let golden = try NetworkGolden.read()
    let values = try golden.gradients(on: Reference<Float>())
    for number in golden.tensors.indices { #expect(golden.error(of: values[number], number: number) < 1e-4) }
  }

  @Test func inferenceEqualsForward() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    let pass = try network.forward(golden.patch(7), size: golden.size, dropout: nil)
    let (lesion, latent) = try network.infer(golden.patch(7), size: golden.size)
    #expect(lesion == Array(pass.probabilities[golden.size.count...]))
    #expect(latent == pass.latent)
    #expect(latent == (try network.embed(golden.patch(7), size: golden.size)))
  }

  @Test func aPassTellsWhatItsConvolutionsGaveUntilItIsSpent() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    let pass = try network.forward(golden.patch(7), size: golden.size, dropout: nil)
    let (width, voxels) = (network.shape.width, golden.size.count)
    // Three levels of two, the bottleneck, three levels up, and the output.
    let channels = [1, 2, 2, 4, 4, 8, 16, 8, 4, 4].map { $0 * width } + [network.shape.classes]
    let shares = [1, 1, 8, 8, 64, 64, 512, 64, 8, 1, 1]
    let given = pass.convolved
    #expect(given.map(\.count) == zip(channels, shares).map { $0 * (voxels / $1) })
    #expect(given.dropLast().allSatisfy { $0.allSatisfy { $0 >= 0 } && $0.contains { $0 > 0 } })
    let means = stride(from: 0, to: given[6].count, by: voxels / 512).map { start in
      given[6][start..<start + voxels / 512].reduce(0, +) / Float(voxels / 512)
    }
    #expect(zip(means, pass.latent).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
    try network.backward(
      pass, probabilityGradient: Array(repeating: 0, count: pass.probabilities.count), latentGradient: nil)
    #expect(pass.convolved.isEmpty)
  }

  @Test func passesOfAPairDoNotDisturbEachOther() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    let weigh = hashed(101, 2 * golden.size.count)
    func gradients(_ seeds: [UInt64]) throws -> [Float] {
      network.parameters.clearGradients()
      let passes = try seeds.map { seed in
        try network.forward(golden.patch(seed), size: golden.size, dropout: Random(seed: seed))
      }
      for pass in passes { try network.backward(pass, probabilityGradient: weigh, latentGradient: nil) }
      return network.parameters.gradients
    }
    let (first, second) = (try gradients([1]), try gradients([2]))
    let both = try gradients([1, 2])
    #expect(zip(zip(first, second), both).allSatisfy { $0.0 + $0.1 == $1 })
    #expect(try gradients([1, 2]) == both)
  }

  @Test func aPassIsSpentOnce() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    let pass = try network.forward(golden.patch(1), size: golden.size, dropout: nil)
    let weigh = hashed(101, 2 * golden.size.count)
    try network.backward(pass, probabilityGradient: weigh, latentGradient: nil)
    let once = network.parameters.gradients
    try network.backward(pass, probabilityGradient: weigh, latentGradient: nil)
    #expect(network.parameters.gradients == once)
  }

  @Test func boxesNeedNotBeCubes() throws {
    let size = PatchSize(depth: 8, height: 16, width: 24)
    let patch = hashed(3, size.count)
    let ours = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 5).infer(patch, size: size)
    let truth = try UNet(on: Reference<Double>(), shape: UNetShape(width: 8), seed: 5).infer(patch, size: size)
    #expect(zip(ours.lesion, truth.lesion).allSatisfy { abs($0 - $1) < 3e-5 })
    let network = try UNet(on: Null(), shape: UNetShape(width: 8), seed: 5)
    #expect(throws: EngineError.self) { try network.infer(patch, size: PatchSize(depth: 8, height: 16, width: 12)) }
  }

  @Test func initialWeightsAreInTheirBounds() throws {
    let block = try UNet(on: Null(), shape: UNetShape(width: 8), seed: 3).parameters
    for entry in block.entries where entry.shape.count == 5 {
      let bound = 1 / Float(entry.shape[1] * 27).squareRoot()
      let values = block.values[entry.range]
      #expect(values.allSatisfy { abs($0) <= bound })
      #expect((values.max() ?? 0) > 0.8 * bound)
    }
  }

  @Test func aStoredNetworkComputesTheSame() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    let file = try Safetensors.decode(network.parameters.safetensors(metadata: ["generation": "3"]))
    #expect(file.metadata["generation"] == "3")
    let again = try UNet(on: CPU(), file: file)
    #expect(
      try again.infer(golden.patch(1), size: golden.size).lesion
        == network.infer(golden.patch(1), size: golden.size).lesion)
    let narrower = try UNet(on: Null(), shape: UNetShape(width: 16), seed: 1)
    #expect(throws: SafetensorsError.self) { try narrower.parameters.load(file) }
  }

  /// A tensor without values may claim any size: nothing of that size is made.
  @Test func aStoredNetworkIsNoLargerThanItsFile() throws {
    let whole = try UNet(on: Null(), shape: UNetShape(width: 8), seed: 1).parameters
    let file = try Safetensors.decode(whole.safetensors())
    #expect(try UNetShape(of: file) == UNetShape(width: 8))
    func expectRefusal(_ name: String, _ shape: [Int]) {
      let entries = file.entries.map { $0.name == name ? .init(name: name, shape: shape, values: .float32([])) : $0 }
      #expect(throws: SafetensorsError.self, "\(name) \(shape)") { try UNetShape(of: Safetensors(entries)) }
    }
    let huge = 1 << 60
    expectRefusal("output.weight", [huge, 0, 3, 3, 3])
    expectRefusal("output.weight", [2, 0, 3, 3, 3])
    expectRefusal("encoder.0.conv1.weight", [huge, 0, 3, 3, 3])
    expectRefusal("encoder.0.conv1.weight", [8, huge, 0, 3, 3])
    expectRefusal("encoder.0.conv1.weight", [1024, 1, 3, 3, 0])
    expectRefusal("bottleneck.conv.weight", [128, 64, 3, 3, 0])
  }
}
