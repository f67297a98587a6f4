import Engine
import Popcorn

/// An optimizer step on a pair, as training takes it: both patches forward, equation (5), both back, Adam.
final class StepBenchmark: Benchmark {
  private let patches: MadeUpPatches
  private let masks: [[UInt8]]
  private var adam: Adam
  private var steps: UInt64 = 0
  let work: Work

  init(width: Int, edge: Int) throws {
    patches = try MadeUpPatches(2, width: width, edge: edge)
    var draw = Random(seed: 1).derive(4)
    masks = (0..<2).map { _ in (0..<edge * edge * edge).map { _ in draw.uniform() < 0.05 ? 1 : 0 } }
    adam = Adam(count: patches.network.parameters.count)
    work = try NetworkLayers(width: width, edge: edge).step
  }

  func run() throws {
    steps += 1
    let network = patches.network
    network.parameters.clearGradients()
    let passes = try patches.values.enumerated().map { index, patch in
      try network.forward(patch, size: patches.size, dropout: Random(seed: 1).derive(3, steps, UInt64(index)))
    }
    let pull = latentDistanceGradient(passes[0].latent, passes[1].latent)
    for (index, pass) in passes.enumerated() {
      try network.backward(
        pass, probabilityGradient: diceLossGradient(pass.probabilities, truth: masks[index]),
        latentGradient: index == 0 ? pull.a : pull.b)
    }
    adam.step(network.parameters, rate: 1e-4)
    network.parametersChanged()
  }
}

/// Probability and latent of one patch.
final class ForwardBenchmark: Benchmark {
  private let patches: MadeUpPatches
  let work: Work

  init(width: Int, edge: Int) throws {
    patches = try MadeUpPatches(1, width: width, edge: edge)
    work = try NetworkLayers(width: width, edge: edge).forward()
  }

  func run() throws { _ = try patches.network.infer(patches.values[0], size: patches.size) }
}

/// Noise for a network with its first weights.
private struct MadeUpPatches {
  let network: UNet<CPU>
  let size: PatchSize
  let values: [[Float]]

  init(_ count: Int, width: Int, edge: Int) throws {
    network = try UNet(on: CPU(), shape: UNetShape(width: width), seed: 1)
    let size = PatchSize(edge: edge)
    self.size = size
    var draw = Random(seed: 1).derive(2)
    values = (0..<count).map { _ in (0..<size.count).map { _ in draw.normal() } }
  }
}
