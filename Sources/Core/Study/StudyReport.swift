/// Everything that is drawn from a study, finished or not: the same record gives the same bytes.
public struct StudyReport: Sendable {
  /// The files, in a fixed order: `study.html`, `tables.md`, `tables.csv`, `cases.csv`, and a figure for each thing that
  /// was measured. `study.json` is not among them.
  public let files: [(name: String, text: String)]

  /// Draws all files.
  public init(_ record: StudyRecord) {
    let study = StudyTables(record)
    files =
      [
        ("tables.md", MarkdownText.text(record, study)),
        ("tables.csv", CommaText.rows(study)),
        ("cases.csv", CommaText.cases(record)),
      ]
  }

  /// The tables of rows: the paper's, then other recipes'.
  static func tables(_ record: StudyRecord, _ study: StudyTables) -> [Table] {
    PaperTables(study, isFinished: record.runs.count >= record.plannedRuns).tables
      + [RecipeTable.table(study)].compactMap { $0 }
  }
}
