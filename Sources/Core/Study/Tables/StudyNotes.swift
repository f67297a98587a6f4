/// What a reader must know to read the tables, in sentences.
struct StudyNotes {
  /// The sentences, in order.
  let sentences: [String]

  init(_ record: StudyRecord, _ study: StudyTables) {
    let cohort = record.cohort
    let seeds = record.runs.map(\.seed).withoutRepeats.map { "\($0)" }
    var sentences = [
      "Cohort \(cohort.name): \(cohort.labeled.count) labeled, \(cohort.holdout.count) held out, "
        + "\(cohort.unlabeled.count) unlabeled and \(counted(cohort.test.count, "test image", "test images")).",
      "Runs done: \(record.runs.count) of \(record.plannedRuns)"
        + (record.runs.count < record.plannedRuns ? "; what is missing can change every figure." : "."),
      seeds.isEmpty ? "No seeds yet." : "\(seeds.count == 1 ? "Seed" : "Seeds"): \(seeds.joined(separator: ", ")).",
      "Budget: \(counted(record.budget.optimizerSteps, "optimizer step", "optimizer steps")) a run, of every strategy.",
      "Dice, precision and sensitivity are percent: the mean over test images of each image's mean over seeds. "
        + "Bold is the best of a column, underlined the second; equal figures share their mark.",
      "SD over seeds is the sample standard deviation of the runs' mean Dice, in percentage points.",
    ]
    sentences.append(
      "CR on: the scans on which the consistency term, equation (2), is taken; in brackets how many of the pool.")
    sentences += Self.patches(record.runs) + Self.unlabelled(record) + Self.unreadable(record.runs)
    sentences += Self.lesionless(record)
    if !record.runs.isEmpty {
      let hours = record.runs.reduce(0) { $0 + $1.seconds } / 3600
      sentences.append(
        "The runs took \(hours.figure(1)) hours, one after the other; as many at once as there were workers.")
    }
    let programs = record.runs.map { $0.program ?? "" }.withoutRepeats.count
    if programs > 1 {
      sentences.append(
        "The runs are of at least \(programs) builds of the program (`program` in each run.json; older ones have none)."
      )
    }
    let threads = threadCounts(record.runs)
    if threads.count > 1 {
      sentences.append(
        "The runs had \(threads.map(String.init).joined(separator: " or ")) threads each (processors over --workers): sums in "
          + "another order differ in their last digits, and trainings that begin alike end apart, as by another seed.")
    }
    sentences += Self.tests(study, cohort)
    sentences.append(Self.leftOut(study))
    self.sentences = sentences
  }

  /// Trainings that came to nothing, and are in the means all the same: a strategy that fails now and then is worth less.
  /// It stands above the tables; empty where there are none.
  static func failed(_ runs: [StudyRun]) -> String {
    let failed = runs.filter { $0.outcome != .publish }
    guard !failed.isEmpty else { return "" }
    let names = failed.map { "\(StrategyWords($0.strategy).name) (\($0.recipe), seed \($0.seed))" }
    return
      "\(failed.count) of \(runs.count) trainings came to nothing (the table of runs says why), and are in the means: "
      + "\(names.joined(separator: "; "))."
  }

  /// Scans that trainings went on without.
  private static func unreadable(_ runs: [StudyRun]) -> [String] {
    let names = runs.flatMap { $0.poolLeftOut ?? [] }.withoutRepeats.sorted()
    return names.isEmpty ? [] : ["Left out of the pool, for they could not be used: \(names.joined(separator: ", "))."]
  }

  /// Test images in which every mark is wrong.
  private static func lesionless(_ record: StudyRecord) -> [String] {
    let empty = record.runs.first?.scores.filter { $0.truthMl == 0 }.map(\.name) ?? []
    guard !empty.isEmpty else { return [] }
    return [
      "Without a lesion, so that Dice is 1 where nothing is marked and else 0: \(empty.joined(separator: ", ")). A network "
        + "that marks nothing anywhere is right there."
    ]
  }

  /// What strategies that see the pool without labels are shown.
  private static func patches(_ runs: [StudyRun]) -> [String] {
    guard runs.contains(where: { $0.labelledPatches < $0.patches }) else { return [] }
    let three = runs.contains { $0.patches > 2 * $0.optimizerSteps }
    return [
      "Patches are those of all optimizer steps, labelled patches those of them with an expert's mask or a hard pseudo-label: "
        + "what learns from patches of the pool without such a label sees fewer labelled ones on the same steps. Those patches "
        + "are of the whole brain, as many a scan as an expert's mask gives; pseudo-labelled ones are fewer and hold lesion."
        + (three ? " A step of a transformation strategy has three patches, of others two." : "")
    ]
  }

