import Contract
import Engine
import Glibc
import Testing

@testable import Popcorn

/// What the methods cost that the paper compares itself with (METHOD.md, section 5), against sums of the test's own.
@Suite struct ComparedMethodTests {
  private static let edge = 4
  private static let voxels = 64
  /// α and τ are the paper's alone: no method of others may look at them.
  private let scale = LossScale(alpha: 3, tau: 1, top: 0)

  /// Probabilities whose two planes add up to 1.
  private func probabilities(_ random: inout Random) -> [Float] {
    let lesion = (0..<Self.voxels).map { _ in random.uniform() }
    return lesion.map { 1 - $0 } + lesion
  }

  /// D(a, b) = 1 − 2 Σ a b / (Σ a + Σ b + 1).
  private func apart(_ a: [Double], _ b: [Double]) -> Double {
    var (shared, sum) = (0.0, 1.0)
    for (x, y) in zip(a, b) {
      shared += x * y
      sum += x + y
    }
    return 1 - 2 * shared / sum
  }

  /// D of the backgrounds plus D of the lesions, where voxels count.
  private func planesApart(_ a: [Float], _ b: [Float], where counts: (Int) -> Bool = { _ in true }) -> Double {
    let counted = (0..<Self.voxels).filter(counts)
    func plane(_ planes: [Float], _ channel: Int) -> [Double] {
      counted.map { Double(planes[channel * Self.voxels + $0]) }
    }
    return apart(plane(a, 0), plane(b, 0)) + apart(plane(a, 1), plane(b, 1))
  }

  private func softLossByHand(_ probabilities: [Float], _ label: SoftLabel) -> Double {
    let weights = label.entropy.map { exp(-3.5 * Double($0)) }
    func weighted(_ values: [Double]) -> [Double] { zip(weights, values).map { $0 * $1 } }
    let (lesion, count) = (label.lesion.map { Double($0) }, weights.count)
    let given = probabilities.map { Double($0) }
    let parts =
      apart(weighted(lesion), weighted(Array(given[count...])))
      + apart(weighted(lesion.map { 1 - $0 }), weighted(Array(given[..<count])))
    return weights.reduce(0, +) / Double(count) * parts / 2
  }

  /// The planes seen in a mirror, voxel by voxel; below 0 as they are.
  private func mirrored(_ planes: [Float], along axis: Int) -> [Float] {
    guard axis >= 0 else { return planes }
    var turned = planes
    for place in planes.indices {
      var at = [place % 4, place / 4 % 4, place / 16 % 4]
      at[axis] = 3 - at[axis]
      let plane = place / 64
      turned[place] = planes[64 * plane + 16 * at[2] + 4 * at[1] + at[0]]
    }
    return turned
  }

  private func view(_ probabilities: [Float], _ warp: Warp) -> PatchOutcome {
    PatchOutcome(probabilities: probabilities, latent: [], shown: ShownPatch(image: [], truth: [], warp: warp))
  }

  /// A labelled patch that counts half, and what its mask costs.
  private func labelled(_ random: inout Random) -> (outcome: PatchOutcome, cost: Double) {
    let truth: [UInt8] = (0..<Self.voxels).map { _ in random.uniform() < 0.3 ? 1 : 0 }
    let outcome = PatchOutcome(
      probabilities: probabilities(&random), latent: [], shown: ShownPatch(image: [], truth: truth, trust: 0.5))
    return (outcome, 0.5 * diceLossByHand(outcome.probabilities, truth))
  }

  /// Reference [19] with γ 3.5. Channels the wrong way round would give 0.3141.
  @Test func aVoxelUnderASoftLabelCostsWhatItDoesOnPaper() {
    let label = SoftLabel(lesion: [0.9], entropy: [0.325_083])
    #expect(abs(softLabelLoss([0.2, 0.8], label).loss - 0.304_578_585_4) < 1e-6)
    #expect(abs(SoftLabel(passes: [[0.8], [1]]).entropy[0] - 0.325_083) < 1e-6)
  }

  @Test func aPatchUnderASoftLabelCostsTheSum() {
    var random = Random(seed: 12)
    let label = SoftLabel(
      lesion: (0..<Self.voxels).map { _ in random.uniform() },
      entropy: (0..<Self.voxels).map { _ in 0.69 * random.uniform() })
    let given = probabilities(&random)
    #expect(abs(softLabelLoss(given, label).loss - softLossByHand(given, label)) < 1e-6)
  }

