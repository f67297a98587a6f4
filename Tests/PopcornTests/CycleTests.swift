import Contract
import Engine
import Imaging
import Testing

@testable import Popcorn

/// Tests that compute: one after the other, for the engine's threads are one team.
@Suite(.serialized) enum ComputingTests {}

extension ComputingTests {
  @Suite(.serialized) struct CycleTests {
    @Test func allOfThePoolIsTakenInStepsTheLastOneShort() throws {
      let (study, order) = (TinyStudy(), TinyStudy.order())
      let outcome = try cycle(order, study, TinyStore()).run()
      #expect(outcome.outcome == .publish && outcome.incidents.isEmpty)
      #expect(outcome.selections.map(\.step) == [1, 1, 2, 2, 3])
      #expect(outcome.selections.map(\.rank) == [1, 2, 1, 2, 1])
      #expect(Set(outcome.selections.map(\.proximity.id)) == ["U0", "U1", "U2", "U3", "U4"])
      #expect(outcome.selections.allSatisfy { $0.proximity.nearest.count == 2 })
      #expect(outcome.selections[0].proximity.sum <= outcome.selections[1].proximity.sum)
      #expect(outcome.latents.map(\.id).sorted() == ["L0", "L1", "L2", "U0", "U1", "U2", "U3", "U4"])
      #expect(outcome.gate.map(\.id) == ["H0"] && outcome.gate[0].before == nil)
      #expect(outcome.curve.map(\.step) == [0, 0, 1, 2, 3] && outcome.curve == study.curve)
      #expect(outcome.curve.last?.optimizerSteps == outcome.optimizerSteps)
      let file = try Safetensors.decode(outcome.model)
      #expect(file.metadata["strategy"] == "popcorn" && file.metadata["format"] == "pt")
      #expect(file.metadata["size"] == "9,9,9" && file.metadata["width"] == "8")
    }

    /// A folder may be named in another way, or be moved, while a cycle is stopped; a file may not be another.
    @Test func anOrderIsTheSameWhereverItsFilesLie() throws {
      func order(in folder: String, mask: String = "L0-mask") -> CycleOrder {
        var order = TinyStudy.order()
        order.trainingSet[0].scan = "\(folder)/labeled/L0.nii"
        order.trainingSet[0].masks[0].path = "\(folder)/labeled/\(mask)"
        return order
      }
      let hash = try Cycle<CPU>.hash(of: order(in: "/data"))
      #expect(try Cycle<CPU>.hash(of: order(in: "../moved/data")) == hash)
      #expect(try Cycle<CPU>.hash(of: order(in: "/data", mask: "L0-mask2")) != hash)
    }

    @Test func killedAnywhereAndResumedItEndsWithTheSameBytes() throws {
      let order = TinyStudy.order(labelled: 2, pool: 3)
      let undisturbed = TinyStudy()
      let store = TinyStore()
      let expected = try cycle(order, undisturbed, store).run()

      func finish(_ study: TinyStudy, _ store: TinyStore) throws {
        let outcome = try cycle(order, study, store).run()
        #expect(outcome.model == expected.model && outcome.optimizer == expected.optimizer)
        #expect(outcome.selections.map(\.proximity) == expected.selections.map(\.proximity))
        #expect(outcome.latents == expected.latents && outcome.curve == expected.curve)
      }
      for write in stride(from: 1, through: store.writes, by: 29) {
        for isWritten in [false, true] {
          let (study, store) = (TinyStudy(), TinyStore())
          if isWritten { store.diesAfter = write } else { store.diesBefore = write }
          #expect(throws: TinyStudy.Death.self) { try cycle(order, study, store).run() }
          try finish(study, store)
        }
      }
      for call in stride(from: 1, to: undisturbed.calls, by: 173) {
        let (study, store) = (TinyStudy(), TinyStore())
        study.diesAt = call
        #expect(throws: TinyStudy.Death.self) { try cycle(order, study, store).run() }
        try finish(study, store)
        let (other, place) = (TinyStudy(), TinyStore())
        other.stopsAt = call + 5
        #expect(throws: CyclePaused.self) { try cycle(order, other, place).run() }
        try finish(other, place)
      }
    }

