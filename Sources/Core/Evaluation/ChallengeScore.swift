/// The score of the ISBI 2015 challenge (Carass et al., NeuroImage 2017):
/// Dice/8 + PPV/8 + (1 - LFPR)/4 + LTPR/4 + Corr/4, where Corr is Pearson's correlation of the lesion volumes over the
/// data set (not of voxels).
public enum ChallengeScore {
  /// The score without Corr, as one image has it: the other terms times 4/3, 0 ... 1; nil where one is undefined.
  ///
  /// A data set's is that of the means. Each is over the images that have the figure: an empty mask, whose PPV is
  /// undefined, still brings in its Dice and LTPR of 0.
  public static func withoutCorrelation(
    dice: Double?, precision: Double?, lesionFalsePositiveRate: Double?, lesionTruePositiveRate: Double?
  ) -> Double? {
    guard let dice, let precision, let lesionFalsePositiveRate, let lesionTruePositiveRate else { return nil }
    return (dice / 8 + precision / 8 + (1 - lesionFalsePositiveRate) / 4 + lesionTruePositiveRate / 4) * 4 / 3
  }

  /// The whole score of a data set, -0.25 ... 1, of the one without correlation (0 ... 1) and Corr (-1 ... 1); nil where
  /// either is undefined.
  public static func whole(withoutCorrelation: Double?, correlation: Double?) -> Double? {
    guard let withoutCorrelation, let correlation else { return nil }
    return withoutCorrelation * 3 / 4 + correlation / 4
  }
}
