import Popcorn
import Testing

@Suite struct GoldenTests {
  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }

  @Test func equations1To5AndTheirGradientsAreThoseOfPyTorch() {
    let (i, j) = (Golden.truthI.map { UInt8($0) }, Golden.truthJ.map { UInt8($0) })
    let alike = similarity(i, j, tau: 20)
    let consistency = consistencyLoss(
      distance: latentDistance(Golden.latentI, Golden.latentJ), similarity: alike)
    let segmentation = [
      diceLoss(Golden.probabilitiesI, truth: i), diceLoss(Golden.probabilitiesJ, truth: j),
    ]
    let total = totalLoss(segmentation[0], segmentation[1], consistency: consistency, alpha: 0.2)
    #expect(difference(segmentation + [alike, consistency, total], Golden.losses) < 1e-14)
    #expect(abs(diceLoss(Golden.probabilitiesI, truth: i, top: 1) - Golden.lifted[0]) < 1e-14)

    #expect(
      difference(diceLossGradient(Golden.probabilitiesI, truth: i), Golden.probabilityGradientI) < 1e-15)
    #expect(
      difference(diceLossGradient(Golden.probabilitiesJ, truth: j), Golden.probabilityGradientJ) < 1e-15)
    let pull = consistencyLossGradient(Golden.latentI, Golden.latentJ, similarity: 0.2 * alike)
    #expect(difference(pull.a, Golden.latentGradientI) < 1e-14)
    #expect(difference(pull.b, Golden.latentGradientJ) < 1e-14)
  }

  @Test func aPairInSinglePrecisionIsCloseToPyTorch() {
    func outcome(_ p: [Double], _ h: [Double], _ y: [Double]) -> PatchOutcome {
      PatchOutcome(probabilities: p.map { Float($0) }, latent: h.map { Float($0) }, truth: y.map { UInt8($0) })
    }
    let (loss, gradients) = pairLoss(
      outcome(Golden.probabilitiesI, Golden.latentI, Golden.truthI),
      outcome(Golden.probabilitiesJ, Golden.latentJ, Golden.truthJ), scale: LossScale(alpha: 0.2, tau: 20, top: 0))
    #expect(difference(loss.segmentation + [loss.similarity, loss.consistency, loss.total], Golden.losses) < 1e-6)
    #expect(difference(gradients[1].probabilities.map(Double.init), Golden.probabilityGradientJ) < 1e-7)
    #expect(difference((gradients[0].latent ?? []).map(Double.init), Golden.latentGradientI) < 1e-6)
  }

  @Test func imageQualityIsThatOfSciPy() {
    func sampled(_ quality: ImageQuality) -> [Double] {
      let shown = quality.apply(to: Golden.patch, edge: Golden.qualityEdge)
      return stride(from: 0, to: shown.count, by: 7).map { Double(shown[$0]) }
    }
    #expect(difference(sampled(.blur(sigma: 0.5)), Golden.narrowBlur) < 1e-6)
    #expect(difference(sampled(.blur(sigma: 1.75)), Golden.wideBlur) < 1e-6)
    #expect(difference(sampled(.sharpen(sigma: 1, strength: 1)), Golden.sharpened) < 1e-6)
    #expect(difference(sampled(.thickSlices(2)), Golden.slices2) < 1e-6)
    #expect(difference(sampled(.thickSlices(3)), Golden.slices3) < 1e-6)
    #expect(difference(sampled(.thickSlices(4)), Golden.slices4) < 1e-6)
    #expect(ImageQuality.unchanged.apply(to: Golden.patch, edge: Golden.qualityEdge) == Golden.patch)
  }
}
