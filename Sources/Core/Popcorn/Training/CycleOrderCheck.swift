import Contract
import FoundationEssentials

extension Cycle {
  static func check(_ settings: TrainingSettings) throws {
    func expect(_ holds: Bool, _ words: String) throws {
      if !holds { throw MethodError.setting(words) }
    }
    try expect(settings.width > 0 && settings.width % 8 == 0, "width \(settings.width): a multiple of 8 is needed")
    try expect(
      settings.patchSize > 0 && settings.patchSize % 8 == 0,
      "patch size \(settings.patchSize): a multiple of 8 is needed")
    try expect(
      settings.preparation.size.count == 3 && settings.preparation.size.allSatisfy { $0 > 0 },
      "reference size \(settings.preparation.size): three positive numbers of voxels are needed")
    try expect(
      settings.preparation.spacing > 0, "reference spacing \(settings.preparation.spacing) mm: above 0 is needed")
    try expect(
      settings.learningRate > 0 && settings.learningRate.isFinite,
      "learning rate \(settings.learningRate): a number above 0 is needed")
    for (name, count) in [
      ("select per step", settings.selectPerStep), ("neighbours", settings.neighbours),
      ("epochs per step", settings.epochsPerStep), ("initial epochs", settings.initialEpochs),
    ] {
      try expect(
        TrainingSettings.counts ~= count, "\(name) \(count): a count \(TrainingSettings.countsInWords) is needed")
    }
    try expect(settings.checkpointInterval > 0, "checkpoint interval \(settings.checkpointInterval): at least 1")
    try expect(settings.threshold > 0 && settings.threshold < 1, "threshold \(settings.threshold): between 0 and 1")
  }

  /// Tells one order from another. Files are told apart by their names and their folders' names alone: where those lie may
  /// be written in another way, or have changed, since the cycle began.
  public static func hash(of order: CycleOrder) throws -> UInt64 {
    func placeless(_ path: String) -> String {
      path.split(separator: "/").suffix(2).joined(separator: "/")
    }
    func placeless(_ scans: [CaseReference]) -> [CaseReference] {
      scans.map { scan in
        var scan = scan
        scan.scan = placeless(scan.scan)
        scan.brain = scan.brain.map(placeless)
        for number in scan.masks.indices { scan.masks[number].path = placeless(scan.masks[number].path) }
        return scan
      }
    }
    var order = order
    (order.model, order.optimizer) = (order.model.map(placeless), order.optimizer.map(placeless))
    order.latents = order.latents?.mapValues(placeless)
    order.trainingSet = placeless(order.trainingSet)
    order.pool = placeless(order.pool)
    order.holdout = placeless(order.holdout)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return stableHash(String(decoding: try encoder.encode(order), as: UTF8.self))
  }
}
