import Contract
import Engine
import Testing

@testable import Popcorn

@Suite struct TroubleTests {
  /// A step of as many patches as were predicted, of different places or of one.
  private func report(loss: Double, predicted: [Double], truth: Double, samePlace: Bool = false) -> StepReport {
    StepReport(
      loss: PairLoss(segmentation: [loss / 2, loss / 2], similarity: 1, consistency: 0, total: loss),
      labelled: predicted.enumerated().map { number, mass in
        let tile = Tile(index: samePlace ? 0 : number, origin: [0, 0, 0])
        return .init(place: PatchPlace(caseID: "a", mask: 0, tile: tile), predicted: mass, truth: truth)
      }, uselessLoss: 1.8)
  }

  @Test func anEmptyChannelIsSeenWithinAShortEpoch() {
    var watch = TrainingWatch()
    let answers = (0..<5).map { _ in watch.observe(report(loss: 1, predicted: [1, 1], truth: 400), pairs: 5) }
    #expect(answers == [nil, nil, nil, nil, .trainCollapsed])
  }

  /// Whether a patch is shown twice or two of them, it takes as many that are not seen.
  @Test(arguments: [(true, 32), (false, 16)]) func aPatchShownTwiceCountsOnce(_ isSame: Bool, _ pairs: Int) {
    var watch = TrainingWatch()
    let answers = (0..<pairs).map { _ in
      watch.observe(report(loss: 1, predicted: [1, 1], truth: 400, samePlace: isSame), pairs: 50)
    }
    #expect(answers == Array(repeating: nil, count: pairs - 1) + [.trainCollapsed])
  }

