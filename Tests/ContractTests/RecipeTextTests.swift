import Contract
import Testing

@Suite struct RecipeTextTests {
  @Test func everyWordIsReadBack() throws {
    let text = "paper+" + RecipeText.words.map { $0.replacing("=N", with: "=1") }.joined(separator: "+")
    let recipe = try RecipeText(text)
    #expect(recipe.base == .paper && recipe.words.count == RecipeText.words.count && recipe.text == text)
    let written = try RecipeText("paper+" + recipe.words.map(\.text).joined(separator: "+"))
    #expect(written.words == recipe.words)
    #expect(try RecipeText("improved+trust=0.25").words.map(\.text) == ["trust=0.25"])
  }

  @Test func theConfigurationTakesWhatCommandsTake() throws {
    let key = try #require(ConfigurationKeys.rows.first { $0.path == "popcorn.recipe" })
    for text in ["paper", "improved", "paper-literal+average", "improved+contrast+tau=3000"] {
      #expect((key.value(of: .text(text)) as? RecipeText)?.text == text)
    }
    for text in ["", "best", "paper+", "+compound", "paper compound", "paper+tau=0", "paper+Compound"] {
      #expect(key.value(of: .text(text)) == nil, "\(text)")
    }
    #expect(key.value(of: .integer(1)) == nil)
  }
}