    @Test func pausedAtEveryFewStepsItEndsWithTheSameBytes() throws {
      let order = TinyStudy.order(labelled: 2, pool: 2)
      let expected = try cycle(order, TinyStudy(), TinyStore()).run()
      let (study, store) = (TinyStudy(), TinyStore())
      var pauses = 0
      while true {
        study.stopsAt = study.calls + 13
        do {
          let outcome = try cycle(order, study, store).run()
          #expect(outcome.model == expected.model && outcome.optimizer == expected.optimizer)
          break
        } catch is CyclePaused {
          pauses += 1
          if pauses > 500 { break }
        }
      }
      #expect(5...500 ~= pauses)
    }

    @Test func aCheckpointOfAnotherOrderIsRefused() throws {
      let (study, store) = (TinyStudy(), TinyStore())
      study.stopsAt = 6
      #expect(throws: CyclePaused.self) { try cycle(TinyStudy.order(), study, store).run() }
      let other = TinyStudy.order { $0.seed = 7 }
      #expect(throws: MethodError.self) { try cycle(other, study, store) }
    }

    /// Whoever runs the cycle begins it anew then; a damaged snapshot is no damaged model.
    @Test func aCheckpointThatIsNotWholeIsRefusedAsOne() throws {
      let (whole, study, store) = (TinyStudy(), TinyStudy(), TinyStore())
      let order = TinyStudy.order(labelled: 2, pool: 5)
      _ = try cycle(order, whole, TinyStore()).run()
      study.stopsAt = whole.calls * 4 / 5
      #expect(throws: CyclePaused.self) { _ = try cycle(order, study, store).run() }
      let files = store.files
      let kinds = Set(files.keys.map { $0.prefix { $0.isLetter } })
      #expect(kinds.isSuperset(of: ["position", "snapshot", "selections"]), "\(kinds)")
      func expectRefusal(_ change: String, _ name: String) throws {
        do {
          _ = try cycle(order, TinyStudy(), store)
          Issue.record("\(name), \(change): was not refused")
        } catch MethodError.checkpoint(let words) {
          #expect(words.contains(name), "\(words)")
        }
      }
      for (name, bytes) in files where !name.hasPrefix("latents") {
        for length in [0, 1, 7, 8, 9, bytes.count / 2, bytes.count - 1] {
          try store.write(Array(bytes.prefix(length)), as: name)
          try expectRefusal("cut after \(length) bytes", name)
        }
        if name != "position.json" {
          try store.remove(name)
          try expectRefusal("gone", name)
        }
        try store.write(bytes, as: name)
      }
      _ = try cycle(order, TinyStudy(), store)
    }

    @Test func anUnreadableCaseOfThePoolIsLeftOut() throws {
      let study = TinyStudy()
      study.damaged = ["U1"]
      let outcome = try cycle(TinyStudy.order(pool: 3), study, TinyStore()).run()
      #expect(study.leftOut == ["U1"])
      #expect(outcome.leftOut == [CycleResult.LeftOut(id: "U1", words: "U1 is damaged")])
      #expect(Set(outcome.selections.map(\.proximity.id)) == ["U0", "U2"])
    }

    /// Without the graph nothing is embedded, and with known latents nothing is at first: then it shows when it is to be
    /// labelled.
    @Test func aCaseThatCannotBeLabelledIsLeftOut() throws {
      let study = TinyStudy()
      study.damaged = ["U1"]
      let blind = try cycle(TinyStudy.order(pool: 3) { $0.strategy = "popcorn-no-graph" }, study, TinyStore()).run()
      #expect(study.leftOut == ["U1"] && blind.leftOut.map(\.id) == ["U1"])
      #expect(Set(blind.selections.map(\.proximity.id)) == ["U0", "U2"])

      let first = try cycle(TinyStudy.order(pool: 0), TinyStudy(), TinyStore()).run()
      var order = TinyStudy.order(pool: 3)
      (order.cycle, order.model) = (2, "model")
      let drafted = TinyStudy()
      drafted.damaged = ["U1"]
      drafted.known = Dictionary(
        uniqueKeysWithValues: order.pool.map { ($0.id, [Float](repeating: $0.id == "U1" ? 0 : 1, count: 128)) })
      let outcome = try cycle(order, drafted, TinyStore(), model: try Safetensors.decode(first.model)).run()
      #expect(outcome.leftOut.map(\.id) == ["U1"])
      #expect(Set(outcome.selections.map(\.proximity.id)) == ["U0", "U2"])
    }

