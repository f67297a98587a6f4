import Engine
import Popcorn

/// Two patches with their masks, as a parity file holds them.
struct ParityPair {
  let size: PatchSize
  private let patches: [[Float]]
  private let masks: [[UInt8]]

  /// Throws `SafetensorsError` where a tensor is missing or the four differ in shape.
  init(_ file: Safetensors) throws {
    func entry(_ name: String) throws -> Safetensors.Entry {
      guard let entry = file[name] else { throw SafetensorsError.missing(name) }
      return entry
    }
    let first = try entry("x.i")
    guard first.shape.count == 4, first.shape[0] == 1 else {
      throw SafetensorsError.shape("x.i", expected: [1, 0, 0, 0], found: first.shape)
    }
    func values(_ name: String) throws -> [Float] {
      let entry = try entry(name)
      guard entry.shape == first.shape else {
        throw SafetensorsError.shape(name, expected: first.shape, found: entry.shape)
      }
      return entry.values.floats
    }
    size = PatchSize(depth: first.shape[1], height: first.shape[2], width: first.shape[3])
    patches = [try values("x.i"), try values("x.j")]
    masks = try ["y.i", "y.j"].map { try values($0).map { $0 > 0.5 ? 1 : 0 } }
  }

  /// Equation (5) and what it is made of; its gradients are added to the network's.
  func step<D: Device>(_ network: UNet<D>, _ terms: ParityCommand.Terms, activations: Bool = false) throws
    -> ParityStep<D>
  {
    let passes = try patches.map { try network.forward($0, size: size, dropout: nil) }
    let probabilities = passes.map(\.exactProbabilities)
    let latents = passes.map(\.exactLatent)
    let convolved = activations ? passes.map(\.convolved) : []
    let alike = similarity(masks[0], masks[1], tau: terms.tau)
    let segmentation = zip(probabilities, masks).map { diceLoss($0, truth: $1, top: terms.top) }
    let consistency = consistencyLoss(distance: latentDistance(latents[0], latents[1]), similarity: alike)
    let pull = consistencyLossGradient(latents[0], latents[1], similarity: terms.alpha * alike)

    var gradients: [String: [Double]] = [:]
    for (index, pass) in passes.enumerated() {
      try network.backward(
        pass, exactProbabilityGradient: diceLossGradient(probabilities[index], truth: masks[index], top: terms.top),
        exactLatentGradient: index == 0 ? pull.a : pull.b)
      for name in network.parameters.names {
        let part = (network.lastGradient(of: name) ?? []).map { Double($0) }
        gradients[name] = gradients[name].map { zip($0, part).map { $0 + $1 } } ?? part
      }
    }
    return ParityStep(
      segmentation: segmentation, consistency: consistency,
      total: totalLoss(segmentation[0], segmentation[1], consistency: consistency, alpha: terms.alpha),
      probabilities: probabilities, latents: latents, gradients: gradients, convolved: convolved)
  }
}

/// What one step on a pair computed.
struct ParityStep<D: Device> {
  let segmentation: [Double]
  let consistency: Double
  let total: Double
  let probabilities: [[D.Scalar]]
  let latents: [[D.Scalar]]
  let gradients: [String: [Double]]
  /// By patch and convolution; empty where they were not asked for.
  let convolved: [[[D.Scalar]]]

  /// All of it, named as the other side names it.
  func entries(_ network: UNet<D>, _ size: PatchSize) -> [Safetensors.Entry] {
    func scalar(_ name: String, _ value: Double) -> Safetensors.Entry {
      .init(name: name, shape: [1], values: .float64([value]))
    }
    func tensor(_ name: String, _ shape: [Int], _ values: [D.Scalar]) -> Safetensors.Entry {
      .init(name: name, shape: shape, values: .float64(values.map { Double($0) }))
    }
    let volume = [network.shape.classes, size.depth, size.height, size.width]
    return [
      scalar("loss.seg.i", segmentation[0]), scalar("loss.seg.j", segmentation[1]),
      scalar("loss.reg", consistency), scalar("loss.total", total),
      tensor("p.i", volume, probabilities[0]), tensor("p.j", volume, probabilities[1]),
      tensor("h.i", [latents[0].count], latents[0]), tensor("h.j", [latents[1].count], latents[1]),
    ]
      + network.parameters.entries.map {
        .init(name: "grad.\($0.name)", shape: $0.shape, values: .float64(gradients[$0.name] ?? []))
      }
      + zip(["i", "j"], convolved).flatMap { patch, all in
        all.enumerated().map { tensor("conv.\(patch).\($0)", [$1.count], $1) }
      }
  }
}
