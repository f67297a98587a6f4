import Contract
import Engine
import Testing

@testable import Popcorn

/// What a cycle costs as pool and training set grow: counted in cycles that run, and on paper for a hundred thousand.
@Suite struct ScalingTests {
  private struct Counted {
    var study = TinyStudy()
    var store = TinyStore()
    var outcome: CycleOutcome
    var order: CycleOrder
  }

  private func run(pool: Int, known: Bool = false) throws -> Counted {
    var order = TinyStudy.order(pool: pool) {
      $0.checkpointInterval = 1000
      $0.regressTolerance = 1
    }
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 3)
    let model = try Safetensors.decode(network.parameters.safetensors())
    order.model = "model"
    let (study, store) = (TinyStudy(), TinyStore())
    if known {
      for scan in order.pool + order.trainingSet {
        study.known[scan.id] = try SlidingWindow(network, edge: 8).embed(study.volume(of: scan))
      }
    }
    let cycle = try Cycle(
      order, on: CPU(), model: model, optimizer: nil, cases: study, store: store, host: study)
    return Counted(study: study, store: store, outcome: try cycle.run(), order: order)
  }

  private func cost(pool: Int, known: Bool = false) throws -> CycleCost {
    let order = TinyStudy.order(pool: pool)
    return CycleCost(
      pool: pool, labelled: order.trainingSet.count, settings: order.settings,
      recipe: try Recipe(named: order.settings.recipe), knowsLatents: known)
  }

  @Test(arguments: [4, 7, 9]) func countsAreThoseOfACycleThatRuns(_ pool: Int) throws {
    let (counted, cost) = (try run(pool: pool), try cost(pool: pool))
    #expect(counted.outcome.selections.count == cost.labels && cost.labels == pool)
    #expect(counted.outcome.outcome == .publish && embedded(counted) == cost.embeddings)
    #expect(counted.outcome.optimizerSteps > 0 && counted.outcome.optimizerSteps <= cost.optimizerSteps)
  }

  /// Scans that went through the encoder: the host is asked after each tile, and the brain of a little scan takes one. The
  /// gate shows each held-out scan before and after.
  private func embedded(_ counted: Counted) -> Int {
    counted.study.callsByPhase["embedding", default: 0] + counted.study.callsByPhase["gating", default: 0]
      - 2 * counted.order.holdout.count
  }

  @Test func latentsThatAreKnownAreNotComputedAgain() throws {
    let (fresh, known) = (try run(pool: 4), try run(pool: 4, known: true))
    #expect(embedded(fresh) - embedded(known) == 4 + fresh.order.trainingSet.count)
    #expect(embedded(known) == (try cost(pool: 4, known: true).embeddings))
    #expect(fresh.outcome.model == known.outcome.model && fresh.outcome.latents == known.outcome.latents)
    #expect(fresh.outcome.selections.map(\.proximity) == known.outcome.selections.map(\.proximity))
  }

  @Test func latentsOfAnotherLengthOrWithoutNumbersAreComputed() throws {
    var order = TinyStudy.order(pool: 2)
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 3)
    order.model = "model"
    order.settings.checkpointInterval = 1000
    order.settings.regressTolerance = 1
    let study = TinyStudy()
    study.known = ["U0": [1, 2, 3], "U1": Array(repeating: .nan, count: 128)]
    let outcome = try Cycle(
      order, on: CPU(), model: try Safetensors.decode(network.parameters.safetensors()), optimizer: nil,
      cases: study, store: TinyStore(), host: study
    ).run()
    let expected = try run(pool: 2).outcome
    #expect(outcome.selections.map(\.proximity) == expected.selections.map(\.proximity))
  }

  /// `position.json` is removed to start anew, and nothing else: what lies beside it belongs to another run.
  @Test func whatACycleLeftIsNotTakenForTheNextOnes() throws {
    let store = TinyStore()
    let left = ["selections-1.json", "latents-snapshot-1.safetensors-1", "snapshot-1.safetensors"]
    for name in left + ["another"] { try store.write([1], as: name) }
    let resumed = try Checkpoints(in: store).resume(count: 1)
    #expect(resumed.map(\.position.snapshots) == nil)
    #expect(try store.names() == ["another"])
  }

  /// Every checkpoint once held all that the cycle had selected, and every part of the latents all before it.
  @Test func checkpointsDoNotGrowWithWhatIsDone() throws {
    let (small, large) = (try run(pool: 6), try run(pool: 24))
    let perLabel = { (counted: Counted) in
      let weights = counted.store.files.filter { $0.key.hasPrefix("snapshot") }.values.map(\.count).max() ?? 0
      let snapshots = counted.store.snapshotsWritten * weights
      return Double(counted.store.bytesWritten - snapshots) / Double(counted.outcome.selections.count)
    }
    // Latents are of every case at each of as many more steps; the rest is the same for each label.
    #expect(perLabel(large) < 4 * perLabel(small))
    let position = try #require(large.store.files["position.json"]).count
    #expect(position < 2 * (try #require(small.store.files["position.json"]).count))
  }

  /// The paper's pool and one of a hundred thousand: the latents take over long before the distances do.
  @Test func onPaper() throws {
    let settings = TrainingSettings()
    let recipe = try Recipe(named: "paper")
    let paper = CycleCost(pool: 2901, labelled: 44, settings: settings, recipe: recipe)
    #expect(paper.labels == 2901)
    #expect(paper.embeddings == 16 * 2945)
    let large = CycleCost(pool: 100_000, labelled: 1000, settings: settings, recipe: recipe)
    #expect(large.embeddings == 501 * 101_000)
    let step = CycleCost(
      pool: 100_000, labelled: 10_000,
      settings: {
        var one = settings
        one.maxStepsPerCycle = 1
        return one
      }(), recipe: recipe, knowsLatents: true)
    #expect(step.distances == 1_000_000_000 && step.labels == 200 && step.embeddings == 110_000)
    #expect(step.optimizerSteps == 2 * (10_000 * 15 + 200 * 2))
  }
}
