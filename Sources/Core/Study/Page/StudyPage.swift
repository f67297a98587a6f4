/// `study.html`: tables, figures, cohort, settings and how to repeat, in one page that needs nothing else. It is XML as well
/// as HTML, so that any parser can check it.
struct StudyPage {
  private let record: StudyRecord
  private let study: StudyTables
  private let tables: [Table]
  private let figures: [Figure]
  private let pictures: [StudyPicture]
  private let command: String?

  init(
    _ record: StudyRecord, _ study: StudyTables, tables: [Table], figures: [Figure], pictures: [StudyPicture],
    command: String?
  ) {
    (self.record, self.study, self.tables, self.figures, self.pictures) = (record, study, tables, figures, pictures)
    self.command = command
  }

  var text: String {
    let title = Escaping.xml("Study of \(record.cohort.name)")
    return """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(title)</title>
      <style>\(PageStyle.text)</style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      \(state)
      </header>
      <main>
      \(sections.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  private var isFinished: Bool { record.runs.count >= record.plannedRuns }

  private var state: String {
    let done = "Runs done / planned: \(record.runs.count) / \(record.plannedRuns)."
    let failed = StudyNotes.failed(record.runs)
    return
      (isFinished ? "<p>\(done)</p>" : "<p class=\"unfinished\"><strong>Not finished.</strong> \(done)</p>")
      + (failed.isEmpty ? "" : "<p><strong>\(Escaping.xml(failed))</strong></p>")
  }

  private var sections: [String] {
    let notes = StudyNotes(record, study).sentences.map { "<li>\(Escaping.xml($0))</li>" }
    var sections = [
      section(
        "Results", (tables.isEmpty ? ["<p>No run is done yet.</p>"] : tables.map(PageTable.text)), id: "results"),
      section("How to read the tables", ["<ul>"] + notes + ["</ul>"], id: "notes"),
    ]
    let evidence = StudyReport.evidence(study)
    if !evidence.isEmpty {
      sections.append(section("What the method argues from", evidence.map(PageTable.text), id: "evidence"))
    }
    if !figures.isEmpty {
      sections.append(
        // Their titles stand in the pictures: headings are for those who do not see them.
        section("Figures", figures.map { figure($0.title, $0.caption, $0.svg, isSeen: false) }, id: "figures"))
    }
    let shown = pictures.map { picture in
      figure(picture.title, picture.caption, picture.address.map { image($0, picture.title) })
    }
    if !shown.isEmpty { sections.append(section("Pictures", shown, id: "pictures")) }
    if let cases = CaseTable.table(study, record.cohort) {
      sections.append(section("Test images", [PageTable.text(cases)], id: "images"))
    }
    let account = StudyAccount(record)
    sections.append(section("Cohort", account.cohort.map(PageTable.text), id: "cohort"))
    sections.append(section("Settings", [PageTable.text(account.settings)], id: "settings"))
    let runs = RunTable.table(record).map { [PageTable.text($0)] } ?? []
    let steps = account.repeating.map { "<p>\(Escaping.xml($0))</p>" }
    let typed = command.map { ["<pre><code>\(Escaping.xml($0))</code></pre>"] } ?? []
    sections.append(section("How to repeat", steps + typed + runs, id: "repeat"))
    return sections
  }

  private func section(_ title: String, _ parts: [String], id: String) -> String {
    "<section aria-labelledby=\"\(id)\">\n<h2 id=\"\(id)\">\(Escaping.xml(title))</h2>\n\(parts.joined(separator: "\n"))\n"
      + "</section>"
  }

  private func figure(_ title: String, _ caption: String, _ content: String?, isSeen: Bool = true) -> String {
    """
    <figure>
    <h3\(isSeen ? "" : " class=\"unseen\"")>\(Escaping.xml(title))</h3>
    \(content ?? "<p>This picture is neither SVG nor a data URI and is left out.</p>")
    <figcaption>\(Escaping.xml(caption))</figcaption>
    </figure>
    """
  }

  private func image(_ address: String, _ title: String) -> String {
    "<img src=\"\(Escaping.xml(address))\" alt=\"\(Escaping.xml(title))\"/>"
  }
}

/// A table as HTML.
enum PageTable {
  static func text(_ table: Table) -> String {
    let heads = table.columns.map { column in
      "<th scope=\"col\"\(column.isNumber ? " class=\"number\"" : "")>\(Escaping.xml(column.head))</th>"
    }
    let rows = table.rows.map { row in
      let cells = zip(row, table.columns).enumerated().map { index, entry in
        let (cell, column) = entry
        let kind = column.isNumber ? " class=\"number\"" : ""
        return index == 0
          ? "<th scope=\"row\"\(kind)>\(content(cell))</th>" : "<td\(kind)>\(content(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    let title = Escaping.xml(table.title)
    let notes = table.notes.map { "<p class=\"note\">\(Escaping.xml($0))</p>" }
    return """
      <div class="wide" role="region" aria-label="\(title)" tabindex="0">
      <table>
      <caption>\(title)</caption>
      <thead><tr>\(heads.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      \(notes.joined(separator: "\n"))
      """
  }

  private static func content(_ cell: Table.Cell) -> String {
    let text = Escaping.xml(cell.text)
    switch cell.rank {
    case .best: return "<strong>\(text)</strong>"
    case .second: return "<u>\(text)</u>"
    case .other: return text
    }
  }
}
