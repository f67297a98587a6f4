import Contract
import Engine
import Glibc
import Imaging
import Testing

@testable import Popcorn

extension ComputingTests {
  /// Every strategy and every switch through whole cycles.
  @Suite(.serialized) struct RecipeCycleTests {
    @Test(arguments: Strategies.names) func aStrategyTakesItsBudgetAndItsPartOfThePool(name: String) throws {
      let strategy = try Strategies.named(name)
      let order = TinyStudy.order(labelled: 1, pool: 3) {
        $0.strategy = name
        $0.stepBudget = 48
        $0.initialEpochs = 1
        $0.selectPerStep = 1
      }
      let study = TinyStudy()
      let outcome = try cycle(order, study, TinyStore()).run()
      #expect(outcome.optimizerSteps == 48 && outcome.incidents.isEmpty)
      let (said, last) = (try #require(study.lastSaid), try #require(outcome.curve.last))
      #expect(said.loss == last.total && said.segmentation == last.segmentation && said.consistency == last.consistency)
      let taken = strategy.labelsPool ? (name == "popcorn-half" ? 2 : 3) : 0
      #expect(outcome.selections.count == taken)
      let file = try Safetensors.decode(outcome.model)
      #expect(file.metadata["strategy"] == name)
      #expect(!file.entries.contains { $0.name.hasPrefix("reconstruction") })
      #expect(throws: Never.self) { try UNet(on: CPU(), file: file) }
    }

    /// Strategies that differ in the loss alone must differ in the weights too, or the loss is not looked at.
    @Test func strategiesEndWithDifferentWeights() throws {
      let models = try Strategies.names.map { name in
        let order = TinyStudy.order(labelled: 1, pool: 4) {
          $0.strategy = name
          $0.stepBudget = 48
          $0.selectPerStep = 1
          // So little is learned that no label of the pool held a lesion at a half, and none would be learned from.
          $0.threshold = 0.1
          // Enough that the cycle goes beyond the initial training and half of the pool.
          $0.initialEpochs = 1
        }
        return try weights(in: try cycle(order, TinyStudy(), TinyStore()).run().model)
      }
      #expect(Set(models).count == Strategies.names.count)
    }

    static let everything = "paper+" + RecipeSwitch.allCases.map(\.rawValue).joined(separator: "+")

    @Test(arguments: [
      ("popcorn", everything), ("uncertainty", "paper"), ("attention", "paper+average"),
      ("transformation-elastic", "paper+compound"),
    ])
    func killedAnywhereAndResumedItEndsWithTheSameBytes(strategy: String, recipe: String) throws {
      let order = TinyStudy.order(labelled: 1, pool: 2, holdout: 3) {
        $0.strategy = strategy
        $0.recipe = recipe
        $0.selectPerStep = 1
        $0.stepBudget = 24
        $0.threshold = 0.42
        $0.initialEpochs = 1
      }
      let (undisturbed, store) = (TinyStudy(), TinyStore())
      let expected = try cycle(order, undisturbed, store).run()
      #expect((expected.threshold != 0.42) == recipe.contains("calibrate"))
      func finish(_ study: TinyStudy, _ store: TinyStore) throws {
        let outcome = try cycle(order, study, store).run()
        #expect(outcome.model == expected.model && outcome.optimizer == expected.optimizer)
        #expect(outcome.selections.map(\.figures) == expected.selections.map(\.figures))
        #expect(outcome.threshold == expected.threshold && outcome.latents == expected.latents)
        #expect(study.kept.mapValues(\.values) == undisturbed.kept.mapValues(\.values))
      }
      for write in stride(from: 1, through: store.writes, by: max(1, store.writes / 4)) {
        let (study, store) = (TinyStudy(), TinyStore())
        store.diesBefore = write
        #expect(throws: TinyStudy.Death.self) { try cycle(order, study, store).run() }
        try finish(study, store)
      }
      // The last of them while the gate looks.
      let calls = stride(from: 5, to: undisturbed.calls, by: max(1, undisturbed.calls / 4)) + [undisturbed.calls - 1]
      for call in calls {
        let (study, store) = (TinyStudy(), TinyStore())
        study.stopsAt = call
        #expect(throws: CyclePaused.self) { try cycle(order, study, store).run() }
        try finish(study, store)
      }
    }

    @Test func refreshedLabelsAreDrawnAtEveryStep() throws {
      func keeps(_ recipe: String) throws -> Int {
        let study = TinyStudy()
        _ = try cycle(TinyStudy.order { $0.recipe = recipe }, study, TinyStore()).run()
        return study.keeps
      }
      // Five scans in steps of two, two and one.
      #expect(try keeps("paper") == 5)
      #expect(try keeps("paper+refresh") == 2 + 4 + 5)
    }

    @Test func whatLabelsNothingHasNothingToRefresh() throws {
      let models = try ["paper", "paper+refresh"].map { recipe in
        let order = TinyStudy.order(labelled: 1, pool: 2) {
          $0.strategy = "attention"
          $0.recipe = recipe
          $0.stepBudget = 24
          $0.initialEpochs = 1
        }
        return try weights(in: try cycle(order, TinyStudy(), TinyStore()).run().model)
      }
      let isSame = models[0] == models[1]
      #expect(isSame)
    }

    @Test func theMeanOfTheWeightsIsPublishedAndLearnsOn() throws {
      let order = TinyStudy.order(pool: 0) {
        $0.strategy = "baseline"
        $0.stepBudget = 12
        $0.initialEpochs = 1
        $0.epochsPerStep = 100
      }
      var averaged = order
      averaged.settings.recipe = "paper+average"
      let (plain, notes) = (try cycle(order, TinyStudy(), TinyStore()).run(), StepNotes())
      let mean = try cycle(averaged, TinyStudy(), TinyStore()).run(recordedBy: notes)
      // The same steps are taken; what is published is not their end but, of so few, the mean over all of them.
      #expect(mean.optimizerSteps == 12 && notes.weights.count == 13)
      let (last, published) = (try weights(in: plain.model), try weights(in: mean.model))
      let isSame = plain.optimizer == mean.optimizer && last == notes.weights.last
      #expect(isSame)
      let apart = stride(from: 0, to: published.count, by: 97).map { place in
        let sum = notes.weights.reduce(0) { $0 + Double($1[place]) }
        return abs(Double(published[place]) - sum / 13)
      }
      #expect(apart.max() ?? .infinity < 1e-6)
    }

    /// Where strategies are compared on a budget, nobody who is held out decides which of its steps count.
    @Test func aBudgetKeepsItsLastWeightsWhoeverIsHeldOut() throws {
      func weights(holdout: Int) throws -> [UInt8] {
        let order = TinyStudy.order(pool: 0, holdout: holdout) {
          $0.strategy = "baseline"
          $0.initialEpochs = 6
          $0.epochsPerStep = 1
          $0.stepBudget = 60
          $0.learningRate = 5e-3
        }
        return try cycle(order, TinyStudy(), TinyStore()).run().model
      }
      let nobody = try weights(holdout: 0)
      #expect(try [1, 2, 3].allSatisfy { try weights(holdout: $0) == nobody })
    }

    /// A rate so small that no epoch is better than the first: without a budget that ends the initial training early.
    @Test func onABudgetNobodyWhoIsHeldOutEndsTheInitialTraining() throws {
      func initialEpochs(budget: Int) throws -> Int {
        let order = TinyStudy.order(labelled: 1, pool: 0) {
          $0.strategy = "baseline"
          $0.initialEpochs = 40
          $0.stepBudget = budget
          $0.learningRate = 1e-12
        }
        let study = TinyStudy()
        _ = try cycle(order, study, TinyStore()).run()
        return study.curve.count { $0.step == 0 }
      }
      #expect(try initialEpochs(budget: 0) < 40)
      #expect(try initialEpochs(budget: 5000) == 40)
    }

    @Test func aPatchIsSeenInTheContrastThatIsDrawn() throws {
      let order = TinyStudy.order { $0.recipe = "paper+contrast" }
      let recipe = try Recipe(named: order.settings.recipe)
      let training = try TrainingSet(
        order.trainingSet, from: TinyStudy(), settings: order.settings, recipe: recipe)
      let pairs = PairSequence(
        training.places, sameRatio: 0.5, variesContrast: recipe.variesContrast, random: Random(seed: 3))
      let edge = order.settings.patchSize
      for number in 0..<pairs.count {
        let pair = pairs[number]
        for (place, shown) in zip(pair.places, try training.cut(pair)).enumerated() {
          let plain = try training.image(shown.0).map {
            $0 > 0 ? Float(pow(Double($0), Double(pair.gammas[place].exponent))) : $0
          }
          let seen = pair.orientation.apply(to: pair.qualities[place].apply(to: plain, edge: edge), edge: edge)
          #expect(zip(seen, shown.1.image).allSatisfy { abs($0 - $1) < 1e-4 })
        }
      }
      let models = try ["paper", "paper+contrast"].map { recipe in
        let order = TinyStudy.order(labelled: 1, pool: 0) {
          $0.recipe = recipe
          $0.stepBudget = 4
        }
        return try weights(in: try cycle(order, TinyStudy(), TinyStore()).run().model)
      }
      let isSame = models[0] == models[1]
      #expect(!isSame)
    }

    @Test func aMirroredScanIsSegmentedMirrored() throws {
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 4)
      let window = SlidingWindow(network, edge: 8, manner: WindowManner(isGaussian: true, isMirrored: true))
      // A brain without a middle of its own would be tiled otherwise from the other side.
      let size = GridSize(16, 16, 16)
      var random = Random(seed: 8)
      let scan = CaseVolume(
        image: Volume(size: size, values: (0..<size.count).map { _ in random.uniform() }),
        brain: Volume(size: size, values: [UInt8](repeating: 1, count: size.count)))
      func mirrored<Element>(_ volume: Volume<Element>) -> Volume<Element> {
        var turned = volume
        for z in 0..<volume.size.z {
          for y in 0..<volume.size.y {
            for x in 0..<volume.size.x { turned[x, y, z] = volume[volume.size.x - 1 - x, y, z] }
          }
        }
        return turned
      }
      let there = try window.segment(scan).probability
      let back = mirrored(
        try window.segment(CaseVolume(image: mirrored(scan.image), brain: mirrored(scan.brain))).probability)
      #expect(zip(there.values, back.values).allSatisfy { abs($0 - $1) < 1e-5 })
      let plain = try SlidingWindow(network, edge: 8).segment(scan).probability
      #expect(zip(there.values, plain.values).contains { abs($0 - $1) > 1e-4 })
    }

