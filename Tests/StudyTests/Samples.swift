import Contract

@testable import Study

/// Numbers that look random and are the same each time.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// 0 ..< 1.
  mutating func roll() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / Double(1 << 31)
  }
}

/// A run with those scores and nothing else.
func run(
  _ strategy: String, _ recipe: String = "paper", seed: UInt64 = 1, dice: [Double], precision: [Double?]? = nil,
  sensitivity: [Double?]? = nil, names: [String]? = nil
) -> StudyRun {
  let scores = dice.indices.map { index in
    StudyRun.Score(
      name: names?[index] ?? "image\(index)", dice: dice[index], precision: (precision ?? dice)[index],
      sensitivity: (sensitivity ?? dice)[index], truthMl: Double(index) + 0.5, maskMl: 1)
  }
  return StudyRun(
    strategy: strategy, recipe: recipe, seed: seed, outcome: .publish, words: "published", threshold: 0.5,
    optimizerSteps: 100, patches: 200, labelledPatches: 150,
    schedule: .init(initialEpochs: 5, selectPerStep: 10, epochsPerStep: 3), experts: 4, pseudoLabels: 8, seconds: 12,
    incidents: 0,
    worker: WorkerIdentity(version: "1.0", isa: "avx2", threads: 2, oneDNN: "3.1"), modelDigest: "abc", scores: scores,
    progress: [], selections: [], latents: [])
}

/// A study of those runs; its test images are those of the first.
func record(_ runs: [StudyRun], planned: Int? = nil, name: String = "tiny") -> StudyRecord {
  let scan = { (name: String) in StudyCohort.Scan(name: name, subject: "s-\(name)", site: nil) }
  return StudyRecord(
    cohort: StudyCohort(
      name: name, digest: "0f1e", labeled: [scan("expert")], holdout: [], unlabeled: [scan("pool")],
      test: runs.first?.scores.map { scan($0.name) } ?? []),
    settings: TrainingSettings(), budget: .init(name: "quick", optimizerSteps: 100), tool: "1.0", runs: runs,
    plannedRuns: planned ?? runs.count)
}

extension StudyReport {
  /// A file's text; empty where there is none.
  func text(_ name: String) -> String { files.first { $0.name == name }?.text ?? "" }
}

/// A study as a real one would be: all strategies, three seeds, steps, selections, latents, sites.
struct SampleStudy {
  var strategies =
    [
      "popcorn", "popcorn-half", "popcorn-no-consistency", "popcorn-no-graph", "baseline-consistency", "baseline",
      "attention", "uncertainty", "transformation", "transformation-elastic",
    ].map { ($0, "paper") } + [("popcorn", "improved")]
  var seeds: [UInt64] = [1, 2, 3]
  var images = 43
  var pool = 80
  /// What names begin with.
  var prefix = ""

  var record: StudyRecord {
    var chance = Dice(7)
    let scan = { (part: String, index: Int) in
      StudyCohort.Scan(
        name: "\(prefix)\(part)-\(index)", subject: "\(prefix)p\(index / 2)",
        site: "\(prefix)site \(["A", "B", "C"][index % 3])")
    }
    let cohort = StudyCohort(
      name: "\(prefix)sample", digest: "4d2f", labeled: (0..<12).map { scan("expert", $0) },
      holdout: (0..<4).map { scan("holdout", $0) }, unlabeled: (0..<pool).map { scan("pool", $0) },
      test: (0..<images).map { scan("test", $0) })
    let hardness = (0..<images).map { _ in
      (0.62 + 0.25 * chance.roll(), 0.1 + 60 * chance.roll() * chance.roll() * chance.roll())
    }
    let runs = strategies.enumerated().flatMap { number, key in
      seeds.map { seed in run(key, number, seed, cohort, hardness, &chance) }
    }
    return StudyRecord(
      cohort: cohort, settings: TrainingSettings(), budget: .init(name: "default", optimizerSteps: 12_000), tool: "1.0",
      runs: runs, plannedRuns: runs.count)
  }

  private func run(
    _ key: (String, String), _ number: Int, _ seed: UInt64, _ cohort: StudyCohort, _ hardness: [(Double, Double)],
    _ chance: inout Dice
  ) -> StudyRun {
    let shift = 0.06 - 0.012 * Double(number % 10)
    var run = StudyTests.run(
      key.0, key.1, seed: seed, dice: hardness.map { $0.0 + shift + 0.06 * (chance.roll() - 0.5) },
      names: cohort.test.map(\.name))
    for index in run.scores.indices {
      run.scores[index].truthMl = hardness[index].1
      run.scores[index].precision = chance.roll() < 0.03 ? nil : min(hardness[index].0 + 0.1 * chance.roll(), 1)
      run.scores[index].sensitivity = min(hardness[index].0 + 0.1 * chance.roll(), 1)
    }
    let isBaseline = key.0.hasPrefix("baseline")
    let steps = isBaseline ? 0 : 8
    run.progress = (0...steps).map { step in
      .init(
        step: step, optimizerSteps: 100 * (step + 1), trainingScans: 12 + 10 * step,
        meanDice: 0.66 + shift + 0.012 * Double(step) * (1 - Double(step) / 20) + 0.02 * (chance.roll() - 0.5))
    }
    guard !isBaseline else { return run }
    run.selections = cohort.unlabeled.enumerated().map { index, scan in
      .init(
        name: scan.name, step: 1 + index / 10, rank: 1 + index % 10, proximity: 1 / Double(index + 1),
        dice: key.0 == "popcorn"
          ? 0.82 - 0.003 * Double(index) + 0.1 * (chance.roll() - 0.5) : 0.55 + 0.3 * chance.roll())
    }
    run.latents =
      (cohort.labeled.map { ($0, "labeled", 0) }
      + cohort.unlabeled.enumerated().map {
        ($1, "unlabeled", $0 < 70 ? 1 + $0 / 10 : nil)
      } + cohort.test.map { ($0, "test", nil) }).map { scan, part, step in
        let far = Double(step ?? 8)
        return .init(
          name: scan.name, part: part, step: step, x: far * (chance.roll() - 0.4) + chance.roll(),
          y: far * (chance.roll() - 0.5))
      }
    return run
  }
}
