/// Each test image under each row: small cohorts are better read than averaged.
enum CaseTable {
  /// Nil without test images or rows.
  static func table(_ study: StudyTables, _ cohort: StudyCohort) -> Table? {
    let names = (cohort.test.map(\.name) + study.rows.flatMap { $0.cases.map(\.name) }).withoutRepeats
    let columns = study.rows.map { row in Dictionary(row.cases.map { ($0.name, $0) }) { first, _ in first } }
    let judged = names.filter { name in columns.contains { $0[name] != nil } }
    guard !judged.isEmpty else { return nil }
    return Table(
      title: "Dice of each test image",
      columns: [Table.Column(head: "Test image", isNumber: false), Table.Column(head: "Truth, ml")]
        + study.rows.map { Table.Column(head: $0.label(mainRecipe: study.mainRecipe)) },
      rows: judged.map { name in
        let truth = columns.lazy.compactMap { $0[name]?.truthMl }.first
        return [name, truth?.figure(2) ?? noNumber] + columns.map { percent($0[name]?.dice, decimals: 1) }
      },
      notes: ["Percent, averaged over seeds."])
  }
}