  @Test(arguments: -1...2, -1...2) func viewsAreComparedOnceTheyAreFlippedBack(first: Int, second: Int) {
    var random = Random(seed: 13)
    let (planes, others) = (probabilities(&random), probabilities(&random))
    func loss(_ a: [Float], _ b: [Float]) -> Double {
      let (one, other) = (mirrored(a, along: first), mirrored(b, along: second))
      return transformationConsistency(
        view(one, .flip(axis: first)), view(other, .flip(axis: second)), edge: Self.edge
      ).loss
    }
    #expect(abs(loss(planes, planes) - planesApart(planes, planes)) < 1e-6)
    #expect(abs(loss(planes, others) - planesApart(planes, others)) < 1e-6)
  }

  @Test func ofADeformedViewTheOtherIsDeformedTooAndReadWhereItIsInside() {
    var random = Random(seed: 14)
    let (planes, others, drawn) = (probabilities(&random), probabilities(&random), random.derive(1))
    let field = ElasticField(edge: Self.edge, random: drawn)
    let deformed = field.pull(Array(planes[..<Self.voxels])) + field.pull(Array(planes[Self.voxels...]))
    let loss = transformationConsistency(view(planes, .none), view(others, .elastic(drawn)), edge: Self.edge).loss
    #expect(field.isInside.contains(true) && field.isInside.contains(false) && deformed != planes)
    #expect(abs(loss - planesApart(deformed, others, where: { field.isInside[$0] })) < 1e-6)
  }

  /// Reference [4]: a tenth of what the views are apart.
  @Test func viewsCountATenth() throws {
    var random = Random(seed: 15)
    let (labelled, planes, others) = (labelled(&random), probabilities(&random), probabilities(&random))
    func loss(_ strategy: String, _ warps: [Warp]) throws -> PairLoss {
      let views = [view(planes, warps[0]), view(others, warps[1])]
      return try Strategies.named(strategy).loss([labelled.outcome] + views, scale: scale).loss
    }
    let flipped = try loss("transformation", [.flip(axis: 0), .flip(axis: 2)])
    let distance = planesApart(mirrored(planes, along: 0), mirrored(others, along: 2))
    #expect(abs(flipped.consistency - distance) < 1e-6)
    #expect(abs(flipped.total - (labelled.cost + 0.1 * distance)) < 1e-6)
    let deformed = try loss("transformation-elastic", [.none, .elastic(random.derive(1))])
    #expect(deformed.consistency > 0.1)
    #expect(abs(deformed.total - (labelled.cost + 0.1 * deformed.consistency)) < 1e-6)
  }

  /// Reference [7]: the painting counts as much as the mask.
  @Test func paintingCountsOnce() throws {
    var random = Random(seed: 16)
    let labelled = labelled(&random)
    let image = (0..<Self.voxels).map { _ in 2 * random.uniform() }
    let given = probabilities(&random)
    let painted = (0..<2 * Self.voxels).map { _ in random.normal() }
    let other = PatchOutcome(
      probabilities: given, latent: [], shown: ShownPatch(image: image, truth: []), reconstruction: painted)
    var squares = 0.0
    for channel in 0..<2 {
      for voxel in 0..<Self.voxels {
        let place = channel * Self.voxels + voxel
        let missing = Double(given[place]) * Double(image[voxel]) - Double(painted[place])
        squares += missing * missing
      }
    }
    let loss = try Strategies.named("attention").loss([labelled.outcome, other], scale: scale).loss
    #expect(abs(loss.consistency - squares / 128) < 1e-6)
    #expect(abs(loss.total - (labelled.cost + squares / 128)) < 1e-6)
  }

  /// Reference [19]: the soft label counts as much as the mask, and is the mean of twenty passes.
  @Test func aSoftLabelCountsOnceAndIsOfTwentyPasses() throws {
    var random = Random(seed: 17)
    let (labelled, given) = (labelled(&random), probabilities(&random))
    let soft = SoftLabel(passes: (0..<3).map { _ in (0..<Self.voxels).map { _ in random.uniform() } })
    let other = PatchOutcome(
      probabilities: given, latent: [], shown: ShownPatch(image: [], truth: [], soft: soft))
    let strategy = try Strategies.named("uncertainty")
    let loss = strategy.loss([labelled.outcome, other], scale: scale).loss
    #expect(abs(loss.consistency - softLossByHand(given, soft)) < 1e-6)
    #expect(abs(loss.total - (labelled.cost + softLossByHand(given, soft))) < 1e-6)
    #expect(strategy.teacher?.passes == 20)
    #expect(try Strategies.names.filter { try Strategies.named($0).teacher != nil } == ["uncertainty"])
    // The service, which knows strategies by their names alone, gives the pool to those that show it.
    for name in StrategyName.allCases {
      #expect(try Strategies.named(name.rawValue).companion.isOfPool == name.showsPool, "\(name)")
    }
  }
}
