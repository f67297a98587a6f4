/// Everything that is drawn from a study, finished or not: the same record gives the same bytes.
public struct StudyReport: Sendable {
  /// The files, in a fixed order: `study.html`, `tables.md`, `tables.csv`, `cases.csv`, and an SVG for each figure that has
  /// something to show. `study.json` is not among them.
  public let files: [(name: String, text: String)]

  /// The names of those that every report has.
  public static let mainFiles = ["study.html", "tables.md", "tables.csv", "cases.csv"]
  /// The names of figures that a report may have.
  public static let figureFiles = [
    CaseFigure.name, StepFigure.name, PseudoLabelFigure.name, LoadFigure.name, LatentFigure.name,
  ]

  /// Draws all files.
  /// - Parameters:
  ///   - others: studies that judged the same test images.
  ///   - pictures: what the page shows beside its own figures.
  ///   - command: what to type to measure it again.
  public init(
    _ record: StudyRecord, beside others: [StudyRecord] = [], pictures: [StudyPicture] = [], command: String? = nil
  ) {
    let study = StudyTables(record)
    let figures = Figure.all(record, study)
    let tables =
      Self.tables(record, study) + others.compactMap { BesideTable.table(study, record.settings, beside: $0) }
    let page = StudyPage(
      record, study, tables: tables, figures: figures, pictures: pictures, command: command)
    files =
      [
        ("study.html", page.text),
        ("tables.md", MarkdownText.text(record, study, tables: tables, command: command)),
        ("tables.csv", CommaText.rows(study)),
        ("cases.csv", CommaText.cases(record)),
      ] + figures.map { ($0.name, $0.svg) }
  }

  /// The tables of rows: the paper's, other recipes', then how trainings differ.
  static func tables(_ record: StudyRecord, _ study: StudyTables) -> [Table] {
    PaperTables(study, isFinished: record.runs.count >= record.plannedRuns).tables
      + [
        RecipeTable.table(study, record.cohort), WordTable.table(study, record.recipes ?? [:]), SeedTable.table(study),
        PhaseTable.table(study),
      ].compactMap { $0 }
  }

  /// What the method argues from: pseudo-labels, nearness, latents.
  static func evidence(_ study: StudyTables) -> [Table] {
    [PseudoLabelTable.table(study), NearnessTable.table(study), LatentTable.table(study)].compactMap { $0 }
  }
}
