import Contract
import Engine
import Imaging
import Testing

@testable import Popcorn

/// The running mean of the weights. A device without arithmetic has no gradients: the test's own push them.
@Suite struct MeanOfWeightsTests {
  /// Where weights are pushed and looked at: all of them would take long in tests, which are not optimised.
  private static func places(_ count: Int) -> [Int] { Array(stride(from: 0, to: count, by: 97)) }

  /// A push of its own for each place and step.
  private final class Pushes: Collective {
    let (rank, size) = (0, 1)
    private var random = Random(seed: 5)
    func sum(_ values: UnsafeMutableBufferPointer<Float>) {
      for place in MeanOfWeightsTests.places(values.count) { values[place] = random.uniform() - 0.5 }
    }
  }

  /// The weights before the first step and after each, and their mean after each.
  private func course(decay: Double?, steps: Int) throws -> (weights: [[Double]], means: [[Double]]) {
    let order = TinyStudy.order(labelled: 1, pool: 0)
    let set = try TrainingSet(
      order.trainingSet, from: TinyStudy(), settings: order.settings, recipe: try Recipe(named: "paper"))
    let pairs = PairSequence(set.places, companion: .another, sameRatio: 0, random: Random(seed: 3))
    let trainer = Trainer(
      try UNet(on: Null(), shape: UNetShape(width: 8), seed: 1), strategy: BaselineStrategy(),
      scale: LossScale(alpha: 0, tau: 1, top: 0), edge: 8, averageDecay: decay.map { Float($0) },
      collective: Pushes())
    func seen() -> [Double] {
      let values = trainer.network.parameters.values
      return Self.places(values.count).map { Double(values[$0]) }
    }
    var (weights, means) = ([seen()], [[Double]]())
    for step in 0..<steps {
      _ = try trainer.step(pairs[step % pairs.count], of: set, rate: 0.02)
      weights.append(seen())
      means.append(trainer.evaluating { seen() })
      #expect(seen() == weights.last, "the weights that are learned are back")
    }
    return (weights, means)
  }

  private func apart(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

  /// With decay d a step leaves at most 1 − 1 / (t + 1) of the mean, which is less than d for long.
  @Test func atFirstItIsThePlainMean() throws {
    let (weights, means) = try course(decay: 0.995, steps: 5)
    #expect(weights.count == 6 && apart(weights[4], weights[5]) > 1e-3)
    let plain = weights[0].indices.map { place in weights.reduce(0) { $0 + $1[place] } / 6 }
    #expect(apart(means[4], plain) < 1e-6)
  }

  @Test(arguments: [0.5, 0.7]) func thenEachStepLeavesItsDecayOfTheMean(decay: Double) throws {
    let (weights, means) = try course(decay: decay, steps: 8)
    var mean = weights[0]
    for step in 1...8 {
      let left = min(decay, 1 - 1 / Double(step + 1))
      mean = zip(mean, weights[step]).map { left * $0 + (1 - left) * $1 }
      #expect(apart(means[step - 1], mean) < 1e-6, "step \(step)")
    }
  }

  @Test func withoutADecayTheWeightsThemselvesAreUsed() throws {
    let (weights, means) = try course(decay: nil, steps: 2)
    #expect(means == Array(weights.dropFirst()) && weights[0] != weights[1] && weights[1] != weights[2])
  }
}

/// When the initial training ends, and with which weights, on a device without arithmetic: an expert who draws another mask at
/// each epoch makes the validation loss, and the first of the weights is made the number of the step.
@Suite struct InitialTrainingTests {
  /// A patch is one half throughout: the more lesion there is, up to half of it, the less it costs.
  private final class FickleExpert: CaseSource {
    private let size = GridSize(8, 8, 8)
    /// How often the held-out mask was asked for: once to choose its patch, then at the end of each epoch.
    private var asked = 0

    static func lesionVoxels(epoch: Int) -> Int { [30, 10, 40, 20, 60, 30, 60].dropFirst(epoch).first ?? 30 }

    func volume(of scan: CaseReference) throws -> CaseVolume {
      CaseVolume(image: Volume(size: size, repeating: 1), brain: Volume(size: size, repeating: 1))
    }

    func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
      var drawn = Volume<UInt8>(size: size, repeating: 0)
      let isHeldOut = scan.id == "H0"
      for voxel in 0..<(isHeldOut ? Self.lesionVoxels(epoch: asked) : 50) { drawn.values[voxel] = 1 }
      if isHeldOut { asked += 1 }
      return drawn
    }
  }

  private final class Marks: StepRecorder {
    private var parameters: ParameterBlock?
    private(set) var last: Int?
    func begins(_ parameters: ParameterBlock) { self.parameters = parameters }
    func took(_ step: TakenStep) { parameters?.valueBuffer[0] = Float(step.number) }
    func ended(with step: Int) { last = step }
  }

