import Engine

/// Weights and Adam's state at one moment: what training goes back to, or goes on from.
final class Snapshot {
  let values: [Float]
  let adam: Adam
  /// The number of the step that ended with it, of those that this process took.
  let step: Int
  /// Where it lies in the store; nil until it is written.
  var name: String?

  init(values: [Float], adam: Adam, step: Int = 0, name: String? = nil) {
    self.values = values
    self.adam = adam
    self.step = step
    self.name = name
  }
}

/// What one optimizer step did.
struct StepReport {
  var loss: PairLoss
  /// Σ of the lesion channel, voxels, a value a patch.
  var predicted: [Double]
  /// Lesion voxels, a value a patch.
  var truth: [Double]

  /// The share of patches whose predicted and true lesion voxels satisfy `condition`.
  func share(where condition: (_ predicted: Double, _ truth: Double) -> Bool) -> Double {
    Double(zip(predicted, truth).count(where: condition)) / Double(max(1, predicted.count))
  }
}

/// The network, its optimizer, and one step of both.
final class Trainer<D: Device> {
  let network: UNet<D>
  private(set) var adam: Adam
  private let strategy: any Strategy
  private let scale: LossScale
  private let size: PatchSize
  private let collective: any Collective
  private var taken = 0
  /// The number of the step that ended with the present weights.
  private(set) var present = 0
  /// Sees each step; nil where nobody asks.
  var recorder: (any StepRecorder)?

  init(
    _ network: UNet<D>, strategy: any Strategy, scale: LossScale, edge: Int, collective: any Collective = Solo()
  ) {
    self.network = network
    adam = Adam(count: network.parameters.count)
    self.strategy = strategy
    self.scale = scale
    size = PatchSize(edge: edge)
    self.collective = collective
  }

  /// Forward, loss, backward and Adam on one pair, dropout on.
  func step(_ pair: Pair, of set: TrainingSet, rate: Double) throws -> StepReport {
    let patches = try set.cut(pair)
    let passes = try zip(patches, pair.dropout).map { patch, dropout in
      try network.forward(patch.image, size: size, dropout: dropout)
    }
    let outcomes = zip(passes, patches).map { pass, patch in
      PatchOutcome(probabilities: pass.probabilities, latent: pass.latent, truth: patch.truth)
    }
    let (loss, gradients) = strategy.loss(outcomes, scale: scale)
    network.parameters.clearGradients()
    for (pass, gradient) in zip(passes, gradients) {
      try network.backward(pass, probabilityGradient: gradient.probabilities, latentGradient: gradient.latent)
    }
    try collective.sum(network.parameters.gradientBuffer)
    adam.step(network.parameters, rate: Float(rate))
    network.parametersChanged()
    let predicted = outcomes.map { lesionMass($0.probabilities) }
    taken += 1
    defer { present = taken }
    try recorder?.took(
      TakenStep(
        number: taken, after: present, edge: size.width,
        patches: zip(zip(pair.places, pair.dropout), patches).map {
          .init(caseID: $0.0.caseID, image: $1.image, truth: $1.truth, dropout: $0.1)
        },
        rate: rate, loss: loss, predicted: predicted))
    return StepReport(
      loss: loss, predicted: predicted, truth: patches.map { Double($0.truth.count { $0 != 0 }) })
  }

  /// Mean of equation (1) over patches of cases that are not learned from, as they are, in evaluation mode.
  func validationLoss(on set: TrainingSet, meanwhile: () throws -> Void) throws -> Double {
    var sum = 0.0
    for place in set.places {
      let (image, truth) = try set.cut(place)
      let lesion = try network.infer(image, size: size).lesion
      sum += diceLoss(lesion.map { 1 - $0 } + lesion, truth: truth, top: scale.top)
      try meanwhile()
    }
    return sum / Double(set.places.count)
  }

  var snapshot: Snapshot { Snapshot(values: network.parameters.values, adam: adam, step: present) }

  func restore(_ snapshot: Snapshot) {
    network.parameters.values = snapshot.values
    network.parametersChanged()
    adam = snapshot.adam
    present = snapshot.step
  }

  var isFinite: Bool { network.parameters.valueBuffer.allSatisfy(\.isFinite) }

  private func lesionMass(_ probabilities: [Float]) -> Double {
    probabilities[(probabilities.count / 2)...].reduce(0.0) { $0 + Double($1) }
  }
}
