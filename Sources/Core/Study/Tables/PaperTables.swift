/// The paper's two tables, and one for strategies that are in neither.
struct PaperTables {
  private let study: StudyTables
  private let isFinished: Bool

  init(_ study: StudyTables, isFinished: Bool) {
    self.study = study
    self.isFinished = isFinished
  }

  /// The tables that have a row, in the paper's order.
  var tables: [Table] {
    let known = StrategyWords.ablations + StrategyWords.comparisons
    let others = study.rows.filter { $0.key.recipe == study.mainRecipe && !known.contains($0.key.strategy) }
    // The second has rows of the first as its ends: alone they would be nothing new.
    let own = Set(StrategyWords.comparisons).subtracting(StrategyWords.ablations)
    let hasComparisons = study.rows.contains { $0.key.recipe == study.mainRecipe && own.contains($0.key.strategy) }
    return [
      table("Table 1: what each part is worth", StrategyWords.ablations, saysTraining: true),
      hasComparisons ? table("Table 2: other strategies", StrategyWords.comparisons, saysTraining: false) : nil,
      table("Strategies that the paper has not", others.map(\.key.strategy), saysTraining: false),
    ].compactMap { $0 }
  }

  private func table(_ title: String, _ strategies: [String], saysTraining: Bool) -> Table? {
    let rows = strategies.compactMap { study.row($0, study.mainRecipe) }
    guard !rows.isEmpty else { return nil }
    let words = saysTraining ? ["Trained on", "CR on"] : []
    var table = Table(
      title: "\(title) (recipe \(study.mainRecipe))",
      columns: [Table.Column(head: "Strategy", isNumber: false)]
        + words.map { Table.Column(head: $0, isNumber: false) } + RowFigures.columns,
      rows: rows.map { row in
        [StrategyWords(row.key.strategy).name] + (saysTraining ? [row.trainedOn, row.consistencyOn] : [])
          + RowFigures(row, of: study).cells
      })
    RowFigures.rank(&table, rows, from: 1 + words.count)
    let absent = strategies.filter { study.row($0, study.mainRecipe) == nil }.map { StrategyWords($0).name }
    if !absent.isEmpty {
      let state = isFinished ? "Not in this study" : "Without runs so far"
      table.notes.append("\(state): \(absent.joined(separator: "; ")).")
    }
    return table
  }
}

/// The figures that each table says of a row.
struct RowFigures {
  static let columns = [
    "Dice", "Precision", "Sensitivity", "Seeds", "SD over seeds", "p against best (Holm)", "p against baseline (Holm)",
    "Optimizer steps", "Patches", "Labelled patches",
  ].map { Table.Column(head: $0) }

  /// The cells, in the order of the columns.
  let cells: [String]

  init(_ row: StudyRow, of study: StudyTables) {
    cells = [
      percent(row.dice), percent(row.precision.mean), percent(row.sensitivity.mean), "\(row.seeds.count)",
      percent(row.deviation), study.againstBest[row.key].words(reference: "best"),
      study.againstBaseline[row.key].words(reference: "baseline"), span(row.runs.map(\.optimizerSteps)),
      span(row.runs.map(\.patches)), span(row.runs.map(\.labelledPatches)),
    ]
  }

  /// Marks the best and the second of Dice, precision and sensitivity, which start at a column.
  static func rank(_ table: inout Table, _ rows: [StudyRow], from column: Int) {
    table.rank(column: column, by: rows.map(\.dice))
    table.rank(column: column + 1, by: rows.map(\.precision.mean))
    table.rank(column: column + 2, by: rows.map(\.sensitivity.mean))
  }
}

extension StudyComparison? {
  /// The p-values, the adjusted in brackets, or why there are none.
  func words(reference: String) -> String {
    switch self?.verdict {
    case .tested(let p, let adjusted, _, _): "\(probability(p)) (\(probability(adjusted)))"
    case .isReference: reference
    case .noReference: "no \(reference)"
    case .tooFewImages: "too few images"
    case .runsMissing: "runs missing"
    case nil: noNumber
    }
  }
}
