import Contract
import Files
import Popcorn
import Study
import SystemPackage

/// What all runs of a study share, settled in `plan.json` when it begins: a study that is gone on with has to be of the
/// same scans and settings. Strategies, recipes and seeds may be added later.
struct StudyPlan: Codable, Equatable {
  /// Version of popcorn: another one may train otherwise.
  var tool = Version.text
  var cohort: StudyCohort
  /// Without the schedule, which depends on the recipe.
  var settings: TrainingSettings
  var budget: StudyRecord.Budget

  private static let name = FilePath("plan.json")

  /// Writes the plan, or finds the same one there, and takes what it says anew of sites. Throws as `isSettled` does.
  func settle(in folder: Directory) throws {
    if try found(in: folder)?.cohort != cohort { try StudyFiles.write(self, Self.name, in: folder) }
  }

  /// Whether the folder holds this plan; not yet, where it holds nothing of a study. Throws `Fault` where it holds another, and
  /// where it holds what a study would replace but no plan.
  func isSettled(in folder: Directory) throws -> Bool { try found(in: folder) != nil }

  /// This plan as it lies in a folder, with the labels of then. Throws as `isSettled` does.
  private func found(in folder: Directory) throws -> StudyPlan? {
    if let found = try StudyFiles.read(StudyPlan.self, Self.name, in: folder, advice: "name another --out") {
      var known = found.takingLabels(of: cohort)
      // The same number of steps may have been given by name.
      if known.budget.optimizerSteps == budget.optimizerSteps { known.budget.name = budget.name }
      guard known == self else {
        throw Fault(.configuration, "\(folder.path) holds a study of \(known.difference(to: self))")
      }
      return found
    }
    let ours = ["runs", "study.json", "planned.json"] + StudyReport.mainFiles
    if let other = try folder.names().map(\.string).first(where: ours.contains) {
      throw Fault(
        .configuration,
        "\(folder.path) is no study's folder (it has no plan.json) and holds \(other): name another --out")
    }
    return nil
  }

  /// Whether a run is one of this plan, in its place. Throws `Fault` where it is not.
  func check(_ run: StudyRun, as name: StudyRunName, in folder: Directory) throws {
    let isOurs =
      StudyRunName(strategy: run.strategy, recipe: run.recipe, seed: run.seed) == name
      && run.optimizerSteps <= budget.optimizerSteps && run.scores.map(\.name) == cohort.test.map(\.name)
      && run.scores.allSatisfy { score in
        [score.dice, score.precision, score.sensitivity].compactMap(\.self).allSatisfy { 0...1 ~= $0 }
      }
    guard isOurs else {
      throw Fault(
        .dataError,
        "\(folder.path)/\(StudyTraining.resultName) is damaged or of another study: remove it to measure it again")
    }
  }

  /// The plan that lies in a folder. Throws `Fault` where none does.
  init(in folder: Directory) throws {
    guard let plan = try StudyFiles.read(StudyPlan.self, Self.name, in: folder, advice: "name another --out") else {
      throw Fault(.noInput, "\(folder.path) holds no study")
    }
    self = plan
  }

  init(cohort: StudyCohort, settings: TrainingSettings, budget: StudyRecord.Budget) {
    (self.cohort, self.settings, self.budget) = (cohort, settings, budget)
  }

  /// Throws `Fault` where a plan's scans are others.
  func expect(_ cohort: StudyCohort, in folder: Directory) throws {
    var plan = self
    plan.cohort = cohort
    guard plan == takingLabels(of: cohort) else {
      throw Fault(.configuration, "\(folder.path) holds a study of \(difference(to: plan))")
    }
  }

  /// The plan with what no training sees and may have changed: the folder's name, which site a scan is of, and the hidden
  /// truth's digest where the plan is older than that.
  func takingLabels(of cohort: StudyCohort) -> StudyPlan {
    let sites = Dictionary(cohort.scans.map { ($0.name, $0.site) }) { first, _ in first }
    var plan = self
    plan.cohort.name = cohort.name
    plan.cohort.truthDigest = plan.cohort.truthDigest ?? cohort.truthDigest
    for part in [\StudyCohort.labeled, \.holdout, \.unlabeled, \.test] {
      for place in plan.cohort[keyPath: part].indices {
        let scan = plan.cohort[keyPath: part][place]
        plan.cohort[keyPath: part][place].site = sites[scan.name] ?? scan.site
      }
    }
    return plan
  }

  private func difference(to other: StudyPlan) -> String {
    if tool != other.tool { return "popcorn \(tool), and this is \(other.tool): name another --out" }
    let (ours, theirs) = (takingLabels(of: other.cohort).cohort, other.cohort)
    if ours.truthDigest != theirs.truthDigest, ours.digest == theirs.digest {
      return "another hidden truth (truth/unlabeled), by which its pseudo-labels are judged: name another --out"
    }
    if ours != theirs {
      return "other scans, or they have changed since, or persons are told otherwise (--subject-pattern): "
        + "name another --out"
    }
    let advice = "give the same, or name another --out"
    if budget != other.budget { return "another budget: --budget \(budget.optimizerSteps); \(advice)" }
    let words = NetworkOptions.words(of: settings)
    guard words != NetworkOptions.words(of: other.settings) else { return "other settings: name another --out" }
    return "other settings: \(words.joined(separator: " ")); \(advice)"
  }
}

/// One run of a study.
struct StudyRunName: Hashable {
  var strategy: String
  var recipe: String
  var seed: UInt64

  /// Its folder below the study's.
  var folder: FilePath { FilePath("runs/\(strategy)/\(recipe)/\(seed)") }

  /// As the study tells it to a worker: `popcorn/paper/1`.
  var text: String { "\(strategy)/\(recipe)/\(seed)" }

  init(strategy: String, recipe: String, seed: UInt64) {
    self.strategy = strategy
    self.recipe = recipe
    self.seed = seed
  }

  init?(text: String) {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 3, let seed = UInt64(parts[2]) else { return nil }
    self.init(strategy: parts[0], recipe: parts[1], seed: seed)
  }

  /// All runs, each once: one seed of everything before the next seed, so that a half-done study can be looked at.
  static func all(strategies: [String], recipes: [String], seeds: [UInt64]) -> [StudyRunName] {
    seeds.flatMap { seed in
      recipes.flatMap { recipe in
        strategies.map { StudyRunName(strategy: $0, recipe: recipe, seed: seed) }
      }
    }.withoutRepeats
  }
}
