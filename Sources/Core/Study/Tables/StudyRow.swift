import Evaluation

/// One strategy under one recipe: what its runs have in common, and their mean.
public struct StudyRow: Sendable, Equatable {
  /// What is measured.
  public struct Key: Sendable, Hashable {
    /// The strategy's name.
    public let strategy: String
    /// The recipe's name.
    public let recipe: String

    /// A strategy under a recipe.
    public init(strategy: String, recipe: String) {
      self.strategy = strategy
      self.recipe = recipe
    }
  }

  /// One test image, its figures averaged over the seeds.
  public struct Case: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Mean over the seeds, 0…1.
    public let dice: Double
    /// Mean over the seeds for which it is defined, 0…1; nil where it is for none.
    public let precision, sensitivity: Double?
    /// Lesion volume of the truth, ml.
    public let truthMl: Double
    /// Lesion volume of the mask, ml, mean over the seeds.
    public let maskMl: Double
  }

  /// A mean of a ratio that is not defined for each image.
  public struct Ratio: Sendable, Equatable {
    /// Mean over images, each averaged over seeds first, 0…1; nil where no image has it.
    public let mean: Double?
    /// Images that entered.
    public let images: Int
    /// Values, one for each image and seed, that are undefined and left out.
    public let leftOut: Int
    /// Values, one for each image and seed, that there could be.
    public let values: Int

    /// The mean, where no more than a tenth is left out: who marks one scan of many may be precise in that one.
    var comparable: Double? { 10 * leftOut > values ? nil : mean }
  }

  /// What is measured.
  public let key: Key
  /// Its runs, in the order of the study: one for each seed.
  public let runs: [StudyRun]
  /// The test images, in the cohort's order.
  public let cases: [Case]
  /// Mean over the test images of the mean over seeds, 0…1; nil without test images.
  public let dice: Double?
  /// Sample standard deviation over seeds of the mean Dice; nil with fewer than two seeds.
  public let deviation: Double?
  /// Positive predictive value: undefined where nothing was marked of lesions that are there.
  public let precision: Ratio
  /// True positive rate: undefined where there is no lesion and something was marked.
  public let sensitivity: Ratio

  /// This row and another, each of the seeds that both have alone. `order`: the test images' names; where it is not given,
  /// this row's.
  func shared(with other: StudyRow, order: [String]? = nil) -> (row: StudyRow, reference: StudyRow) {
    let seeds = Set(seeds).intersection(other.seeds)
    let order = order ?? cases.map(\.name)
    let rows = [self, other].map { row in
      StudyRow(key: row.key, runs: row.runs.filter { seeds.contains($0.seed) }, order: order)
    }
    return (rows[0], rows[1])
  }

  /// Mean over seeds of the mean Dice of the held-out scans, 0…1: what recipes and constants may be chosen by, as test
  /// images may not; nil where nobody is held out, and where one of the trainings came to nothing and was not judged by
  /// them: the mean of the others would look better than the row is.
  public var heldOutDice: Double? {
    let known = runs.compactMap { $0.heldOutDice?.finite }
    return known.count == runs.count ? mean(known) : nil
  }

  /// The seeds, in the order of the study.
  public var seeds: [UInt64] { runs.map(\.seed) }

  /// Averages runs of one strategy and recipe. `order`: the test images' names in the cohort's order.
  public init(key: Key, runs: [StudyRun], order: [String]) {
    self.key = key
    self.runs = runs
    let scores = Dictionary(grouping: runs.flatMap(\.scores).filter { $0.dice.isFinite }, by: \.name)
    // What the cohort does not know is said all the same, behind what it knows.
    let strangers = runs.flatMap { $0.scores.map(\.name) }
    cases = (order + strangers).withoutRepeats.compactMap { name in
      scores[name].flatMap { Case(name: name, scores: $0) }
    }
    dice = mean(cases.map(\.dice))
    deviation = sampleDeviation(runs.compactMap(\.meanDice))
    let all = runs.flatMap(\.scores)
    precision = Ratio(cases.map(\.precision), of: all.map(\.precision))
    sensitivity = Ratio(cases.map(\.sensitivity), of: all.map(\.sensitivity))
  }
}

extension StudyRow.Case {
  /// The scores of one image under each seed; nil for none.
  init?(name: String, scores: [StudyRun.Score]) {
    guard let dice = mean(scores.map(\.dice)) else { return nil }
    self.name = name
    self.dice = dice
    precision = mean(scores.compactMap { $0.precision?.finite })
    sensitivity = mean(scores.compactMap { $0.sensitivity?.finite })
    truthMl = mean(scores.compactMap(\.truthMl.finite)) ?? 0
    maskMl = mean(scores.compactMap(\.maskMl.finite)) ?? 0
  }
}

extension StudyRow.Ratio {
  init(_ images: [Double?], of values: [Double?]) {
    let defined = images.compactMap { $0 }
    mean = Evaluation.mean(defined)
    self.images = defined.count
    leftOut = values.count { $0?.finite == nil }
    self.values = values.count
  }
}
