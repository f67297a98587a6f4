import Contract

/// What the paper leaves open, settled: one value for each ambiguity, by name.
public struct Recipe: Sendable, Equatable {
  /// How τ of equation (3) is set.
  public enum SimilarityScale: Sendable, Equatable {
    /// So many mm³ of difference in a patch of 64 mm edge; scales with the volume of the patch.
    case cubicMillimetres(Double)
    /// The number of voxels of a patch: equation (3) to the letter.
    case patchVoxels
  }

  /// Its name.
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

  /// The paper with the released code's scale of equation (3).
  public static let paper = Recipe(name: "paper")
  /// The paper with equation (3) to the letter.
  public static let paperLiteral = Recipe(name: "paper-literal", similarityScale: .patchVoxels)
  /// All there are.
  public static let all = [paper, paperLiteral]

  init(name: String, similarityScale: SimilarityScale = .cubicMillimetres(350)) {
    self.name = name
    self.similarityScale = similarityScale
  }

  /// The recipe of that name. Throws `MethodError.unknown`.
  public init(named name: String) throws {
    guard let recipe = Recipe.all.first(where: { $0.name == name }) else {
      throw MethodError.unknown("recipe", name, known: Recipe.all.map(\.name))
    }
    self = recipe
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

  /// A volume given for a patch of 64 mm edge, as voxels of a patch of another size: its share of the patch is kept.
  private func scaled(_ volume: Double, edge: Int, spacing: Double) -> Double {
    let voxel = spacing * spacing * spacing
    let patch = Double(edge * edge * edge) * voxel
    return volume / voxel * (patch / 262_144)
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
