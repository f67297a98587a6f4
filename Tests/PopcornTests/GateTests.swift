import Contract
import Engine
import Testing

@testable import Popcorn

/// What a cycle tells its gate, on a device without arithmetic: it gives every voxel of a brain one half, before and after, so
/// that thresholds alone decide what is marked.
@Suite struct GateTests {
  /// - Parameter model: metadata of the model that the cycle starts from; nil for the first training.
  private func run(
    threshold: Double, people: [String], from model: [String: String]? = nil, study: TinyStudy = TinyStudy()
  ) throws -> CycleOutcome {
    var order = TinyStudy.order(labelled: 1, pool: 0, holdout: people.count) {
      $0.threshold = threshold
      $0.initialEpochs = 1
      $0.checkpointInterval = 1000
    }
    for (number, person) in people.enumerated() { order.holdout[number].subject = person }
    let file = try model.map { metadata in
      order.model = "model"
      let network = try UNet(on: Null(), shape: UNetShape(width: 8), seed: 1)
      return try Safetensors.decode(network.parameters.safetensors(metadata: metadata))
    }
    return try nullCycle(order, study, model: file).run()
  }

  private func forgetLesions(of id: String, in study: TinyStudy) {
    study.kept["\(id)-mask"] = study.truth(of: id).map { _ in 0 }
  }

  @Test func theFirstModelIsRefusedWhereItMarksNothing() throws {
    let blind = try run(threshold: 0.999, people: ["A"])
    #expect(blind.outcome == .refused && blind.gate.map(\.after) == [0])
    #expect(blind.words == "refused: all masks of the 1 held-out cases are empty")
    #expect(blind.latents.isEmpty)
    let seeing = try run(threshold: 0.4, people: ["A"])
    #expect(seeing.outcome == .publish && seeing.words.hasPrefix("published as the first: "))
  }

  @Test func nothingNeedBeMarkedWhereThereIsNoLesion() throws {
    let (healthy, mixed) = (TinyStudy(), TinyStudy())
    for id in ["H0", "H1"] { forgetLesions(of: id, in: healthy) }
    forgetLesions(of: "H0", in: mixed)
    let right = try run(threshold: 0.999, people: ["A", "B"], study: healthy)
    #expect(right.outcome == .publish && right.gate.map(\.after) == [1, 1])
    let wrong = try run(threshold: 0.999, people: ["A", "B"], study: mixed)
    #expect(wrong.outcome == .refused && wrong.gate.map(\.after) == [1, 0])
    #expect(wrong.words == "refused: all masks of the 2 held-out cases are empty")
  }

  @Test(arguments: [(["A", "A", "A"], true), (["A", "B", "A"], true), (["A", "B", "C"], false)])
  func peopleAreCountedAndNotTheirScans(people: [String], isCautious: Bool) throws {
    let outcome = try run(threshold: 0.4, people: people, from: [:])
    #expect(outcome.outcome == .publish && outcome.gate.count == 3)
    #expect(outcome.words.contains(" before, ") && outcome.words.contains("over 3 cases"))
    let caution = "; with fewer than 3 held-out subjects only a collapse is refused"
    #expect(outcome.words.hasSuffix(caution) == isCautious && outcome.words.contains("collapse") == isCautious)
  }

  /// Of what a file says that cannot be, nothing is used.
  @Test(arguments: [
    ([String: String](), false), (["threshold": "0.999"], true), (["threshold": "7"], false),
    (["floor": "1000000"], true), (["floor": "-1"], false),
  ])
  func theModelThatACycleStartsFromIsJudgedWhereItCutsItsMasks(says: [String: String], marksNothing: Bool) throws {
    let outcome = try run(threshold: 0.4, people: ["A"], from: says)
    let gate = try #require(outcome.gate.first)
    #expect(outcome.gate.count == 1 && gate.after > 0)
    #expect(gate.before == (marksNothing ? 0 : gate.after))
    #expect(outcome.threshold == 0.4)
  }
}
