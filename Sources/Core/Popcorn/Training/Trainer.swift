import Engine

/// Weights and Adam's state at one moment: what training goes back to, or goes on from.
final class Snapshot {
  let values: [Float]
  let adam: Adam
  /// The running mean of the weights; nil where the recipe has none.
  let average: [Float]?
  /// The number of the step that ended with it, of those that this process took.
  let step: Int
  /// Where it lies in the store; nil until it is written.
  var name: String?

  init(values: [Float], adam: Adam, average: [Float]?, step: Int = 0, name: String? = nil) {
    self.values = values
    self.adam = adam
    self.average = average
    self.step = step
    self.name = name
  }
}

/// What one optimizer step did.
struct StepReport {
  var loss: PairLoss
  /// What the network made of each labelled patch.
  var labelled: [LabelledPatch]
  /// The sum of segmentation terms from which the prediction is useless.
  var uselessLoss: Double

  /// What the network made of a labelled patch.
  struct LabelledPatch {
    var place: PatchPlace
    /// Σ of the lesion channel, voxels.
    var predicted: Double
    /// Lesion voxels.
    var truth: Double
  }

  /// Σ of the lesion channel, voxels, of all labelled patches.
  var predicted: Double { labelled.reduce(0) { $0 + $1.predicted } }
  /// Lesion voxels of all labelled patches.
  var truth: Double { labelled.reduce(0) { $0 + $1.truth } }

  /// Of each patch that holds lesion, the predicted mass by the true one. A patch that was shown twice counts once: the two
  /// times say the same.
  var massRatios: [Double] {
    let places = labelled.indices.filter { number in
      !labelled[..<number].contains { $0.place == labelled[number].place }
    }
    return places.compactMap { number in
      let shown = labelled.filter { $0.place == labelled[number].place }
      let truth = shown.reduce(0) { $0 + $1.truth }
      return truth > 0 ? shown.reduce(0) { $0 + $1.predicted } / truth : nil
    }
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
  private let averageDecay: Float?
  /// The running mean of the weights, where the recipe has one.
  private var average: [Float]?
  /// The weights that are learned, while their mean stands in for them.
  private var learned: [Float]?
  /// The number of the step that ended with the present weights.
  private(set) var present = 0
  /// Sees each step; nil where nobody asks.
  var recorder: (any StepRecorder)?

  init(
    _ network: UNet<D>, strategy: any Strategy, scale: LossScale, edge: Int, averageDecay: Float? = nil,
    collective: any Collective = Solo()
  ) {
    self.network = network
    self.averageDecay = averageDecay
    average = averageDecay.map { _ in network.parameters.values }
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
      try network.forward(
        patch.image, size: size, dropout: dropout, reconstructs: strategy.reconstructs && patch.truth.isEmpty)
    }
    let outcomes = zip(passes, patches).map { pass, patch in
      PatchOutcome(
        probabilities: pass.probabilities, latent: pass.latent, shown: patch, reconstruction: pass.reconstruction)
    }
    let (loss, gradients) = strategy.loss(outcomes, scale: scale)
    network.parameters.clearGradients()
    for (pass, gradient) in zip(passes, gradients) {
      try network.backward(
        pass, probabilityGradient: gradient.probabilities, latentGradient: gradient.latent,
        reconstructionGradient: gradient.reconstruction)
    }
    try collective.sum(network.parameters.gradientBuffer)
    adam.step(network.parameters, rate: Float(rate))
    follow()
    network.parametersChanged()
    let labelled = zip(pair.places, outcomes).filter { !$1.truth.isEmpty }.map { place, outcome in
      StepReport.LabelledPatch(
        place: place, predicted: lesionMass(outcome.probabilities),
        truth: Double(outcome.truth.count { $0 == 1 }))
    }
    taken += 1
    defer { present = taken }
    try recorder?.took(
      TakenStep(
        number: taken, after: present, edge: size.width,
        patches: zip(zip(pair.places, pair.dropout), patches).map {
          .init(caseID: $0.0.caseID, image: $1.image, truth: $1.truth, dropout: $0.1)
        },
        rate: rate, loss: loss, predicted: labelled.map(\.predicted)))
    return StepReport(
      loss: loss, labelled: labelled,
      uselessLoss: scale.crossEntropy > 0 ? .infinity : Self.uselessDice * Double(labelled.count))
  }

  /// Equation (1) of a patch, of at most 1, from which the prediction is useless: an untrained network has 0.7. Cross-entropy
  /// has no such bound: there only a loss far above the best so far tells.
  private static var uselessDice: Double { 0.9 }

  /// The mean follows the weights, faster at first: with decay d, at most 1 − 1 / (t + 1) at step t.
  private func follow() {
    guard let averageDecay, var mean = average else { return }
    average = nil
    let share = 1 - min(averageDecay, 1 - 1 / Float(adam.steps + 1))
    let values = network.parameters.valueBuffer
    for place in mean.indices { mean[place] += share * (values[place] - mean[place]) }
    average = mean
  }

  /// Does something with the weights that are used and published: their running mean, where the recipe has one.
  func evaluating<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let average, learned == nil else { return try body() }
    learned = network.parameters.values
    network.parameters.values = average
    network.parametersChanged()
    defer {
      if let learned { network.parameters.values = learned }
      learned = nil
      network.parametersChanged()
    }
    return try body()
  }

  /// Mean of what labelled patches cost over those of cases that are not learned from, as they are, in evaluation mode.
  func validationLoss(on set: TrainingSet, meanwhile: () throws -> Void) throws -> Double {
    var sum = 0.0
    for place in set.places {
      let (image, truth) = try set.cut(place)
      let lesion = try network.infer(image, size: size).lesion
      let outcome = PatchOutcome(probabilities: lesion.map { 1 - $0 } + lesion, latent: [], truth: truth)
      sum += segmentationLoss(outcome, scale: scale)
      try meanwhile()
    }
    return sum / Double(set.places.count)
  }

  /// What a teacher says of a patch: the mean of passes with dropout.
  func softLabel(of image: [Float], passes: Int, random: Random) throws -> SoftLabel {
    SoftLabel(
      passes: try (0..<passes).map { pass in
        try network.infer(image, size: size, dropout: random.derive(UInt64(pass))).lesion
      })
  }

  var snapshot: Snapshot {
    Snapshot(values: learned ?? network.parameters.values, adam: adam, average: average, step: present)
  }

  func restore(_ snapshot: Snapshot) {
    network.parameters.values = snapshot.values
    average = averageDecay.map { _ in snapshot.average ?? snapshot.values }
    network.parametersChanged()
    adam = snapshot.adam
    present = snapshot.step
  }

  var isFinite: Bool { network.parameters.valueBuffer.allSatisfy(\.isFinite) }

  private func lesionMass(_ probabilities: [Float]) -> Double {
    probabilities[(probabilities.count / 2)...].reduce(0.0) { $0 + Double($1) }
  }
}
