import Contract

/// All strategies.
public enum Strategies {
  /// Their names, in the order of the paper's tables.
  public static var names: [String] { StrategyName.allCases.map(\.rawValue) }

  /// The strategy of that name. Throws `MethodError.unknown`.
  public static func named(_ name: String) throws -> any Strategy {
    guard let known = StrategyName(rawValue: name) else {
      throw MethodError.unknown("strategy", name, known: names)
    }
    return named(known)
  }

  /// The strategy of that name.
  static func named(_ name: StrategyName) -> any Strategy {
    switch name {
    case .popcorn: PopcornStrategy()
    case .popcornHalf: PopcornHalfStrategy()
    case .popcornNoConsistency: PopcornNoConsistencyStrategy()
    case .popcornNoGraph: PopcornNoGraphStrategy()
    case .baselineConsistency: BaselineConsistencyStrategy()
    case .baseline: BaselineStrategy()
    case .attention: AttentionStrategy()
    case .uncertainty: UncertaintyStrategy()
    case .transformation: TransformationStrategy()
    case .transformationElastic: ElasticTransformationStrategy()
    }
  }
}
