import Contract
import Engine
import Glibc
import Testing

@testable import Popcorn

/// Equation (1) as METHOD.md has it, summed voxel by voxel.
func diceLossByHand(_ probabilities: [Float], _ truth: [UInt8]) -> Double {
  let overlaps = (0..<2).map { channel -> Double in
    var (shared, sum) = (0.0, 1.0)
    for voxel in truth.indices {
      let (given, wanted) = (
        Double(probabilities[channel * truth.count + voxel]), Int(truth[voxel]) == channel ? 1.0 : 0
      )
      shared += given * wanted
      sum += given + wanted
    }
    return 2 * shared / sum
  }
  return 1 - (overlaps[0] + overlaps[1]) / 2
}

extension ComputingTests {
  /// Whether steps cost what settings and recipe say: each is computed again from the patches that it was shown, with the
  /// weights that it began with.
  @Suite(.serialized) struct StepCostTests {
    private static let edge = 8

    /// A recipe, and what it stands for.
    struct Costs: Sendable, CustomTestStringConvertible {
      var recipe: String
      /// τ, mm³ in a patch of 64 mm edge: of as many voxels where a voxel has 1 mm.
      var tau = 350.0
      var alpha = 0.2
      var crossEntropy = 0.0
      var testDescription: String { recipe }
    }

    private func crossEntropyByHand(_ probabilities: [Float], _ truth: [UInt8]) -> Double {
      let given = truth.indices.map { Double(probabilities[Int(truth[$0]) * truth.count + $0]) }
      return given.reduce(0) { $0 - log($1) } / Double(truth.count)
    }

    /// Equation (4).
    private func distanceByHand(_ a: [Float], _ b: [Float]) -> Double {
      func square(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
      let (a, b) = (a.map { Double($0) }, b.map { Double($0) })
      return 2 * square(zip(a, b).map { $0 - $1 }) / (square(a) + square(b) + 1e-8)
    }

    private func notes(_ recipe: String, change: (inout TrainingSettings) -> Void = { _ in }) throws -> StepNotes {
      let order = TinyStudy.order(pool: 0, holdout: 0) {
        $0.recipe = recipe
        $0.initialEpochs = 1
        $0.stepBudget = 12
        $0.checkpointInterval = 1000
        change(&$0)
      }
      let notes = StepNotes()
      let outcome = try cycle(order, TinyStudy(), TinyStore()).run(recordedBy: notes)
      #expect(outcome.optimizerSteps == 12 && notes.steps.count == 12 && notes.weights.count == 13)
      return notes
    }

    private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-5 * max(1, abs(b)) }

    @Test(arguments: [
      Costs(recipe: "paper"), Costs(recipe: "paper-literal", tau: 262_144),
      Costs(recipe: "paper+compound", crossEntropy: 2),
      Costs(recipe: "paper+tau=10000+alpha=1.5", tau: 10_000, alpha: 1.5),
    ])
    func aStepCostsWhatItsRecipeSays(_ costs: Costs) throws {
      let notes = try notes(costs.recipe)
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 1)
      // A patch of 8³ holds as much of what one of 64³ does.
      let tau = costs.tau / 512
      var differences: [Int] = []
      for (step, start) in zip(notes.steps, notes.weights) {
        network.parameters.values = start
        network.parametersChanged()
        let passes = try step.patches.map {
          try network.forward($0.image, size: PatchSize(edge: Self.edge), dropout: $0.dropout)
        }
        let segmentation = zip(passes, step.patches).map {
          diceLossByHand($0.probabilities, $1.truth)
            + costs.crossEntropy * crossEntropyByHand($0.probabilities, $1.truth)
        }
        let differing = zip(step.patches[0].truth, step.patches[1].truth).count { $0 != $1 }
        let alike = exp(-Double(differing) / tau)
        let consistency = alike * distanceByHand(passes[0].latent, passes[1].latent)
        let loss = step.loss
        #expect(abs(loss.similarity / alike - 1) < 1e-9, "\(differing) voxels differ")
        #expect(loss.segmentation.count == 2 && zip(loss.segmentation, segmentation).allSatisfy { isNear($0, $1) })
        #expect(isNear(loss.consistency, consistency))
        let total = loss.segmentation[0] + loss.segmentation[1] + costs.alpha * loss.consistency
        #expect(abs(loss.total - total) < 1e-12)
        differences.append(differing)
      }
      // The same patch twice, and two of one region.
      #expect(differences.contains(0) && differences.contains { $0 > 0 })
      #expect(notes.steps.contains { $0.loss.consistency > 1e-6 })
    }

    @Test(arguments: [0, 0.7]) func theWeightOfTheSettingsCountsWhereTheRecipeHasNone(weight: Double) throws {
      for (recipe, alpha) in [("paper", weight), ("paper+alpha=0.4", 0.4)] {
        let losses = try notes(recipe) { $0.consistencyWeight = weight }.steps.map(\.loss)
        #expect(losses.contains { $0.consistency > 1e-6 })
        for loss in losses {
          #expect(abs(loss.total - (loss.segmentation.reduce(0, +) + alpha * loss.consistency)) < 1e-12)
        }
      }
    }
  }
}