    /// Gradients of the second decoder, and of the encoder below it, against differences, in Double.
    @Test func paintingGoesBackToTheEncoder() throws {
      var shape = UNetShape(width: 8, dropout: 0)
      shape.reconstructs = true
      let network = try UNet(on: Reference<Double>(), shape: shape, seed: 2)
      var random = Random(seed: 9)
      let patch = (0..<512).map { _ in random.uniform() }
      let weights = (0..<1024).map { _ in Float(random.normal()) }
      func loss() throws -> Double {
        let painted = try network.forward(patch, size: PatchSize(edge: 8), dropout: nil, reconstructs: true)
          .reconstruction
        return zip(painted ?? [], weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let pass = try network.forward(patch, size: PatchSize(edge: 8), dropout: nil, reconstructs: true)
      network.parameters.clearGradients()
      try network.backward(
        pass, probabilityGradient: [Float](repeating: 0, count: 1024), latentGradient: nil,
        reconstructionGradient: weights)
      let gradients = network.parameters.gradients
      for name in [
        "reconstruction.output.weight", "reconstruction.1.conv.weight", "bottleneck.conv.bias",
        "encoder.1.conv1.weight",
      ] {
        let place = try #require(network.parameters.view(name)).lowerBound + 3
        var ends: [Double] = []
        for step: Float in [0.0001, -0.0002] {
          network.parameters.valueBuffer[place] += step
          network.parametersChanged()
          ends.append(try loss())
        }
        network.parameters.valueBuffer[place] += 0.0001
        let measured = (ends[0] - ends[1]) / 0.0002
        #expect(abs(Double(gradients[place]) - measured) < 0.02 * (abs(measured) + 0.1), "\(name)")
      }
      let untouched = try #require(network.parameters.view("decoder.0.conv.weight"))
      #expect(untouched.allSatisfy { gradients[$0] == 0 })
    }
  }
}
