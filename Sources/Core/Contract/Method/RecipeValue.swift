/// A constant of the method that a recipe sets otherwise, to see how much hangs on it: `tau=3000`.
public enum RecipeValue: Sendable, Equatable {
  /// τ of equation (3), mm³ in a patch of 64 mm edge.
  case tau(Double)
  /// α of equation (5).
  case alpha(Double)
  /// p of equation (7).
  case neighbours(Int)
  /// K.
  case select(Int)
  /// N.
  case epochs(Int)
  /// What a pseudo-label counts where an expert's mask counts 1.
  case trust(Double)
  /// How often the partner is the same patch.
  case same(Double)

  /// What may stand before the `=`.
  public static let names = ["tau", "alpha", "neighbours", "select", "epochs", "trust", "same"]

  /// As it is written.
  public var text: String {
    switch self {
    case .tau(let value): "tau=\(value)"
    case .alpha(let value): "alpha=\(value)"
    case .neighbours(let value): "neighbours=\(value)"
    case .select(let value): "select=\(value)"
    case .epochs(let value): "epochs=\(value)"
    case .trust(let value): "trust=\(value)"
    case .same(let value): "same=\(value)"
    }
  }

  /// Reads `NAME=NUMBER`; nil where there is no `=`. Throws `MethodError` for a name that is none, or a number that cannot be.
  public init?(_ word: String) throws(MethodError) {
    let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return nil }
    let (name, text) = (parts[0], parts[1...].joined(separator: "="))
    func wrong(_ needed: String) -> MethodError { .setting("recipe value '\(word)': \(needed) is needed") }
    func number() throws(MethodError) -> Double {
      let mayBeZero = ["alpha", "same"].contains(name)
      guard let value = Double(text), value.isFinite, value > 0 || (mayBeZero && value == 0) else {
        throw wrong(mayBeZero ? "a number of 0 or more" : "a number above 0")
      }
      return value
    }
    func count() throws(MethodError) -> Int {
      guard let value = Int(text), TrainingSettings.counts ~= value else {
        throw wrong("a count \(TrainingSettings.countsInWords)")
      }
      return value
    }
    switch name {
    case "tau": self = .tau(try number())
    case "alpha": self = .alpha(try number())
    case "neighbours": self = .neighbours(try count())
    case "select": self = .select(try count())
    case "epochs": self = .epochs(try count())
    case "trust":
      guard try number() <= 1 else { throw wrong("a number above 0, at most 1") }
      self = .trust(try number())
    case "same":
      guard try number() <= 1 else { throw wrong("a share of 0 to 1") }
      self = .same(try number())
    default: throw MethodError.unknown("value of a recipe", name, known: Self.names)
    }
  }
}
