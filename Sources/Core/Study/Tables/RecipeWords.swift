/// A recipe taken apart: the recipe that it begins with, and what it adds, a named recipe spelled out.
struct RecipeWords: Hashable {
  /// `paper`, `compound`, `trust=0.3`: without order or repeats.
  let words: Set<String>

  /// - Parameter compositions: what named recipes are made of: `improved` of `paper+compound+...`.
  init(_ recipe: String, compositions: [String: String] = [:]) {
    func parts(_ text: String) -> [String] {
      text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    }
    words = Set(parts(recipe).flatMap { compositions[$0].map(parts) ?? [$0] })
  }
}
