import Contract
import Engine
import Imaging
import Testing

@testable import Popcorn

/// What strategies cost and choose, against differences, sets and counts.
@Suite struct StrategyTests {
  private static let edge = 8
  private static let voxels = 512

  private func field(_ random: inout Random, _ count: Int = voxels) -> [Float] {
    (0..<count).map { _ in 0.2 + 0.6 * random.uniform() }
  }

  /// Probabilities whose two planes add up to 1.
  private func probabilities(_ random: inout Random) -> [Float] {
    let lesion = field(&random)
    return lesion.map { 1 - $0 } + lesion
  }

  private func outcomes(of strategy: any Strategy, _ random: inout Random) -> [PatchOutcome] {
    let count = strategy.companion.patches
    let isUnlabelled = strategy.companion.isOfPool
    return (0..<count).map { number in
      let truth: [UInt8] =
        number > 0 && isUnlabelled ? [] : (0..<Self.voxels).map { _ in random.uniform() < 0.2 ? 1 : 0 }
      // A pseudo-label may count less: its gradient is still that of the total.
      var shown = ShownPatch(image: field(&random), truth: truth, trust: number > 0 ? 0.3 : 0.7)
      if truth.isEmpty, strategy.teacher != nil { shown.soft = SoftLabel(passes: [field(&random), field(&random)]) }
      if number > 0 {
        switch strategy.companion {
        case .unlabelledTwice(.flip): shown.warp = .flip(axis: number - 1)
        case .unlabelledTwice(.elastic): shown.warp = number == 2 ? .elastic(random.derive(7)) : .none
        default: break
        }
      }
      return PatchOutcome(
        probabilities: probabilities(&random), latent: field(&random, 6), shown: shown,
        reconstruction: strategy.reconstructs && truth.isEmpty ? field(&random, 2 * Self.voxels) : nil)
    }
  }

  /// Each gradient against the central difference of the total, at some places of each patch. The painting's target is
  /// taken as it is, so that no gradient by those probabilities is expected.
  @Test(arguments: Strategies.names) func gradientsAreThoseOfTheTotal(name: String) throws {
    let strategy = try Strategies.named(name)
    var random = Random(seed: 5)
    let outcomes = outcomes(of: strategy, &random)
    for crossEntropy in [0.0, 2] {
      let scale = LossScale(alpha: 0.2, tau: 400, top: 0, crossEntropy: crossEntropy)
      let (loss, gradients) = strategy.loss(outcomes, scale: scale)
      #expect(loss.total.isFinite && gradients.count == outcomes.count)
      func difference(_ change: (inout [PatchOutcome], Float) -> Void) -> Double {
        let step: Float = 5e-3
        var (above, below) = (outcomes, outcomes)
        change(&above, step)
        change(&below, -step)
        return (strategy.loss(above, scale: scale).loss.total - strategy.loss(below, scale: scale).loss.total)
          / Double(2 * step)
      }
      for patch in outcomes.indices {
        for place in stride(from: 3, to: 2 * Self.voxels, by: 97) {
          if !(strategy.reconstructs && patch == 1) {
            let measured = difference { $0[patch].probabilities[place] += $1 }
            #expect(abs(Double(gradients[patch].probabilities[place]) - measured) < 2e-5 + 0.01 * abs(measured))
          }
          if outcomes[patch].reconstruction != nil {
            let measured = difference { $0[patch].reconstruction?[place] += $1 }
            #expect(abs(Double(gradients[patch].reconstruction?[place] ?? .nan) - measured) < 1e-5)
          }
        }
        for place in 0..<6 {
          let measured = difference { $0[patch].latent[place] += $1 }
          #expect(abs(Double(gradients[patch].latent?[place] ?? 0) - measured) < 1e-4)
        }
      }
    }
  }

