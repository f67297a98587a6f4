import Contract

extension Recipe {
  /// What a word after a recipe's name makes different.
  mutating func apply(_ word: RecipeWord) {
    switch word {
    case .change(let change): apply(change)
    case .value(let value): apply(value)
    }
  }

  private mutating func apply(_ change: RecipeSwitch) {
    switch change {
    case .compound: (crossEntropy, anywhereShare) = (2, 0.3)
    case .average: averageDecay = 0.995
    case .window: window = WindowManner(isGaussian: true, isMirrored: true)
    case .refresh: refreshes = true
    case .band: unknownBand = 0.2
    case .calibrate: calibrates = true
    case .floor: lesionFloor = 3
    case .paste: pasteRatio = 0.5
    case .contrast: variesContrast = true
    }
  }

  private mutating func apply(_ value: RecipeValue) {
    switch value {
    case .tau(let volume): similarityScale = .cubicMillimetres(volume)
    case .alpha(let weight): consistencyWeight = weight
    case .neighbours(let count): neighbours = count
    case .select(let count): selectPerStep = count
    case .epochs(let count): epochsPerStep = count
    case .trust(let weight): pseudoTrust = weight
    case .same(let share): sameRatio = Float(share)
    }
  }
}
