import Contract

/// The rows of a study beside the same rows of another that judged the same test images: another budget, another pool, more
/// labels.
enum BesideTable {
  /// Nil where the two have no row in common.
  static func table(_ study: StudyTables, _ settings: TrainingSettings, beside other: StudyRecord) -> Table? {
    let order = other.cohort.test.map(\.name)
    let others = StudyTables(other)
    let pairs = study.rows.compactMap { row -> (row: StudyRow, reference: StudyRow)? in
      guard let beside = others.row(row.key.strategy, row.key.recipe) else { return nil }
      let shared = row.shared(with: beside, order: order)
      return shared.row.runs.isEmpty ? nil : shared
    }
    guard !pairs.isEmpty else { return nil }
    let comparisons = StudyComparison.family(of: pairs, expecting: .row)
    let cohort = other.cohort
    return Table(
      title: "Beside the study of \(cohort.name): \(cohort.labeled.count) labeled, "
        + "\(cohort.unlabeled.count) unlabeled, \(other.budget.optimizerSteps) optimizer steps",
      columns: ["Strategy", "Recipe"].map { Table.Column(head: $0, isNumber: false) }
        + ["Seeds", "Dice there", "Dice", "Difference", "p (Holm)"].map { Table.Column(head: $0) },
      rows: zip(pairs, comparisons).map { pair, comparison in
        [
          StrategyWords(pair.row.key.strategy).name, pair.row.key.recipe, "\(pair.row.seeds.count)",
          percent(pair.reference.dice), percent(pair.row.dice),
          percentagePoints(pair.row.dice, minus: pair.reference.dice),
          comparison.words(reference: noNumber),
        ]
      },
      notes: [
        "Of the seeds that both have; images are taken to be the same where names are. Difference: percentage points of Dice, "
          + "here minus there; p is of that difference, over the test images." + unlike(settings, other.settings)
          + unlikeThreads(pairs)
      ]
    )
  }

  private static func unlikeThreads(_ pairs: [(row: StudyRow, reference: StudyRow)]) -> String {
    let (here, there) = (threadCounts(pairs.flatMap(\.row.runs)), threadCounts(pairs.flatMap(\.reference.runs)))
    guard here != there else { return "" }
    return " The threads of a run were \(here.map(String.init).joined(separator: " or ")) here and "
      + "\(there.map(String.init).joined(separator: " or ")) there: what begins alike ends apart, as by another seed."
  }

  /// What else the two do not share.
  private static func unlike(_ here: TrainingSettings, _ there: TrainingSettings) -> String {
    let differing = [
      ("width", here.width != there.width), ("patch", here.patchSize != there.patchSize),
      ("rate", here.learningRate != there.learningRate),
    ].filter(\.1).map(\.0)
    return differing.isEmpty ? "" : " The two differ in \(differing.joined(separator: " and ")) too."
  }
}
