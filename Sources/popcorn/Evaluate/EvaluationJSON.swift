import Evaluation
import FoundationEssentials

extension EvaluationReport {
  /// The report as JSON: every key is always there, null where a figure is undefined.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
  }

  private var document: Document {
    Document(
      cases: cases.flatMap { entry in entry.judgements.map { Document.Entry(entry.name, $0) } },
      caseMeans: cases.map { entry in
        Document.CaseMean(
          name: entry.name, raters: entry.judgements.count, figures: keyed { entry.mean($0) },
          defined: keyed { figure in entry.comparisons.count { figure.value($0) != nil } })
      },
      means: keyed { mean($0) }, raterAgreement: raterAgreement, lesionFree: OrNull(value: lesionFree),
      cohort: OrNull(
        value: cohort.map { cohort in
          Document.Together(
            all: figures(of: cohort),
            raters: raters.compactMap { rater in
              self.cohort(of: rater).map { Document.Rater(rater: rater, figures: figures(of: $0)) }
            })
        }),
      methods: methods.map { method in
        Document.Method(
          masks: method.other, meanDice: method.dice.mean ?? 0, otherMeanDice: method.otherDice.mean ?? 0,
          pairs: cases.count, different: method.wilcoxon.remaining, statistic: method.wilcoxon.statistic,
          p: method.wilcoxon.pValue, holmP: method.adjusted, method: method.wilcoxon.method.rawValue,
          cases: method.cases)
      })
  }
}

private func keyed<Value>(_ value: (Figure) -> Value) -> [String: Value] {
  Dictionary(Figure.all.map { ($0.key, value($0)) }, uniquingKeysWith: { first, _ in first })
}

private func figures(of cohort: Cohort) -> [String: Double?] {
  let volumes = cohort.volumes
  return [
    "cases": Double(volumes.pairs), "volumeBiasMl": volumes.bias, "volumeDeviationMl": volumes.deviation,
    "volumeLowerLimitMl": volumes.limits.lower, "volumeUpperLimitMl": volumes.limits.upper,
    "volumeCorrelation": volumes.correlation, "volumeConcordance": volumes.concordance,
    "challengeScore": cohort.challengeScore,
    "challengeScoreWithoutCorrelation": cohort.challengeScoreWithoutCorrelation,
  ]
}

/// The shape of the JSON; its keys are stable.
private struct Document: Encodable {
  struct Entry: Encodable {
    let name, rater, truth, mask: String
    let figures: [String: Double?]
    let truthLesions, maskLesions: [LesionOverlap.Lesion]

    init(_ name: String, _ judgement: EvaluationReport.Judgement) {
      self.name = name
      (rater, truth, mask) = (judgement.rater, judgement.truth, judgement.mask)
      figures = keyed { $0.value(judgement.comparison) }
      truthLesions = judgement.comparison.lesions.truth
      maskLesions = judgement.comparison.lesions.mask
    }
  }

  struct CaseMean: Encodable {
    let name: String
    let raters: Int
    let figures: [String: Double?]
    /// Raters over whom each is.
    let defined: [String: Int]
  }

  struct Together: Encodable {
    let all: [String: Double?]
    let raters: [Rater]
  }

  struct Rater: Encodable {
    let rater: String
    let figures: [String: Double?]
  }

  struct Method: Encodable {
    let masks: String
    let meanDice, otherMeanDice: Double
    let pairs, different: Int
    let statistic, p, holmP: Double
    let method: String
    let cases: [EvaluationReport.DicePair]
  }

  let cases: [Entry]
  let caseMeans: [CaseMean]
  let means: [String: DefinedMean]
  let raterAgreement: [RaterAgreement]
  let lesionFree: OrNull<LesionFreeCases>
  let cohort: OrNull<Together>
  let methods: [Method]
}

/// A value that is written as null where it is not there, where a plain optional would leave its key out.
private struct OrNull<Value: Encodable>: Encodable {
  let value: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
