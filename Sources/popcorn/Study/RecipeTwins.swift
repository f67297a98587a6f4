import Popcorn

/// Two names of one recipe, `paper+average+window` and `paper+window+average`: their rows would be one training twice, which
/// the adjustment for many comparisons would count as two.
enum RecipeTwins {
  /// Throws `Fault` for a recipe that is another of them under a second name, or one that the study has.
  /// - Parameter known: recipes of the study so far; those of other versions that this one cannot read are passed over.
  static func refuse(among names: [String], beside known: [String] = []) throws {
    var seen = known.compactMap { name in (try? nameless(name)).map { (name: name, recipe: $0) } }
    for name in names where !seen.contains(where: { $0.name == name }) {
      let recipe = try nameless(name)
      if let twin = seen.first(where: { $0.recipe == recipe }) {
        throw Fault(.usage, "--recipe \(name) is \(twin.name) under another name: leave one of them out")
      }
      seen.append((name, recipe))
    }
  }

  private static func nameless(_ name: String) throws -> Recipe {
    var recipe = try Recipe(named: name)
    recipe.name = ""
    return recipe
  }
}
