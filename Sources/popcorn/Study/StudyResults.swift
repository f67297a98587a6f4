import Contract
import Files
import FoundationEssentials
import Glibc
import Popcorn
import Study
import SystemPackage

/// What lies in a study's folder: the runs that are done, and what is drawn from them.
struct StudyResults {
  let plan: StudyPlan
  let folder: Directory

  init(plan: StudyPlan, in folder: Directory) { (self.plan, self.folder) = (plan, folder) }

  /// A run's result; nil while it is not done.
  func run(_ name: StudyRunName) throws -> StudyRun? {
    guard let place = try? Directory(folder.path.pushing(name.folder)) else { return nil }
    guard let run = try StudyFiles.read(StudyRun.self, StudyTraining.resultName, in: place) else { return nil }
    try plan.check(run, as: name, in: place)
    return run
  }

  /// All runs that are done, of whatever strategy, recipe and seed: strategies in the order of the paper's tables.
  func done() throws -> [StudyRunName] {
    func names(_ path: FilePath) -> [String] {
      (try? Directory(path).names().map(\.string).sorted()) ?? []
    }
    let root = folder.path.appending("runs")
    let all = Strategies.names.flatMap { strategy in
      names(root.appending(strategy)).flatMap { recipe in
        names(root.appending(strategy).appending(recipe)).compactMap { UInt64($0) }.sorted().map {
          StudyRunName(strategy: strategy, recipe: recipe, seed: $0)
        }
      }
    }
    return try all.filter { try run($0) != nil }
  }

  /// All runs that were ever asked for, and all that are done.
  func planned(with runs: [StudyRunName]) throws -> [StudyRunName] {
    let known =
      try StudyFiles.read(
        [String].self, Self.plannedName, in: folder, advice: "remove it, it holds what was asked for and is not done")
      ?? []
    return (try done() + runs + known.compactMap(StudyRunName.init(text:))).withoutRepeats
  }

  /// Keeps what is asked for, so that a report of the study knows what is missing.
  func remember(_ runs: [StudyRunName]) throws {
    // Another process may ask for more meanwhile.
    _ = flock(folder.descriptor.rawValue, LOCK_EX)
    defer { _ = flock(folder.descriptor.rawValue, LOCK_UN) }
    try StudyFiles.write(try planned(with: runs).map(\.text), Self.plannedName, in: folder)
  }

  private static let plannedName = FilePath("planned.json")

  /// The study as far as it is done: all that was ever asked for.
  func record() throws -> StudyRecord {
    let names = try planned(with: [])
    // What another version's recipes were made of, only its own record knows.
    let isOurs = plan.tool == Version.text
    let known = isOurs ? nil : try? StudyFiles.read(StudyRecord.self, Self.recordName, in: folder)
    return StudyRecord(
      cohort: plan.cohort, settings: plan.settings, budget: plan.budget, tool: plan.tool,
      recipes: isOurs ? Recipe.compositions : known?.recipes, runs: try names.compactMap(run), plannedRuns: names.count)
  }

  /// The study that lies in another folder. Throws `Fault` where there is none, other images were judged, also under the same
  /// names, or on another grid.
  func other(in path: FilePath) throws -> StudyRecord {
    let advice = "popcorn study --report writes it"
    let place = try Directory(path)
    let found = try StudyFiles.read(StudyRecord.self, Self.recordName, in: place, advice: advice + " anew")
    guard let other = found else { throw Fault(.noInput, "\(path) holds no \(Self.recordName): \(advice)") }
    guard Set(other.cohort.test.map(\.name)) == Set(plan.cohort.test.map(\.name)) else {
      throw Fault(.dataError, "the study in \(path) judged other test images: nothing can be compared")
    }
    guard other.settings.preparation == plan.settings.preparation else {
      throw Fault(
        .dataError, "the study in \(path) judged on another grid (--spacing, --size): nothing can be compared")
    }
    if let name = Self.unlike(try record().runs, other.runs) {
      throw Fault(
        .dataError,
        "the study in \(path) judged another \(name): its truth has another volume. Nothing can be compared")
    }
    return other
  }

  /// An image whose truth has not the same volume in both: two that are of one name, or was drawn anew.
  private static func unlike(_ runs: [StudyRun], _ others: [StudyRun]) -> String? {
    guard let scores = runs.first?.scores, let there = others.first?.scores else { return nil }
    let volumes = Dictionary(there.map { ($0.name, $0.truthMl) }) { first, _ in first }
    return scores.first { score in volumes[score.name].map { abs($0 - score.truthMl) > 1e-6 } ?? false }?.name
  }

  private static let recordName = FilePath("study.json")

  /// Writes study.json, tables, figures and the page, which shows what to type to measure it again.
  /// - Parameter others: studies to stand beside.
  func write(_ record: StudyRecord, beside others: [StudyRecord] = [], command: String? = nil) throws {
    try StudyFiles.write(record, Self.recordName, in: folder)
    let report = StudyReport(record, beside: others, pictures: pictures(of: record), command: command)
    for file in report.files {
      try DurableFile.write(Array(file.text.utf8), as: FilePath(file.name), in: folder)
    }
    // A figure that has nothing to show any more would be of runs that are gone.
    let stale = Set(StudyReport.figureFiles).subtracting(report.files.map(\.name))
    try StudyFiles.remove(stale.sorted().map { FilePath($0) }, in: folder)
  }

  /// The paper's figure 2: for each test scan that is shown, every method's slice, of its first seed.
  private func pictures(of record: StudyRecord) -> [StudyPicture] {
    var seen: Set<String> = []
    let firsts = record.runs.filter { seen.insert("\($0.strategy) \($0.recipe)").inserted }
    let places = firsts.map { run in
      let name = StudyRunName(strategy: run.strategy, recipe: run.recipe, seed: run.seed)
      return (run: run, place: folder.path.pushing(name.folder))
    }
    let scans = Set(places.flatMap { StudyPictures.names(in: $0.place) }).sorted()
    return scans.flatMap { scan in
      places.compactMap { run, place in
        StudyPictures.embedded(scan, in: place).map { uri in
          let dice = run.scores.first { $0.name == scan }?.dice
          return StudyPicture(
            title: "\(scan): \(run.strategy), \(run.recipe)",
            caption: "Dice \(dice?.decimals(3) ?? "n/a"). Found green, invented orange, missed blue.", image: uri)
        }
      }
    }
  }
}