    /// One that cannot be kept is left out, too; one that has a label keeps it where it cannot be drawn anew.
    @Test func aScanThatIsDamagedMeanwhileFailsNoCycle() throws {
      let lost = TinyStudy()
      lost.unkeepable = ["U1"]
      let outcome = try cycle(TinyStudy.order(pool: 3), lost, TinyStore()).run()
      #expect(outcome.leftOut.map(\.id) == ["U1"])
      let order = TinyStudy.order(pool: 3) { ($0.recipe, $0.selectPerStep) = ("paper+refresh", 1) }
      let whole = try cycle(order, TinyStudy(), TinyStore()).run()
      let study = TinyStudy()
      study.keepableOnce = true
      let refreshed = try cycle(order, study, TinyStore()).run()
      #expect(refreshed.leftOut.isEmpty && study.keeps == 3)
      #expect(refreshed.selections.map(\.step) == whole.selections.map(\.step))
    }

    @Test func theBaselineTakesNothingFromThePool() throws {
      let study = TinyStudy()
      let outcome = try cycle(TinyStudy.order { $0.strategy = "baseline" }, study, TinyStore()).run()
      #expect(outcome.selections.isEmpty && outcome.curve.map(\.step) == [0, 0])
    }

    @Test func anExpertsMaskWithAnEmptyPoolIsTrainedOn() throws {
      let first = try cycle(TinyStudy.order(pool: 0), TinyStudy(), TinyStore()).run()
      var order = TinyStudy.order(pool: 0) { $0.epochsPerStep = 2 }
      (order.cycle, order.model) = (2, "model")
      let outcome = try cycle(order, TinyStudy(), TinyStore(), model: try Safetensors.decode(first.model)).run()
      #expect(outcome.curve.map(\.step) == [1, 1] && outcome.curve.map(\.epoch) == [1, 2])
      #expect(outcome.gate[0].before == first.gate[0].after)
    }

    @Test(arguments: ["popcorn", "baseline"]) func aBudgetIsSpentWholeByEveryStrategy(_ strategy: String) throws {
      let order = TinyStudy.order(pool: 2) { ($0.strategy, $0.stepBudget) = (strategy, 60) }
      let outcome = try cycle(order, TinyStudy(), TinyStore()).run()
      #expect(outcome.optimizerSteps == 60 && outcome.selections.count == (strategy == "popcorn" ? 2 : 0))
    }

    /// A teacher that has spoken is learned from, also where no budget asks for more steps.
    @Test func aStudentIsTrainedWithoutABudget() throws {
      let teacher = try cycle(TinyStudy.order { $0.strategy = "baseline" }, TinyStudy(), TinyStore()).run()
      let outcome = try cycle(TinyStudy.order { $0.strategy = "uncertainty" }, TinyStudy(), TinyStore()).run()
      #expect(teacher.curve.map(\.step) == [0, 0])
      #expect(outcome.curve.map(\.step) == [0, 0, 1, 1] && outcome.curve.map(\.epoch) == [1, 2, 1, 2])
      #expect(outcome.curve.prefix(2).map(\.segmentation) == teacher.curve.map(\.segmentation))
      let hasLearned = try weights(in: outcome.model) != weights(in: teacher.model)
      #expect(hasLearned)
      let alone = try cycle(TinyStudy.order(pool: 0) { $0.strategy = "uncertainty" }, TinyStudy(), TinyStore()).run()
      #expect(alone.curve.map(\.step) == [0, 0])
    }

    @Test func theBudgetOfOptimizerStepsIsKept() throws {
      let outcome = try cycle(TinyStudy.order { $0.stepBudget = 5 }, TinyStudy(), TinyStore()).run()
      #expect(outcome.optimizerSteps == 5 && outcome.selections.isEmpty)
    }

    @Test func unknownNamesAndWrongSettingsAreNamed() throws {
      for change: (inout TrainingSettings) -> Void in [
        { $0.strategy = "popcron" }, { $0.recipe = "papers" }, { $0.width = 12 }, { $0.patchSize = 20 },
        { $0.learningRate = 0 }, { $0.threshold = 1 }, { $0.checkpointInterval = 0 },
        { $0.initialEpochs = .max }, { $0.epochsPerStep = .max }, { $0.selectPerStep = .max }, { $0.neighbours = 0 },
      ] {
        #expect(throws: MethodError.self) { try cycle(TinyStudy.order(change: change), TinyStudy(), TinyStore()) }
      }
      #expect(throws: MethodError.self) { try cycle(TinyStudy.order(labelled: 0), TinyStudy(), TinyStore()) }
    }
  }
}
