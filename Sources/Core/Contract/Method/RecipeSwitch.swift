/// One step beyond the paper, to be tried alone or with others.
public enum RecipeSwitch: String, Sendable, CaseIterable {
  /// Equation (1) with cross-entropy, and patches from anywhere in the brain: the one is not safe without the other, for
  /// under equation (1) alone patches without lesion push the lesion channel to zero.
  case compound
  /// The running mean of the weights labels, embeds and is published.
  case average
  /// Tiles count by a Gaussian, and are seen mirrored too.
  case window
  /// Pseudo-labels of the cycle are drawn anew at each step of it; those of earlier cycles stay.
  case refresh
  /// Pseudo-labels say nothing where the network is unsure.
  case band
  /// The published model's threshold is the one of the best Dice over the held-out, where they are three people or more: what
  /// is best for one is chance. Pseudo-labels are cut where they are anyway: cut where the held-out few of another scanner are
  /// best, they mark ever more (docs/findings.md).
  case calibrate
  /// What is smaller than the smallest lesion that a challenge counts (MSSEG-2016) is left out of masks.
  case floor
  /// Boxes are pasted between the two patches of a pair, of one region, where both masks count alike: beside `trust` never
  /// between an expert's mask and a pseudo-label.
  case paste
  /// Patches are shown in contrasts of other scanners, each of a pair in its own.
  case contrast
}
