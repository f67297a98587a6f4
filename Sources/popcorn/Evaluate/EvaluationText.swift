import Contract
import Evaluation

extension EvaluationReport {
  /// For people: tables for voxels and lesions, then what the cohort and other methods say.
  var text: String {
    var tables = [Figure.ofVoxels, Figure.ofISBI, Figure.ofMSSEG].map(table)
    if Figure.ofEmptyTruth.contains(where: { mean($0).defined > 0 }) { tables.append(table(of: Figure.ofEmptyTruth)) }
    let others = [cohortText, lesionFreeText, ratersText, methodsText]
    return (tables + others).filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// A line for each case and rater, then means over raters, then over cases; `-` where a figure is undefined. Raters are
  /// named where there are several.
  private func table(of figures: [Figure]) -> String {
    let severalRaters = raters.count > 1
    var rows = [[""] + (severalRaters ? ["rater"] : []) + figures.map(\.heading)]
    func add(_ name: String, _ rater: String, isMean: Bool = false, _ value: (Figure) -> Double?) {
      // A mean of counts is none.
      let cells = figures.map { value($0)?.decimals(isMean ? max(1, $0.decimals) : $0.decimals) ?? "-" }
      rows.append([name] + (severalRaters ? [rater] : []) + cells)
    }
    for entry in cases {
      let name = entry.name.asCell
      for judgement in entry.judgements { add(name, judgement.rater.asCell) { $0.value(judgement.comparison) } }
      if entry.judgements.count > 1 { add(name, "mean", isMean: true) { entry.mean($0) } }
    }
    if cases.count > 1 {
      add("mean of \(cases.count)", "", isMean: true) { mean($0).mean }
      let defined = figures.map { mean($0).defined }
      if defined.contains(where: { $0 < cases.count }) {
        rows.append(["over cases"] + (severalRaters ? [""] : []) + defined.map(String.init))
      }
    }
    return columns(rows)
  }

  private var cohortText: String {
    guard let cohort else { return "" }
    var rows = [["volumes, ml", "cases", "bias", "SD", "from", "to", "Pearson", "Lin", "ISBI of means", "with Corr"]]
    func add(_ name: String, _ cohort: Cohort) {
      let volumes = cohort.volumes
      let figures: [Double?] = [
        volumes.bias, volumes.deviation, volumes.limits.lower, volumes.limits.upper,
        // Two volumes always correlate.
        volumes.pairs > 2 ? volumes.correlation : nil, volumes.concordance, cohort.challengeScoreWithoutCorrelation,
        volumes.pairs > 2 ? cohort.challengeScore : nil,
      ]
      rows.append([name, "\(volumes.pairs)"] + figures.map { $0?.decimals(3) ?? "-" })
    }
    if raters.count > 1 { for rater in raters { self.cohort(of: rater).map { add(rater.asCell, $0) } } }
    add(raters.count > 1 ? "mean of raters" : "mask - truth", cohort)
    return columns(rows)
  }

  private var lesionFreeText: String {
    guard let free = lesionFree else { return "" }
    let others = free.meanDiceOfOthers.map { "; Dice of the others \($0.decimals(3))" } ?? ""
    let volume = free.meanMaskMl.decimals(3)
    return "\(free.cases) without a lesion in the truth, marked in \(free.marked), \(volume) ml each\(others)"
  }

  private var ratersText: String {
    raterAgreement.map { pair in
      let cases = pair.cases == 1 ? "1 case" : "\(pair.cases) cases"
      return "raters \(pair.first.asCell) and \(pair.second.asCell): Dice \(pair.meanDice.decimals(3)) over \(cases)"
    }.joined(separator: "\n")
  }

  private var methodsText: String {
    methods.map { method in
      let test = method.wilcoxon
      let adjusted = methods.count > 1 ? ", Holm's \(words(p: method.adjusted))" : ""
      let means = [method.dice, method.otherDice].map { $0.mean?.decimals(3) ?? "-" }
      return "Dice \(means[0]), of \(method.other.asCell) \(means[1]): Wilcoxon W \(test.statistic.decimals(1)), "
        + "n \(cases.count) (\(test.remaining) differ), two-sided \(words(p: test.pValue))\(adjusted)"
        + (test.remaining < 6 ? Self.words(ofFew: test) : "")
    }.joined(separator: "\n")
  }

  private static func words(ofFew test: Wilcoxon) -> String {
    test.method == .asymptotic && test.remaining > 0
      ? "; only \(test.remaining) differ: exactly no p could be below 0.05, and this one is approximate"
      : "; of fewer than six that differ no p can be below 0.05"
  }

  private func words(p: Double) -> String { p < 0.0001 ? "p < 0.0001" : "p = \(p.decimals(4))" }
}