  @Test func unknownVoxelsCountNowhere() {
    var random = Random(seed: 6)
    let lesion = field(&random)
    var truth: [UInt8] = (0..<Self.voxels).map { _ in random.uniform() < 0.3 ? 1 : 0 }
    let hidden = Set(stride(from: 0, to: Self.voxels, by: 3))
    let kept = (0..<Self.voxels).filter { !hidden.contains($0) }
    func planes(_ voxels: [Int]) -> [Float] { voxels.map { 1 - lesion[$0] } + voxels.map { lesion[$0] } }
    let (fewer, fewerTruth) = (planes(kept), kept.map { truth[$0] })
    for voxel in hidden { truth[voxel] = unknownVoxel }
    let all = planes(Array(0..<Self.voxels))
    #expect(abs(diceLoss(all, truth: truth) - diceLoss(fewer, truth: fewerTruth)) < 1e-9)
    #expect(abs(crossEntropy(all, truth: truth) - crossEntropy(fewer, truth: fewerTruth)) < 1e-9)
    let gradients = [diceLossGradient(all, truth: truth), crossEntropyGradient(all, truth: truth)]
    for gradient in gradients { #expect(hidden.allSatisfy { gradient[$0] == 0 && gradient[Self.voxels + $0] == 0 }) }
  }

  @Test func pushIsTheTransposeOfPull() {
    for seed in UInt64(0)..<5 {
      var random = Random(seed: seed)
      let field = ElasticField(edge: 16, random: random.derive(1))
      let (a, b) = ((0..<4096).map { _ in random.normal() }, (0..<4096).map { _ in random.normal() })
      func product(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
      let (there, back) = (product(field.pull(a), b), product(a, field.push(b)))
      #expect(abs(there - back) < 1e-3 * (abs(there) + 1))
      let ones = field.pull([Float](repeating: 1, count: 4096))
      #expect(zip(ones, field.isInside).allSatisfy { abs($0 - ($1 ? 1 : 0)) < 1e-5 })
      #expect(field.isInside.count(where: \.self) > 2048)
      // A ramp along x moves by the displacement, which is smooth: no neighbour is thrown far away.
      let ramp = field.pull((0..<4096).map { Float($0 % 16) })
      let moved = ramp.indices.filter { field.isInside[$0] }.map { abs(ramp[$0] - Float($0 % 16)) }
      #expect((moved.max() ?? 0) > 0.05 && (moved.max() ?? 9) < 5)
    }
  }

  @Test func aSoftLabelIsTheMeanAndItsEntropy() throws {
    let label = SoftLabel(passes: [[0, 0.5, 1], [0, 0.7, 0.5]])
    #expect(label.lesion == [0, 0.6, 0.75])
    #expect(abs(label.entropy[0]) < 1e-6 && abs(label.entropy[1] - 0.6730117) < 1e-6)
    let store = TinyStore()
    let (labels, place) = (
      SoftLabels(in: store, voxels: 3), PatchPlace(caseID: "U1", mask: nil, tile: Tile(index: 3, origin: [0, 0, 0]))
    )
    // What a teacher has not said, or what was cut short, is no label.
    #expect(throws: MethodError.self) { try labels.read(place) }
    try labels.write(label, of: place)
    #expect(throws: MethodError.self) { try SoftLabels(in: store, voxels: 4).read(place) }
    let read = try labels.read(place)
    #expect(
      zip(read.lesion + read.entropy, label.lesion + label.entropy).allSatisfy { abs($0 - $1) < 0.5 / 255 + 1e-6 })
    #expect(labels.isKnown(place, among: try labels.known()))
  }

  private func choice(_ remaining: [String], taken: Int, pool: Int, count: Int, seed: UInt64 = 1) -> Choice {
    Choice(
      count: count, neighbours: 1, taken: taken, pool: pool, remaining: remaining, random: Random(seed: seed),
      latents: {
        Latents(
          pool: remaining.map { LatentCase(id: $0, latent: [Float(stableHash($0) % 97), 0]) },
          trusted: [LatentCase(id: "L", latent: [0, 0])])
      })
  }

  @Test func halfOfThePoolIsTheNearerHalf() throws {
    let pool = (0..<9).map { "U\($0)" }
    let inOrder = try PopcornStrategy().choose(choice(pool, taken: 0, pool: 9, count: 9)).map(\.id)
    #expect(Set(inOrder) == Set(pool))
    #expect(
      try PopcornHalfStrategy().choose(choice(pool, taken: 0, pool: 9, count: 9)).map(\.id) == Array(inOrder.prefix(5)))
    let later = Array(inOrder.dropFirst(4))
    #expect(try PopcornHalfStrategy().choose(choice(later, taken: 4, pool: 9, count: 4)).map(\.id) == [inOrder[4]])
    #expect(try PopcornHalfStrategy().choose(choice(later, taken: 5, pool: 9, count: 4)).isEmpty)
  }