  @Test func patchesWithoutLesionSayNothing() {
    var watch = TrainingWatch()
    for _ in 0..<100 { #expect(watch.observe(report(loss: 1, predicted: [1, 1], truth: 0), pairs: 50) == nil) }
    #expect(watch.isSound)
  }

  @Test func onePatchPaintedFullDoesNotHideThoseNotSeen() {
    var watch = TrainingWatch()
    _ = watch.observe(report(loss: 1, predicted: [9000, 9000], truth: 100), pairs: 50)
    let answers = (0..<15).map { _ in watch.observe(report(loss: 1, predicted: [1, 1], truth: 100), pairs: 50) }
    // 30 of 32 patches.
    #expect(answers == Array(repeating: nil, count: 14) + [.trainCollapsed])
  }

  @Test func whatSwingsIsNotFallenYetNorAPlaceToGoBackTo() {
    var watch = TrainingWatch()
    #expect(watch.isSound)
    for _ in 0..<100 {
      #expect(watch.observe(report(loss: 1, predicted: [1, 300], truth: 400), pairs: 50) == nil)
    }
    #expect(!watch.isSound)
    for _ in 0..<16 { _ = watch.observe(report(loss: 1, predicted: [300, 300], truth: 400), pairs: 50) }
    #expect(watch.isSound)
  }

  /// Over the window it still looks well, but its weights are those of a training that has fallen.
  @Test func whatHasJustFallenIsNoPlaceToGoBackTo() {
    var watch = TrainingWatch()
    for _ in 0..<16 { _ = watch.observe(report(loss: 1, predicted: [300, 300], truth: 400), pairs: 50) }
    for _ in 0..<4 { #expect(watch.observe(report(loss: 1, predicted: [1, 1], truth: 400), pairs: 50) == nil) }
    #expect(!watch.isSound)
  }

  @Test func healthyTrainingIsLeftAlone() {
    var watch = TrainingWatch()
    var random = Random(seed: 1)
    for step in 0..<2000 {
      let level = 1.35 * 200 / Double(200 + step) + 0.15
      let noise = Double(random.uniform()) * 0.4 - 0.2
      #expect(watch.observe(report(loss: level + noise, predicted: [300, 300], truth: 400), pairs: 75) == nil)
    }
  }

  @Test func noNumberAndARisingLossAreDivergence() {
    var watch = TrainingWatch()
    #expect(watch.observe(report(loss: .nan, predicted: [1, 1], truth: 1), pairs: 50) == .trainDiverged)
    for _ in 0..<50 { #expect(watch.observe(report(loss: 0.3, predicted: [300, 300], truth: 400), pairs: 50) == nil) }
    let answers = (0..<16).map { _ in watch.observe(report(loss: 1.5, predicted: [900, 900], truth: 400), pairs: 50) }
    #expect(answers.contains(.trainDiverged))
  }

  @Test func theGateRefusesWhatIsWorseAndOnlyACollapseWhereFewAreHeldOut() {
    let gate = Gate(tolerance: 0.01)
    func decide(_ before: Double?, _ after: Double, subjects: Int) -> CycleResult.Outcome {
      let cases = (0..<3).map { CycleResult.Gate(id: "\($0)", before: before, after: after) }
      return gate.decide(cases, subjects: subjects, allEmpty: false).0
    }
    #expect(decide(0.7, 0.695, subjects: 3) == .publish)
    #expect(decide(0.7, 0.68, subjects: 3) == .refused)
    #expect(decide(0.7, 0.65, subjects: 2) == .publish)
    #expect(decide(0.7, 0.59, subjects: 2) == .refused)
    #expect(decide(nil, 0.1, subjects: 3) == .publish)
    #expect(gate.decide([.init(id: "a", before: nil, after: 0)], subjects: 1, allEmpty: true).0 == .refused)
    #expect(gate.decide([], subjects: 0, allEmpty: false).0 == .publish)
    let tolerant = Gate(tolerance: 0.3)
    #expect(tolerant.decide([.init(id: "a", before: 0.7, after: 0.5)], subjects: 1, allEmpty: false).0 == .publish)
    let words = gate.decide([.init(id: "a", before: 0.7, after: 0.0501)], subjects: 3, allEmpty: false).1
    #expect(words == "refused: mean held-out Dice 0.700 before, 0.050 after, over 1 cases; 0.010 less is tolerated")
  }
}

extension ComputingTests {
  @Suite(.serialized) struct RollbackTests {
    @Test func aRateThatIsTooLargeIsHalvedFromTheLastGoodStateOn() throws {
      let (study, store) = (TinyStudy(), TinyStore())
      let order = TinyStudy.order {
        $0.learningRate = 3
        $0.initialEpochs = 4
      }
      let outcome = try Cycle(order, on: CPU(), model: nil, optimizer: nil, cases: study, store: store, host: study)
        .run()
      #expect(!outcome.incidents.isEmpty && outcome.incidents.map(\.at) == study.told.map(\.at))
      #expect(outcome.incidents[0].learningRate == 1.5)
      #expect(outcome.incidents.allSatisfy { $0.backTo < $0.at && !$0.cases.isEmpty })
      // Noticed within an epoch.
      let patches = outcome.incidents.map { $0.at - $0.backTo }
      #expect(patches.allSatisfy { $0 <= 24 })
      #expect(try Safetensors.decode(outcome.model).entries.allSatisfy { $0.values.areFinite })
    }

    /// Once to the last good state; in a row, to the one before it; after a healthy epoch, to the last one again.
    @Test func whoFallsTwiceInARowGoesBackFurther() throws {
      let study = TinyStudy()
      let cycle = try Cycle(
        TinyStudy.order(), on: CPU(), model: nil, optimizer: nil, cases: study, store: TinyStore(), host: study)
      func endEpoch(after steps: Int) throws {
        cycle.trainer.network.parameters.valueBuffer[0] = Float(steps)
        cycle.kept = nil
        cycle.position.place.optimizerSteps = steps
        try cycle.endEpoch()
      }
      func fall() throws -> [Int] {
        cycle.position.place.optimizerSteps += 1
        try cycle.goBack(.trainCollapsed, nil)
        return [cycle.position.place.optimizerSteps, Int(cycle.trainer.network.parameters.valueBuffer[0])]
      }
      for steps in [10, 20, 30] { try endEpoch(after: steps) }
      #expect(try [fall(), fall(), fall()] == [[30, 30], [20, 20], [20, 20]])
      try endEpoch(after: 40)
      #expect(try [fall(), fall()] == [[40, 40], [20, 20]])
      #expect(study.told.map(\.backTo) == [30, 20, 20, 40, 20])
    }

    @Test func aNetworkThatSeesNothingIsGivenUpAfterFourTries() throws {
      var order = TinyStudy.order()
      order.model = "model"
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 1)
      let bias = try #require(network.parameters.view("output.bias"))
      network.parameters.valueBuffer[bias.upperBound - 1] = -80
      let study = TinyStudy()
      let outcome = try Cycle(
        order, on: CPU(), model: try Safetensors.decode(network.parameters.safetensors()), optimizer: nil, cases: study,
        store: TinyStore(), host: study
      ).run()
      #expect(outcome.outcome == .collapsed)
      #expect(outcome.incidents.map(\.reason) == Array(repeating: .trainCollapsed, count: 4))
      #expect(outcome.incidents.map(\.learningRate) == [5e-5, 2.5e-5, 1.25e-5, 6.25e-6])
      #expect(outcome.latents.isEmpty)
    }
  }
}
