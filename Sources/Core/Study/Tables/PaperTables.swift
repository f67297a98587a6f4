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
    study.families.compactMap { family in
      switch family.place {
      case .ablations:
        table("Table 1: what each part is worth", family, of: StrategyWords.ablations, saysTraining: true)
      case .comparisons: table("Table 2: other strategies", family, of: StrategyWords.comparisons)
      case .others: table("Strategies that the paper has not", family, of: [])
      case .recipe: nil
      }
    }
  }

  private func table(
    _ title: String, _ family: StudyFamily, of strategies: [String], saysTraining: Bool = false
  ) -> Table {
    let rows = family.rows
    let words = saysTraining ? ["Trained on", "CR on"] : []
    var table = Table(
      title: "\(title) (recipe \(study.mainRecipe))",
      columns: [Table.Column(head: "Strategy", isNumber: false)]
        + words.map { Table.Column(head: $0, isNumber: false) } + RowFigures.columns,
      rows: rows.map { row in
        [StrategyWords(row.key.strategy).name] + (saysTraining ? [row.trainedOn, row.consistencyOn] : [])
          + RowFigures(row, in: family).cells
      })
    RowFigures.rank(&table, family, from: 1 + words.count)
    let absent = strategies.filter { study.row($0, study.mainRecipe) == nil }.map { StrategyWords($0).name }
    if !absent.isEmpty {
      let state = isFinished ? "Not in this study" : "Without runs so far, or not in this study"
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

  init(_ row: StudyRow, in family: StudyFamily) {
    cells = [
      percent(row.dice), percent(row.precision.mean), percent(row.sensitivity.mean), "\(row.seeds.count)",
      percent(row.deviation), family.againstBest[row.key].words(reference: "best"),
      family.againstBaseline[row.key].words(reference: "baseline"), span(row.runs.map(\.optimizerSteps)),
      span(row.runs.map(\.patches)), span(row.runs.map(\.labelledPatches)),
    ]
  }

  /// Marks the best and the second of Dice, precision and sensitivity, which start at a column. The family's rows begin at
  /// one of the table's.
  static func rank(_ table: inout Table, _ family: StudyFamily, from column: Int, firstRow: Int = 0) {
    let before = [Double?](repeating: nil, count: firstRow)
    let after = [Double?](repeating: nil, count: table.rows.count - firstRow - family.rows.count)
    let columns: [(StudyRow) -> Double?] = [{ $0.dice }, { $0.precision.comparable }, { $0.sensitivity.comparable }]
    for (offset, share) in columns.enumerated() {
      let shares = family.rows.map { family.isEven ? share($0) : nil }
      table.rank(column: column + offset, by: before + shares + after)
    }
  }
}

extension StudyComparison {
  /// The p-values, the adjusted in brackets, and how many images differ where those are few; or why there are none.
  func words(reference: String) -> String {
    switch verdict {
    case .tested(let p, let adjusted, _, _, _):
      "\(probability(p)) (\(probability(adjusted)))" + (fewDiffering.map { ", \($0) differ" } ?? "")
    case .isReference: reference
    case .noReference: "no \(reference)"
    case .tooFewImages: "too few images"
    case .runsMissing: "runs missing"
    }
  }
}

extension StudyComparison? {
  /// A dash where nothing was compared.
  func words(reference: String) -> String { self?.words(reference: reference) ?? noNumber }
}