  /// The fourth epoch is the best, the sixth only as good: thirty later nothing better is waited for.
  @Test(arguments: [(100, 34, 4), (34, 34, 4), (33, 33, 4), (6, 6, 4), (3, 3, 2), (1, 1, 1)])
  func itEndsThirtyEpochsAfterTheBestAndWithItsWeights(most: Int, epochs: Int, best: Int) throws {
    let order = TinyStudy.order(labelled: 1, pool: 0) {
      $0.strategy = "baseline"
      $0.preparation.size = [8, 8, 8]
      $0.initialEpochs = most
      $0.checkpointInterval = 1000
    }
    let marks = Marks()
    let outcome = try nullCycle(order, TinyStudy(), cases: FickleExpert()).run(recordedBy: marks)
    #expect(outcome.incidents.isEmpty && outcome.curve.map(\.epoch) == Array(1...epochs))
    for report in outcome.curve {
      let lesion = Double(FickleExpert.lesionVoxels(epoch: report.epoch))
      // Of 512 voxels, equation (1) with one half everywhere.
      let loss = 1 - (lesion / (256 + lesion + 1) + (512 - lesion) / (256 + 512 - lesion + 1)) / 2
      let validation = try #require(report.validation)
      #expect(abs(validation - loss) < 1e-9, "epoch \(report.epoch)")
    }
    #expect(try weights(in: outcome.model).first == Float(best) && marks.last == best)
    #expect(try Safetensors.decode(outcome.optimizer)["steps"]?.values.doubles == [Double(best)])
  }
}

extension ComputingTests {
  /// Which weights come out of a cycle.
  @Suite(.serialized) struct PublishedWeightsTests {
    /// The Dice of the held-out case under a model, counted.
    private func dice(_ outcome: CycleOutcome, of scan: CaseReference, in study: TinyStudy) throws -> Double {
      let network = try UNet(on: CPU(), file: try Safetensors.decode(outcome.model))
      let probability = try SlidingWindow(network, edge: 8).segment(try study.volume(of: scan)).probability
      let mask = probability.values.map { Double($0) >= outcome.threshold }
      let truth = study.truth(of: scan.id).values.map { $0 == 1 }
      let both = zip(mask, truth).count { $0 && $1 }
      return 2 * Double(both) / Double((mask + truth).count { $0 })
    }

    /// The gate looks through the old model's eyes: what is published afterwards is the new one.
    @Test func theGateComparesTheOldModelWithTheOneThatIsPublished() throws {
      let study = TinyStudy()
      let first = try cycle(
        TinyStudy.order(pool: 0) {
          $0.learningRate = 1e-3
          $0.threshold = 0.4
        }, study, TinyStore()
      ).run()
      var order = TinyStudy.order(pool: 0) {
        $0.learningRate = 1e-3
        $0.epochsPerStep = 2
      }
      (order.cycle, order.model) = (2, "model")
      let second = try cycle(order, study, TinyStore(), model: try Safetensors.decode(first.model)).run()
      let gate = try #require(second.gate.first)
      let (old, new) = (
        try dice(first, of: order.holdout[0], in: study), try dice(second, of: order.holdout[0], in: study)
      )
      #expect(gate.before == old && gate.after == new && old != new)
      #expect(first.threshold == 0.4 && second.threshold == 0.5)
      let isSame = try weights(in: first.model) == weights(in: second.model)
      #expect(!isSame)
    }

    /// A training that swings: had it been told to end with its best epoch, it would have ended the same.
    @Test func theInitialTrainingGoesBackToItsBestEpoch() throws {
      func run(initialEpochs: Int) throws -> CycleOutcome {
        let order = TinyStudy.order(labelled: 1, pool: 0) {
          $0.strategy = "baseline"
          $0.initialEpochs = initialEpochs
          $0.learningRate = 2e-3
        }
        return try cycle(order, TinyStudy(), TinyStore()).run()
      }
      let outcome = try run(initialEpochs: 10)
      try #require(outcome.incidents.isEmpty && outcome.curve.count == 10)
      let losses = try outcome.curve.map { try #require($0.validation) }
      let lowest = try #require(losses.min())
      let best = try #require(losses.firstIndex(of: lowest)) + 1
      try #require(best < 10, "choose a rate at which the last epoch is not the best: \(losses)")
      let shorter = try run(initialEpochs: best)
      #expect(shorter.curve == Array(outcome.curve.prefix(best)))
      let isSame = try weights(in: outcome.model) == weights(in: shorter.model)
      #expect(isSame && outcome.gate[0].after == shorter.gate[0].after)
    }
  }
}
