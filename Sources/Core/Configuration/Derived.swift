import Contract

extension Settings {
  /// How scans are prepared.
  public var preparation: PreparationSettings {
    PreparationSettings(spacing: popcorn.referenceSpacing, size: popcorn.referenceSize, brain: popcorn.brain)
  }

  /// How to train.
  public var training: TrainingSettings {
    var training = TrainingSettings()
    training.recipe = popcorn.recipe.text
    training.strategy = popcorn.strategy.rawValue
    training.width = popcorn.width
    training.patchSize = popcorn.patchSize
    training.preparation = preparation
    training.selectPerStep = popcorn.selectPerStep
    training.epochsPerStep = popcorn.epochsPerStep
    training.neighbours = popcorn.neighbours
    training.consistencyWeight = popcorn.consistencyWeight
    training.maxStepsPerCycle = popcorn.maxStepsPerCycle
    training.initialEpochs = popcorn.initialEpochs
    training.learningRate = popcorn.learningRate
    training.seed = UInt64(popcorn.seed)
    training.threshold = popcorn.threshold
    training.regressTolerance = popcorn.regressTolerance
    training.checkpointInterval = popcorn.checkpointInterval
    training.trainShare = popcorn.trainShare
    return training
  }

  /// p of equation (7): what a recipe sets counts before the key of its own.
  public var neighbours: Int { popcorn.recipe.neighbours ?? popcorn.neighbours }

  /// Where files accepted from `inbox` go.
  public func doneDirectory(of inbox: String) -> String { beside(inbox, output.done, "done") }
  /// Where files rejected from `inbox` go.
  public func rejectedDirectory(of inbox: String) -> String { beside(inbox, output.rejected, "rejected") }
  /// Where duplicates from `inbox` go.
  public func duplicatesDirectory(of inbox: String) -> String { beside(inbox, output.duplicates, "duplicates") }
  /// Where the status pages are.
  public var statusDirectory: String { beside(output.path, output.status, "status") }
  /// Where the control socket is.
  public var controlSocket: String { run.path + "/control.sock" }
  /// Where the worker's socket is where `[run] worker_socket` does not name another.
  public var workerSocketPath: String { run.path + "/worker.sock" }

  private func beside(_ folder: String, _ configured: String, _ name: String) -> String {
    guard configured.isEmpty else { return configured }
    let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
    return "/" + (parent.isEmpty ? name : parent + "/" + name)
  }
}
