/// A figure of a study.
struct Figure {
  /// The file's name.
  let name: String
  /// What it shows, as its heading.
  let title: String
  /// How to read it.
  let caption: String
  /// The picture.
  let svg: String

  /// The figures that have something to show, in order.
  static func all(_ record: StudyRecord, _ study: StudyTables) -> [Figure] {
    let rows = StudySeries(study)
    return [
      CaseFigure.figure(rows),
      StepFigure.figure(rows),
      PseudoLabelFigure.figure(rows),
      LoadFigure.figure(rows),
      LatentFigure.figure(record),
    ].compactMap { $0 }
  }
}

/// The rows of a study, each looking the same in all figures.
struct StudySeries {
  struct Line {
    let row: StudyRow
    let label: String
    let series: Series
  }

  let lines: [Line]

  init(_ study: StudyTables) {
    lines = study.rows.enumerated().map { index, row in
      Line(row: row, label: row.label(mainRecipe: study.mainRecipe), series: Series(index))
    }
  }
}
