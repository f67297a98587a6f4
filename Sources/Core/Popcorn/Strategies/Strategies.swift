/// All strategies.
public enum Strategies {
  /// Each of them, in the order of the paper's tables.
  public static let all: [any Strategy] = [
    PopcornStrategy(), PopcornHalfStrategy(), PopcornNoConsistencyStrategy(), PopcornNoGraphStrategy(),
    BaselineConsistencyStrategy(), BaselineStrategy(), AttentionStrategy(), UncertaintyStrategy(),
    TransformationStrategy(), ElasticTransformationStrategy(),
  ]

  /// Their names.
  public static var names: [String] { all.map { type(of: $0).name } }

  /// The strategy of that name. Throws `MethodError.unknown`.
  public static func named(_ name: String) throws -> any Strategy {
    guard let strategy = all.first(where: { type(of: $0).name == name }) else {
      throw MethodError.unknown("strategy", name, known: names)
    }
    return strategy
  }
}
