/// `tables.md`: the tables as GitHub's Markdown.
enum MarkdownText {
  /// All tables of a study, with what a reader must know.
  static func text(_ record: StudyRecord, _ study: StudyTables, tables: [Table], command: String?) -> String {
    let isFinished = record.runs.count >= record.plannedRuns
    var lines = ["# Study of \(Escaping.markdown(record.cohort.name))", ""]
    if !isFinished {
      lines += ["**Not finished: runs done / planned: \(record.runs.count) / \(record.plannedRuns).**", ""]
    }
    let failed = StudyNotes.failed(record.runs)
    if !failed.isEmpty { lines += ["**\(Escaping.markdown(failed))**", ""] }
    if tables.isEmpty { lines += ["No run is done yet.", ""] }
    for table in tables { lines += Self.lines(table) }
    lines += ["## Notes", ""] + StudyNotes(record, study).sentences.map { "- " + Escaping.markdown($0) } + [""]
    for table in StudyReport.evidence(study) { lines += Self.lines(table) }
    if let cases = CaseTable.table(study, record.cohort) { lines += Self.lines(cases) }
    if let runs = RunTable.table(record) { lines += Self.lines(runs) }
    if let command {
      lines += ["## How to repeat", "", "    " + command.replacing("\n", with: " "), ""]
      lines += ["It makes every recipe and seed of every strategy, also those that are not in the tables.", ""]
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ table: Table) -> [String] {
    let heads = table.columns.map { Escaping.markdown($0.head) }
    let rules = table.columns.map { $0.isNumber ? "---:" : "---" }
    let rows = table.rows.map { $0.map(cell) }
    let grid = ([heads, rules] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    let notes = table.notes.map { Escaping.markdown($0) }
    return ["## " + Escaping.markdown(table.title), ""] + grid + [""] + notes.flatMap { [$0, ""] }
  }

  private static func cell(_ cell: Table.Cell) -> String {
    let text = Escaping.markdown(cell.text)
    switch cell.rank {
    case .best: return "**\(text)**"
    case .second: return "<u>\(text)</u>"
    case .other: return text
    }
  }
}
