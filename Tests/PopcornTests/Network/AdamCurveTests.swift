import Testing

@testable import Engine
@testable import Popcorn

extension NetworkTests {
  /// Ten of Adam's steps on a pair, equation (5) before each, against PyTorch in float64. Rounding grows from step to
  /// step; PyTorch's own, in float32, is the measure where it is above the limit.
  @Test func lossCurveEqualsPyTorchs() throws {
    let golden = try NetworkGolden.read()
    let network = try golden.network(on: CPU())
    var adam = Adam(count: network.parameters.count)
    let masks = [
      box(golden.edge, (4..<9, 3..<9, 5..<12)), box(golden.edge, (4..<8, 4..<10, 5..<11)),
    ]
    var limit = 3e-5
    let alike = similarity(masks[0], masks[1], tau: 350)
    for (step, truth) in golden.curve.enumerated() {
      let passes = try [200, 201].map { seed in
        try network.forward(golden.patch(seed), size: golden.size, dropout: nil)
      }
      let segmentation = zip(passes, masks).map { diceLoss($0.probabilities, truth: $1) }
      let apart = latentDistance(passes[0].latent, passes[1].latent)
      let loss = segmentation[0] + segmentation[1] + 0.2 * apart * alike
      limit = max(limit, 3 * abs(golden.singleCurve[step] / truth - 1))
      #expect(abs(loss / truth - 1) < limit, "step \(step)")

      network.parameters.clearGradients()
      let pull = latentDistanceGradient(passes[0].latent, passes[1].latent)
      for (index, pass) in passes.enumerated() {
        try network.backward(
          pass, probabilityGradient: diceLossGradient(pass.probabilities, truth: masks[index]),
          latentGradient: (index == 0 ? pull.a : pull.b).map { $0 * Float(0.2 * alike) })
      }
      adam.step(network.parameters, rate: 1e-5)
      network.parametersChanged()
    }
  }

  private func box(_ edge: Int, _ ranges: (Range<Int>, Range<Int>, Range<Int>)) -> [UInt8] {
    (0..<edge * edge * edge).map { n in
      let (z, y, x) = (n / (edge * edge), n / edge % edge, n % edge)
      return ranges.0.contains(z) && ranges.1.contains(y) && ranges.2.contains(x) ? 1 : 0
    }
  }
}
