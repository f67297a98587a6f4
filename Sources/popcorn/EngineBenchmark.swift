import Engine
import Popcorn

/// The two things that the engine's time goes into, on made-up patches.
final class EngineBenchmark {
  private let network: UNet<CPU>
  private var adam: Adam
  private let size: PatchSize
  private let patches: [[Float]]
  private let masks: [[UInt8]]
  private let random = Random(seed: 1)
  private var steps: UInt64 = 0

  init(width: Int, patch: Int) throws {
    network = try UNet(on: CPU(), shape: UNetShape(width: width), seed: 1)
    adam = Adam(count: network.parameters.count)
    let size = PatchSize(edge: patch)
    self.size = size
    var draw = random.derive(2)
    patches = (0..<2).map { _ in (0..<size.count).map { _ in draw.normal() } }
    masks = (0..<2).map { _ in (0..<size.count).map { _ in draw.uniform() < 0.05 ? 1 : 0 } }
  }

  /// An optimiser step on a pair, as training takes it: both forward, equation (5), both back, Adam.
  func step() throws {
    steps += 1
    network.parameters.clearGradients()
    let passes = try patches.enumerated().map { index, patch in
      try network.forward(patch, size: size, dropout: random.derive(3, steps, UInt64(index)))
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

  /// Probability and latent of one patch.
  func forward() throws { _ = try network.infer(patches[0], size: size) }
}
