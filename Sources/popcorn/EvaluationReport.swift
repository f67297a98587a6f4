import Evaluation

/// What `popcorn evaluate` prints.
struct EvaluationReport: Codable {
  struct Case: Codable {
    let name: String
    let comparison: MaskComparison
  }

  struct Means: Codable {
    let dice, precision, sensitivity, lesionTruePositiveRate, lesionFalsePositiveRate: DefinedMean
    let averageSurfaceDistance, surfaceDistance95: DefinedMean
  }

  let cases: [Case]
  let means: Means

  init(_ cases: [Case]) {
    self.cases = cases
    func mean(_ figure: (MaskComparison) -> Double?) -> DefinedMean { DefinedMean(cases.map { figure($0.comparison) }) }
    means = Means(
      dice: mean(\.dice), precision: mean(\.precision), sensitivity: mean(\.sensitivity),
      lesionTruePositiveRate: mean(\.lesionTruePositiveRate), lesionFalsePositiveRate: mean(\.lesionFalsePositiveRate),
      averageSurfaceDistance: mean(\.averageSurfaceDistance), surfaceDistance95: mean(\.surfaceDistance95))
  }

  /// One line a case and one of means; `-` where a figure is undefined.
  var table: String {
    var rows = [["", "Dice", "PPV", "TPR", "LTPR", "LFPR", "ASSD mm", "HD95 mm", "lesions", "found", "marks", "false"]]
    for entry in cases {
      let c = entry.comparison
      let figures: [Double?] = [
        c.dice, c.precision, c.sensitivity, c.lesionTruePositiveRate, c.lesionFalsePositiveRate,
        c.averageSurfaceDistance, c.surfaceDistance95,
      ]
      let counts = [c.truthLesions, c.foundLesions, c.maskLesions, c.falseLesions]
      rows.append([entry.name] + figures.map(text) + counts.map(String.init))
    }
    if cases.count > 1 {
      let all = [
        means.dice, means.precision, means.sensitivity, means.lesionTruePositiveRate, means.lesionFalsePositiveRate,
        means.averageSurfaceDistance, means.surfaceDistance95,
      ]
      rows.append(["mean of \(cases.count)"] + all.map { text($0.mean) } + ["", "", "", ""])
    }
    return columns(rows)
  }

  private func text(_ value: Double?) -> String { value?.decimals(3) ?? "-" }
}
