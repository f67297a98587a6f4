import Contract

/// What the paper leaves open, settled: one value for each ambiguity, by name. `improved` and single switches go beyond
/// the paper.
public struct Recipe: Sendable, Equatable {
  /// How τ of equation (3) is set.
  public enum SimilarityScale: Sendable, Equatable {
    /// So many mm³ of difference in a patch of 64 mm edge; scales with the volume of the patch.
    case cubicMillimetres(Double)
    /// The number of voxels of a patch: equation (3) to the letter.
    case patchVoxels
  }

  /// Its name, as `init(named:)` reads it.
  public var name: String
  /// What equation (1) adds to the numerator.
  public var diceTop = 0.0
  /// τ of equation (3).
  public var similarityScale = SimilarityScale.cubicMillimetres(350)
  /// Lesion volume from which a patch is learned from, mm³ in a patch of 64 mm edge.
  public var minimumLesion = 100.0
  /// Patches of an image for each expert's mask, at most.
  public var expertPatches = 15
  /// Patches of an image for a pseudo-label, at most.
  public var pseudoPatches = 2
  /// How often the partner is the same patch in another quality.
  public var sameRatio: Float = 0.5
  /// Epochs without a better validation loss after which the initial training has converged.
  public var patience = 30

  /// What cross-entropy counts beside equation (1).
  public var crossEntropy = 0.0
  /// Patches from anywhere in the brain, as a share of those that an epoch goes through. Among the partners, which are all that
  /// hold lesion in an expert's mask and these, they are fewer (15 % of what a baseline is shown on the phantoms).
  public var anywhereShare = 0.0
  /// Decay a step of the running mean of the weights, which then labels, embeds and is published; nil without one.
  public var averageDecay: Float?
  /// How overlapping tiles are put together.
  public var window = WindowManner.paper
  /// Whether pseudo-labels are drawn anew at each step.
  public var refreshes = false
  /// Half the width of the band of probabilities, around the threshold, in which a pseudo-label says nothing; 0 without.
  public var unknownBand = 0.0
  /// Whether the published model's threshold is the one of the best Dice on held-out scans.
  public var calibrates = false
  /// The smallest lesion, mm³; 0 keeps all.
  public var lesionFloor = 0.0
  /// How often a box of the partner is pasted into a patch.
  public var pasteRatio: Float = 0
  /// Whether patches are shown in contrasts of other scanners.
  public var variesContrast = false

  /// What a pseudo-label counts where an expert's mask counts 1, above 0 to 1.
  public var pseudoTrust = 1.0

  /// α of equation (5), p of equation (7), K and N, where the recipe has its own; nil where the settings say.
  public var consistencyWeight: Double?
  /// See `consistencyWeight`.
  public var neighbours, selectPerStep, epochsPerStep: Int?

  /// The paper with the released code's scale of equation (3).
  public static let paper = Recipe(name: "paper")
  /// The paper with equation (3) to the letter.
  public static let paperLiteral = Recipe(name: "paper-literal", similarityScale: .patchVoxels)
  /// What was better than the paper's, or did no harm, on phantoms of another cohort (docs/findings.md), taken together; part
  /// `switches` of `make study` measures each alone.
  public static let improved: Recipe = {
    var recipe = Recipe(name: "improved")
    for word in improvements { recipe.apply(word) }
    return recipe
  }()
  private static let improvements: [RecipeWord] = [
    .change(.compound), .change(.average), .change(.window), .value(.trust(0.3)),
  ]
  /// What recipes with a name of their own are made of, where that can be said by others.
  public static let compositions = ["improved": "paper+" + improvements.map(\.text).joined(separator: "+")]

  init(name: String, similarityScale: SimilarityScale = .cubicMillimetres(350)) {
    self.name = name
    self.similarityScale = similarityScale
  }

  /// The recipe of a name, and of switches and values after it: `paper+compound+average`, `paper+tau=3000+alpha=1`. Throws
  /// `MethodError`.
  public init(named name: String) throws {
    let text = try RecipeText(name)
    self =
      switch text.base {
      case .paper: .paper
      case .paperLiteral: .paperLiteral
      case .improved: .improved
      }
    for word in text.words { apply(word) }
    self.name = name
  }

  /// The settings with the recipe's own values.
  public func applied(to settings: TrainingSettings) -> TrainingSettings {
    var settings = settings
    settings.consistencyWeight = consistencyWeight ?? settings.consistencyWeight
    settings.neighbours = neighbours ?? settings.neighbours
    settings.selectPerStep = selectPerStep ?? settings.selectPerStep
    settings.epochsPerStep = epochsPerStep ?? settings.epochsPerStep
    return settings
  }

  /// τ in voxels, for patches of `edge` voxels of `spacing` mm.
  public func tau(edge: Int, spacing: Double) -> Double {
    switch similarityScale {
    case .cubicMillimetres(let volume): scaled(volume, edge: edge, spacing: spacing)
    case .patchVoxels: Double(edge * edge * edge)
    }
  }

  /// Lesion voxels above which a patch is learned from, for patches of `edge` voxels of `spacing` mm.
  public func minimumLesionVoxels(edge: Int, spacing: Double) -> Double {
    scaled(minimumLesion, edge: edge, spacing: spacing)
  }

  /// Patches that a mask gives an epoch, at most.
  public func mostPatches(of kind: MaskReference.Kind) -> Int {
    let chosen = kind == .expert ? expertPatches : pseudoPatches
    return chosen + patchesAnywhere(beside: chosen)
  }

  /// Patches from anywhere in the brain beside so many that were chosen.
  func patchesAnywhere(beside chosen: Int) -> Int {
    anywhereShare > 0 ? max(1, Int((Double(chosen) * anywhereShare / (1 - anywhereShare)).rounded())) : 0
  }

  /// A volume given for a patch of 64 mm edge, as voxels of a patch of another size: its share of the patch is kept.
  private func scaled(_ volume: Double, edge: Int, spacing: Double) -> Double {
    let voxel = spacing * spacing * spacing
    let patch = Double(edge * edge * edge) * voxel
    return volume / voxel * (patch / 262_144)
  }
}
