import Testing

@testable import Study

/// The p-values where a reader meets them. Popcorn beats the baseline on all 8 images, and the baseline with consistency
/// on all but that of the smallest difference, so that p, Holm's and the one-sided one are three numbers.
///
/// By scipy 1.17's `wilcoxon`, two-sided and `greater`: popcorn against the baseline 2/256 and 1/256, consistency against
/// the baseline 4/256 and 2/256, popcorn against consistency 2/256 and 1/256. Holm doubles the smaller of two.
@Suite struct ProbabilityTests {
  private let report: StudyReport = {
    let base = [0.50, 0.61, 0.43, 0.72, 0.55, 0.66, 0.38, 0.59]
    let popcorn = base.indices.map { base[$0] + 0.01 * Double($0 + 1) }
    let consistency = base.indices.map { base[$0] + ($0 == 0 ? -0.005 : 0.005 * Double($0 + 1)) }
    return StudyReport(
      record([
        run("popcorn", dice: popcorn), run("baseline-consistency", dice: consistency), run("baseline", dice: base),
      ]))
  }()

  @Test func theTableSaysPAndHolmsOfTheBestAndTheBaseline() throws {
    let text = report.text("tables.md")
    let heads = try #require(text.split(separator: "\n").first { $0.hasPrefix("| Strategy | Trained on |") })
    let columns = heads.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
    let best = try #require(columns.firstIndex(of: "p against best (Holm)"))
    let baseline = try #require(columns.firstIndex(of: "p against baseline (Holm)"))
    let rows = grid(text, "Table 1")
    try #require(rows.allSatisfy { $0.count == columns.count })
    #expect(
      rows.map { [$0[0], $0[best], $0[baseline]] } == [
        ["POPCORN", "best", "0.0078 (0.0156)"],
        ["Baseline with consistency", "0.0078 (0.0156)", "0.0156 (0.0156)"],
        ["Baseline", "0.0078 (0.0156)", "baseline"],
      ])
  }

  @Test func commaSeparatedValuesHaveAllDigits() throws {
    let records = parsed(report.text("tables.csv"))
    let heads = try #require(records.first)
    let rows = records.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(heads, $0)) }
    let columns = [
      "strategy", "best_strategy", "p_best", "p_best_holm", "p_best_is_better", "baseline_recipe", "p_baseline",
      "p_baseline_holm", "p_better_than_baseline",
    ]
    #expect(
      rows.map { row in columns.map { row[$0] ?? "no column" } } == [
        ["popcorn", "popcorn", "", "", "", "paper", "0.0078125", "0.015625", "0.00390625"],
        [
          "baseline-consistency", "popcorn", "0.0078125", "0.015625", "0.00390625", "paper", "0.015625", "0.015625",
          "0.0078125",
        ],
        ["baseline", "popcorn", "0.0078125", "0.015625", "0.00390625", "paper", "", "", ""],
      ])
  }
}
