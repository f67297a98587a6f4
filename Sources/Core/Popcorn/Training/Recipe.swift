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
  /// Patches from anywhere in the brain, as a share of all.
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
  /// What was better than the paper's, or did no harm, on phantoms of another cohort (docs/measured.md): compound, average,
  /// window, trust=0.3. docs/results.md has each switch alone.
  public static let improved: Recipe = {
    var recipe = Recipe(name: "improved")
    for change in [RecipeSwitch.compound, .average, .window] { change.apply(to: &recipe) }
    recipe.pseudoTrust = 0.3
    return recipe
  }()
  /// What recipes with a name of their own are made of, where that can be said by others.
  public static let compositions = ["improved": "paper+compound+average+window+trust=0.3"]
  /// All that have a name of their own.
  public static let all = [paper, paperLiteral, improved]

  /// What may follow a recipe's name: switches, and constants with a number.
  public static let words = RecipeSwitch.allCases.map(\.rawValue) + RecipeValue.names.map { $0 + "=N" }

  init(name: String, similarityScale: SimilarityScale = .cubicMillimetres(350)) {
    self.name = name
    self.similarityScale = similarityScale
  }

  /// The recipe of a name, and of switches and values after it: `paper+compound+average`, `paper+tau=3000+alpha=1`. Throws
  /// `MethodError`.
  public init(named name: String) throws {
    var words = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    let base = words.removeFirst()
    guard var recipe = Recipe.all.first(where: { $0.name == base }) else {
      throw MethodError.unknown("recipe", base, known: Recipe.all.map(\.name))
    }
    for word in words {
      if let value = try RecipeValue(word) {
        value.apply(to: &recipe)
        continue
      }
      guard let change = RecipeSwitch(rawValue: word) else {
        throw MethodError.unknown("switch of a recipe", word, known: RecipeSwitch.allCases.map(\.rawValue))
      }
      change.apply(to: &recipe)
    }
    recipe.name = name
    self = recipe
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

/// One step beyond the paper, to be tried alone or with others.
public enum RecipeSwitch: String, Sendable, CaseIterable {
  /// Equation (1) with cross-entropy, and patches from anywhere in the brain: the one is not safe without the other, for
  /// under equation (1) alone patches without lesion push the lesion channel to zero.
  case compound
  /// The running mean of the weights labels, embeds and is published.
  case average
  /// Tiles count by a Gaussian, and are seen mirrored too.
  case window
  /// Pseudo-labels are drawn anew at each step.
  case refresh
  /// Pseudo-labels say nothing where the network is unsure.
  case band
  /// The published model's threshold is the one of the best Dice over the held-out, where they are three people or more: what
  /// is best for one is chance. Pseudo-labels are cut where they are anyway: cut where the held-out few of another scanner are
  /// best, they mark ever more (docs/measured.md).
  case calibrate
  /// What is smaller than the smallest lesion that a challenge counts (MSSEG-2016) is left out of masks.
  case floor
  /// Boxes are pasted between patches of one region.
  case paste
  /// Patches are shown in contrasts of other scanners, each of a pair in its own.
  case contrast

  func apply(to recipe: inout Recipe) {
    switch self {
    case .compound: (recipe.crossEntropy, recipe.anywhereShare) = (2, 0.3)
    case .average: recipe.averageDecay = 0.995
    case .window: recipe.window = WindowManner(isGaussian: true, isMirrored: true)
    case .refresh: recipe.refreshes = true
    case .band: recipe.unknownBand = 0.2
    case .calibrate: recipe.calibrates = true
    case .floor: recipe.lesionFloor = 3
    case .paste: recipe.pasteRatio = 0.5
    case .contrast: recipe.variesContrast = true
    }
  }
}

/// What is wrong with what training was given, and what to do about it.
public enum MethodError: Error, Equatable, CustomStringConvertible {
  /// A name that is none of the known.
  case unknown(String, String, known: [String])
  /// A setting outside of its range.
  case setting(String)
  /// Nothing to learn from.
  case nothingToLearn(String)
  /// A checkpoint that belongs to another order, or is damaged.
  case checkpoint(String)

  /// In words.
  public var description: String {
    switch self {
    case .unknown(let kind, let name, let known):
      "unknown \(kind) '\(name)': one of \(known.joined(separator: ", "))"
    case .setting(let what): what
    case .nothingToLearn(let what): what
    case .checkpoint(let what): what
    }
  }
}
