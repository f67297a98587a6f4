import Contract

/// What a cycle over a pool asks for, in counts: multiplied by what each takes on a machine (`popcorn bench`), its time.
///
/// Every scan is taken to have all the patches that it may; where the pool is not used up the rest stays a pool.
public struct CycleCost: Equatable, Sendable {
  /// Optimizer steps of pairs, the initial training left out.
  public var optimizerSteps = 0
  /// Scans whose latent is computed by the encoder.
  public var embeddings = 0
  /// Scans that are segmented whole to be pseudo-labelled.
  public var labels = 0
  /// Distances between two latents, equation (6).
  public var distances = 0

  /// The cost of steps 1, 2 and so on of the paper's section 2.3, and of the latents under the weights that come of them.
  /// - Parameters:
  ///   - pool: scans without a label.
  ///   - labelled: scans with an expert's mask.
  ///   - pseudo: scans of the training set with a pseudo-label of an earlier cycle.
  ///   - knowsLatents: whether the latents under the weights at the start are known, as drafts leave them.
  public init(
    pool: Int, labelled: Int, pseudo: Int = 0, settings: TrainingSettings, recipe: Recipe, knowsLatents: Bool = false
  ) {
    let taken = max(1, settings.selectPerStep)
    let limit = settings.maxStepsPerCycle > 0 ? settings.maxStepsPerCycle : Int.max
    var (left, trusted, step) = (pool, labelled + pseudo, 0)
    while left > 0, step < limit {
      if step > 0 || !knowsLatents { embeddings += left + trusted }
      distances += left * trusted
      let chosen = min(taken, left)
      labels += chosen
      (left, trusted, step) = (left - chosen, trusted + chosen, step + 1)
      let patches = labelled * recipe.mostPatches(of: .expert) + (trusted - labelled) * recipe.mostPatches(of: .pseudo)
      optimizerSteps += settings.epochsPerStep * patches
    }
    embeddings += left + trusted
  }
}
