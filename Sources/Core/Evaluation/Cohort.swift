/// What only several cases together have: how lesion volumes agree, and the whole ISBI score with their correlation.
public struct Cohort: Sendable, Hashable {
  /// Volumes in ml; a case that several raters drew has the mean of their volumes as its truth.
  public let volumes: VolumeAgreement
  /// ISBI's score without the correlation of volumes, 0 ... 1; nil where a term is undefined in every case.
  public let challengeScoreWithoutCorrelation: Double?
  /// ISBI's score, -0.25 ... 1; nil where it or the correlation is undefined.
  public let challengeScore: Double?

  /// `cases`: for each, one mask against each of its raters (at least one). nil where there are fewer than two cases.
  public init?(_ cases: [[MaskComparison]]) {
    func volumes(_ volume: (MaskComparison) -> Double) -> [Double] {
      cases.map { (DefinedMean($0.map(volume)).mean ?? 0) / 1000 }
    }
    let (truth, mask) = (volumes(\.truthVolume), volumes(\.maskVolume))
    guard let agreement = VolumeAgreement(truth: truth, mask: mask) else { return nil }
    self.volumes = agreement
    challengeScoreWithoutCorrelation = ChallengeScore.withoutCorrelation(
      dice: DefinedMean(ofCases: cases) { $0.dice }.mean,
      precision: DefinedMean(ofCases: cases, \.precision).mean,
      lesionFalsePositiveRate: DefinedMean(ofCases: cases, \.lesionFalsePositiveRate).mean,
      lesionTruePositiveRate: DefinedMean(ofCases: cases, \.lesionTruePositiveRate).mean)
    challengeScore = ChallengeScore.whole(
      withoutCorrelation: challengeScoreWithoutCorrelation, correlation: agreement.correlation)
  }
}

extension DefinedMean {
  /// The mean over cases of each case's mean over its raters, so that a case counts once however many drew it.
  public init(ofCases cases: [[MaskComparison]], _ value: (MaskComparison) -> Double?) {
    self.init(cases.map { DefinedMean($0.map(value)).mean })
  }
}
