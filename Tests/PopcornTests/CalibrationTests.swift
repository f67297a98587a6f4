import Contract
import Engine
import Imaging
import Testing

@testable import Popcorn

extension ComputingTests {
  /// Where a recipe lets held-out people choose the threshold.
  @Suite(.serialized) struct CalibrationTests {
    private var order: CycleOrder {
      TinyStudy.order(holdout: 3) {
        $0.recipe = "paper+calibrate"
        $0.stepBudget = 30
        $0.threshold = 0.42
      }
    }

    /// A person has one say, however many scans there are of them, and scans without a lesion have none.
    @Test func aThresholdThatIsChosenIsThatOfTheBestDiceOverPeople() throws {
      var order = order
      let study = TinyStudy()
      var again = TinyStudy.scan("H0-again", labelled: true)
      again.subject = "H0"
      let choosing = order.holdout + [again]
      study.kept["N-mask"] = study.truth(of: "N").map { _ in 0 }
      order.holdout = choosing + [TinyStudy.scan("N", labelled: true)]

      let outcome = try cycle(order, study, TinyStore()).run()
      let network = try UNet(on: CPU(), file: try Safetensors.decode(outcome.model))
      let probabilities = try choosing.map { scan in
        try SlidingWindow(network, edge: order.settings.patchSize).segment(try study.volume(of: scan)).probability
      }
      func dice(_ threshold: Double) -> Double {
        var people: [String: [Double]] = [:]
        for (scan, probability) in zip(choosing, probabilities) {
          let (mask, truth) = (
            OperatingPoint(threshold: threshold).mask(probability, voxel: 1).values, study.truth(of: scan.id).values
          )
          let both = Double(zip(mask, truth).count { $0 == 1 && $1 == 1 })
          people[scan.subject, default: []].append(2 * both / Double((mask + truth).count { $0 == 1 }))
        }
        return people.values.reduce(0) { $0 + $1.reduce(0, +) / Double($1.count) }
      }
      let others = (1...19).map { 0.05 * Double($0) }
      #expect(others.allSatisfy { dice($0) <= dice(outcome.threshold) + 1e-9 })
      #expect(dice(outcome.threshold) > dice(0.42) + 1e-9)
      #expect(try Safetensors.decode(outcome.model).metadata["threshold"] == "\(outcome.threshold)")
    }

    /// Three are held out, but one of them has no lesion.
    @Test func twoPeopleWithLesionsChooseNoThreshold() throws {
      let study = TinyStudy()
      study.kept["H2-mask"] = study.truth(of: "H2").map { _ in 0 }
      #expect(try cycle(order, study, TinyStore()).run().threshold == 0.42)
    }
  }
}
