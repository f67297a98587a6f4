/// A recipe as it is written: a name, and after it what is different: `paper+compound+average`, `improved+tau=3000`.
public struct RecipeText: Sendable, Equatable {
  /// The recipe that it begins with.
  public let base: RecipeName
  /// What is different, in the order in which it is applied.
  public let words: [RecipeWord]
  /// As it was written.
  public let text: String

  /// What may follow a recipe's name: switches, and constants with a number.
  public static let words = RecipeSwitch.allCases.map(\.rawValue) + RecipeValue.names.map { $0 + "=N" }

  /// Reads it. Throws `MethodError` for a name or word that is none or is there twice, and for a number that cannot be.
  public init(_ text: String) throws(MethodError) {
    var parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeFirst()
    guard let base = RecipeName(rawValue: name) else {
      throw MethodError.unknown("recipe", name, known: RecipeName.allCases.map(\.rawValue))
    }
    self.base = base
    words = try parts.map { part throws(MethodError) in try RecipeWord(part) }
    let names = parts.map { $0.prefix { $0 != "=" } }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw MethodError.setting("recipe '\(text)': \(twice) is there twice")
    }
    self.text = text
  }

  /// p of equation (7), where it is set.
  public var neighbours: Int? {
    words.lazy.compactMap { word in if case .value(.neighbours(let count)) = word { count } else { nil } }.first
  }

  /// A recipe by its name alone.
  public init(_ name: RecipeName) { (base, words, text) = (name, [], name.rawValue) }
}

/// A word after a recipe's name.
public enum RecipeWord: Sendable, Equatable {
  /// A step beyond the paper.
  case change(RecipeSwitch)
  /// A constant of the method, set otherwise.
  case value(RecipeValue)

  /// As it is written.
  public var text: String {
    switch self {
    case .change(let change): change.rawValue
    case .value(let value): value.text
    }
  }

  init(_ word: String) throws(MethodError) {
    if let value = try RecipeValue(word) {
      self = .value(value)
    } else if let change = RecipeSwitch(rawValue: word) {
      self = .change(change)
    } else if RecipeValue.names.contains(word) {
      throw MethodError.setting("recipe value '\(word)': it needs a number, as \(word)=N")
    } else {
      throw MethodError.unknown("switch of a recipe", word, known: RecipeSwitch.allCases.map(\.rawValue))
    }
  }
}
