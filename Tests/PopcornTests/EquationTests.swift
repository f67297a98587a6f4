import Engine
import Popcorn
import Testing

@Suite struct EquationTests {
  /// Random probabilities (2, n) that sum to 1 a voxel, and a truth of about a third lesion.
  private func sample(_ count: Int, seed: UInt64) -> (probabilities: [Double], truth: [UInt8]) {
    var random = Random(seed: seed)
    let lesion = (0..<count).map { _ in Double(random.uniform()) }
    return (lesion.map { 1 - $0 } + lesion, (0..<count).map { _ in random.uniform() < 0.3 ? 1 : 0 })
  }

  private func centralDifference(_ f: ([Double]) -> Double, at point: [Double], _ index: Int) -> Double {
    let step = 1e-6
    var (low, high) = (point, point)
    low[index] -= step
    high[index] += step
    return (f(high) - f(low)) / (2 * step)
  }

  @Test(arguments: [0.0, 1.0], [1, 2, 5, 27])
  func gradientOfEquation1IsItsCentralDifference(top: Double, count: Int) {
    let (probabilities, truth) = sample(count, seed: UInt64(count))
    let gradient = diceLossGradient(probabilities, truth: truth, top: top)
    for index in probabilities.indices {
      let measured = centralDifference({ diceLoss($0, truth: truth, top: top) }, at: probabilities, index)
      #expect(abs(gradient[index] - measured) < 1e-8)
    }
  }

  @Test func anEmptyPatchPushesDownOnlyWhereTheNumeratorIsLifted() {
    let probabilities = [0.9, 0.8, 0.1, 0.2]
    let plain = diceLossGradient(probabilities, truth: [0, 0], top: 0)
    let lifted = diceLossGradient(probabilities, truth: [0, 0], top: 1)
    #expect(plain[2] == 0 && plain[3] == 0)
    #expect(lifted[2] > 0 && lifted[3] > 0)
  }

  @Test func diceOfAPerfectPredictionIsNearlyOneAndWithTopExactlyOne() {
    let truth: [UInt8] = [0, 1, 1, 0]
    let probabilities = truth.map { 1 - Double($0) } + truth.map(Double.init)
    #expect(abs(diceLoss(probabilities, truth: truth, top: 0) - 0.2) < 1e-12)
    #expect(diceLoss(probabilities, truth: truth, top: 1) == 0)
  }

  @Test(arguments: [1, 3, 16])
  func gradientsOfEquations2And4AreTheirCentralDifferences(count: Int) {
    var random = Random(seed: 7, stream: UInt64(count))
    let a = (0..<count).map { _ in Double(random.uniform()) }
    let b = (0..<count).map { _ in Double(random.uniform()) }
    let distance = latentDistanceGradient(a, b)
    let consistency = consistencyLossGradient(a, b, similarity: 0.3)
    for index in 0..<count {
      let byA = centralDifference({ latentDistance($0, b) }, at: a, index)
      let byB = centralDifference({ latentDistance(a, $0) }, at: b, index)
      #expect(abs(distance.a[index] - byA) < 1e-7 && abs(distance.b[index] - byB) < 1e-7)
      let weighted = centralDifference(
        { consistencyLoss(distance: latentDistance($0, b), similarity: 0.3) }, at: a, index)
      #expect(abs(consistency.a[index] - weighted) < 1e-7)
    }
  }

  @Test func similarityIsOneForEqualMasksAndNearlyConstantToTheLetter() {
    let a = [UInt8](repeating: 0, count: 262_144)
    var b = a
    for voxel in 0..<400 { b[voxel] = 1 }
    #expect(similarity(a, a, tau: 350) == 1)
    #expect(abs(similarity(a, b, tau: 350) - 0.318_906_557_32) < 1e-9)
    #expect(similarity(a, b, tau: 262_144) > 0.998)
  }

  @Test func thresholdsScaleWithVoxelAndPatchVolume() {
    let paper = Recipe.paper
    #expect(paper.tau(edge: 64, spacing: 1) == 350)
    #expect(paper.tau(edge: 32, spacing: 2) == 43.75)
    #expect(paper.tau(edge: 32, spacing: 1) == 43.75)
    #expect(paper.minimumLesionVoxels(edge: 64, spacing: 1) == 100)
    #expect(Recipe.paperLiteral.tau(edge: 32, spacing: 2) == 32768)
  }

  @Test func aPairAddsUpAndTheGradientOfEquation5IsItsCentralDifference() {
    let (i, truthI) = sample(8, seed: 1)
    let (j, truthJ) = sample(8, seed: 2)
    var random = Random(seed: 3)
    let latents = (0..<2).map { _ in (0..<4).map { _ in random.uniform() } }
    func pair(_ latentOfI: [Float]) -> (loss: PairLoss, gradients: [OutputGradient]) {
      pairLoss(
        PatchOutcome(probabilities: i.map { Float($0) }, latent: latentOfI, truth: truthI),
        PatchOutcome(probabilities: j.map { Float($0) }, latent: latents[1], truth: truthJ),
        scale: LossScale(alpha: 0.2, tau: 10, top: 0))
    }
    let (loss, gradients) = pair(latents[0])
    #expect(loss.total == loss.segmentation[0] + loss.segmentation[1] + 0.2 * loss.consistency)
    let alike = loss.similarity
    for index in 0..<4 {
      let measured = centralDifference(
        { 0.2 * alike * latentDistance($0, latents[1].map(Double.init)) }, at: latents[0].map(Double.init), index)
      #expect(abs(Double(gradients[0].latent?[index] ?? .nan) - measured) < 1e-6)
    }
  }

  @Test func withoutAlphaNothingPullsAtTheLatents() {
    let outcome = PatchOutcome(probabilities: [0.5, 0.5], latent: [1, 2], truth: [1])
    let scale = LossScale(alpha: 0, tau: 350, top: 0)
    #expect(pairLoss(outcome, outcome, scale: scale).gradients.allSatisfy { $0.latent == nil })
  }
}