  /// Who was to label the whole pool, and came to the end of the budget before: of some none was labelled.
  private static func unlabelled(_ record: StudyRecord) -> [String] {
    let pool = record.cohort.unlabeled.count
    let short = record.runs.filter { run in
      StrategyWords(run.strategy).labelsPool && run.pseudoLabels < pool
        && (run.pseudoLabels == 0 || run.strategy != "popcorn-half")
    }.map { "\(StrategyWords($0.strategy).name) (\($0.recipe)), \($0.pseudoLabels)" }.withoutRepeats
    return short.isEmpty
      ? [] : ["Not all \(pool) of the pool were labelled in this budget: \(short.joined(separator: "; "))."]
  }

  private static func tests(_ study: StudyTables, _ cohort: StudyCohort) -> [String] {
    guard cohort.test.count >= StudyComparison.fewestImages else {
      return [
        "With fewer than \(StudyComparison.fewestImages) test images no difference can be told from chance: there are no "
          + "p-values."
      ]
    }
    let references = study.families.compactMap { family -> String? in
      guard let best = family.best, family.rows.count > 1 else { return nil }
      let alike = family.rows.filter { percent($0.dice) == percent(best.dice) }
        .map { StrategyWords($0.key.strategy).name }
      let place =
        switch family.place {
        case .ablations, .comparisons: "in table \(family.place.rawValue)"
        case .others: "of those that the paper has not"
        case .recipe: "for recipe \(best.key.recipe)"
        }
      return alike.joined(separator: " and ") + (alike.count > 1 ? " alike " : " ") + place
    }
    let comparisons = study.families.flatMap { Array($0.againstBest.values) + Array($0.againstBaseline.values) }
    let images = comparisons.map(\.verdict).compactMap {
      if case .tested(_, _, _, let images, _) = $0 { images } else { nil }
    }
    guard !images.isEmpty || study.againstMain.values.contains(where: \.isTested) else {
      return ["No rows of the same seeds are compared in these tables, so that they have no p-values."]
    }
    let people = Set(cohort.test.map(\.subject)).count
    let compared = images.isEmpty ? "test images" : "\(span(images)) test images"
    return [
      "p is that of Wilcoxon's signed-rank test, two-sided, of the Dice of \(compared), each averaged over seeds; in "
        + "brackets after Holm's adjustment for the comparisons of one column of a table, in that of other recipes those of a "
        + "recipe or, against the recipe beside it, all. A p says nothing of other cohorts, nor of other trainings.",
      comparisons.contains { $0.fewDiffering != nil } || study.againstMain.values.contains { $0.fewDiffering != nil }
        ? "Where fewer than \(StudyComparison.fewestImages) images differ, as is said beside p, exactly no p could be below "
          + "0.05: one that is lower is approximate." : "",
      people < cohort.test.count
        ? "The test images are of \(people) people: images of one person are alike, which makes p too small." : "",
      references.isEmpty ? "" : "The best, chosen by the same images: \(references.joined(separator: "; ")).",
      borrowed(study),
    ].filter { !$0.isEmpty }
  }

  /// Which rows are compared with a baseline that is not their recipe's.
  private static func borrowed(_ study: StudyTables) -> String {
    let recipes = study.families.compactMap { family -> String? in
      guard let row = family.rows.first, let other = family.againstBaseline[row.key]?.reference,
        other.recipe != row.key.recipe
      else { return nil }
      return "\(row.key.recipe) with that of \(other.recipe)"
    }.withoutRepeats
    return recipes.isEmpty ? "" : "Baselines of other recipes stand in: \(recipes.joined(separator: "; "))."
  }

  private static func leftOut(_ study: StudyTables) -> String {
    let (precision, sensitivity) = study.rows.reduce(into: (0, 0)) {
      $0.0 += $1.precision.leftOut
      $0.1 += $1.sensitivity.leftOut
    }
    let rule =
      "Precision is undefined where nothing was marked, sensitivity where there is no lesion, but both are 1 where both is so; "
      + "undefined "
    guard precision + sensitivity > 0 else { return rule + "ratios are left out (here none)." }
    let rows = study.rows.filter { $0.precision.leftOut + $0.sensitivity.leftOut > 0 }.map {
      "\($0.label(mainRecipe: study.mainRecipe)) \($0.precision.leftOut) and \($0.sensitivity.leftOut)"
    }
    return rule + "ratios are left out, of precision and sensitivity: \(rows.joined(separator: "; "))."
      + unranked(study)
  }

  /// Rows whose precision or sensitivity has no mark, however high it is.
  private static func unranked(_ study: StudyTables) -> String {
    let ratios: [(String, KeyPath<StudyRow, StudyRow.Ratio>)] = [
      ("precision", \.precision), ("sensitivity", \.sensitivity),
    ]
    let names = ratios.flatMap { word, path in
      study.rows.filter { $0[keyPath: path].mean != nil && $0[keyPath: path].comparable == nil }.map {
        "\($0.label(mainRecipe: study.mainRecipe)) (\(word))"
      }
    }
    return names.isEmpty
      ? "" : " Neither best nor second, for more than a tenth of it is left out: \(names.joined(separator: "; "))."
  }
}

/// How many threads runs were computed with, each number once.
func threadCounts(_ runs: [StudyRun]) -> [Int] { runs.map(\.worker.threads).withoutRepeats.sorted() }