  @Test func withoutGraphTheOrderIsDrawnAndNobodyEmbeds() throws {
    let pool = (0..<20).map { "U\($0)" }
    var first = choice(pool, taken: 0, pool: 20, count: 20)
    first.latents = {
      Issue.record("latents are dear and were asked for")
      return Latents(pool: [], trusted: [])
    }
    let drawn = try PopcornNoGraphStrategy().choose(first).map(\.id)
    #expect(Set(drawn) == Set(pool) && drawn != pool)
    var second = first
    second.remaining = pool.reversed()
    #expect(try PopcornNoGraphStrategy().choose(second).map(\.id) == drawn)
    second.random = Random(seed: 2)
    #expect(try PopcornNoGraphStrategy().choose(second).map(\.id) != drawn)
  }

  @Test func switchesOfARecipeAreReadByName() throws {
    let recipe = try Recipe(named: "paper+compound+average")
    #expect(recipe.crossEntropy == 2 && recipe.averageDecay != nil && !recipe.refreshes)
    #expect(recipe.name == "paper+compound+average")
    #expect(throws: MethodError.self) { try Recipe(named: "paper+") }
    #expect(throws: MethodError.self) { try Recipe(named: "paper+compond") }
    let sweep = try Recipe(named: "paper+tau=3000+alpha=0+neighbours=3+select=7+epochs=1+trust=0.3+same=0")
    let settings = sweep.applied(to: TrainingSettings())
    #expect(sweep.tau(edge: 64, spacing: 1) == 3000 && settings.consistencyWeight == 0 && settings.neighbours == 3)
    #expect(settings.selectPerStep == 7 && settings.epochsPerStep == 1)
    #expect(sweep.pseudoTrust == 0.3 && sweep.sameRatio == 0)
    #expect(try Recipe(named: "paper").applied(to: settings) == settings)
    for wrong in [
      "tau=0", "tau=", "alpha=-1", "alpha=nan", "neighbours=0", "select=1.5", "epochs=", "beta=1", "=3", "trust=0",
      "trust=1.1", "same=-0.1", "same=1.5",
    ] {
      #expect(throws: MethodError.self, "\(wrong)") { try Recipe(named: "paper+\(wrong)") }
    }
    for word in RecipeSwitch.allCases {
      var switched = try Recipe(named: "paper+\(word.rawValue)")
      // Their names differ anyway.
      switched.name = Recipe.paper.name
      #expect(switched != Recipe.paper, "\(word) changes nothing")
    }
  }

  @Test func recipesAreWhatTheyAreMadeOf() throws {
    #expect(Recipe.compositions["improved"] == "paper+compound+average+window+trust=0.3")
    for (name, composition) in Recipe.compositions {
      var composed = try Recipe(named: composition)
      composed.name = name
      #expect(try Recipe(named: name) == composed)
    }
    #expect(Recipe.compositions.keys.sorted() == ["improved"])
  }

  @Test func mannersOfAWindowAreReadBack() {
    for text in ["plain", "gaussian", "plain mirrored", "gaussian mirrored"] {
      #expect(WindowManner(text: text)?.text == text)
    }
    #expect(WindowManner(text: "round") == nil)
    let weights = WindowManner(isGaussian: true, isMirrored: false).weights(edge: 32)
    #expect(weights == weights.reversed() && weights.allSatisfy { $0 > 0 && $0 <= 1 })
  }
}
