import Evaluation

/// What `popcorn evaluate` found.
struct EvaluationReport {
  /// One mask against one rater's.
  struct Judgement {
    let rater: String
    let truth, mask: String
    let comparison: MaskComparison
  }

  /// A case: one mask against each of its raters, of which there is at least one.
  struct Case {
    let name: String
    let judgements: [Judgement]
    /// Dice of each other method's mask, the mean over raters.
    let otherDice: [Double]
    /// Dice of each two raters' masks.
    var raterDice: [(first: String, second: String, dice: Double)] = []

    var comparisons: [MaskComparison] { judgements.map(\.comparison) }
    /// Whether no rater drew any.
    var isLesionFree: Bool { comparisons.allSatisfy { $0.truthVolume == 0 } }
    var dice: Double { DefinedMean(comparisons.map { $0.dice }).mean ?? 0 }
    func mean(_ figure: Figure) -> Double? { DefinedMean(comparisons.map(figure.value)).mean }
  }

  /// Dice of one case, means over raters: the judged mask's and another method's.
  struct DicePair: Encodable {
    let name: String
    let dice, otherDice: Double
  }

  /// The judged masks beside another method's, case by case.
  struct MethodComparison {
    let other: String
    let cases: [DicePair]
    let wilcoxon: Wilcoxon
    /// Holm's p-value, over all methods that were compared.
    let adjusted: Double

    var dice: DefinedMean { DefinedMean(cases.map { $0.dice }) }
    var otherDice: DefinedMean { DefinedMean(cases.map { $0.otherDice }) }
  }

  let cases: [Case]
  let methods: [MethodComparison]

  /// `others`: names of the methods whose Dice the cases have.
  init(_ cases: [Case], others: [String] = []) {
    self.cases = cases
    let pairs = others.indices.map { place in
      cases.map { DicePair(name: $0.name, dice: $0.dice, otherDice: $0.otherDice[place]) }
    }
    let tests = pairs.map { Wilcoxon($0.map(\.dice), $0.map(\.otherDice)) }
    let adjusted = holmAdjusted(tests.map(\.pValue))
    methods = others.indices.map {
      MethodComparison(other: others[$0], cases: pairs[$0], wilcoxon: tests[$0], adjusted: adjusted[$0])
    }
  }

  /// Raters, in the order in which cases name them.
  var raters: [String] {
    var seen: [String] = []
    for rater in cases.flatMap({ $0.judgements.map(\.rater) }) where !seen.contains(rater) { seen.append(rater) }
    return seen
  }

  var raterAgreement: [RaterAgreement] { RaterAgreement.all(in: cases) }

  var lesionFree: LesionFreeCases? { LesionFreeCases(in: cases) }

  /// Figures of all cases; nil where there are fewer than two.
  var cohort: Cohort? { Cohort(cases.map(\.comparisons)) }

  /// The same against one rater, over the cases that this rater drew; nil where those are fewer than two.
  func cohort(of rater: String) -> Cohort? {
    let drawn = cases.map { $0.judgements.filter { $0.rater == rater }.map(\.comparison) }
    return Cohort(drawn.filter { !$0.isEmpty })
  }

  func mean(_ figure: Figure) -> DefinedMean { DefinedMean(ofCases: cases.map(\.comparisons), figure.value) }
}
