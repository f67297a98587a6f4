import Contract
import Testing

@Suite struct RecipeTextTests {
  @Test func everyWordIsReadBack() throws {
    let text = "paper+" + RecipeText.words.map { $0.replacing("=N", with: "=1") }.joined(separator: "+")
    let recipe = try RecipeText(text)
    #expect(recipe.base == .paper && recipe.words.count == RecipeText.words.count && recipe.text == text)
    let written = try RecipeText("paper+" + recipe.words.map(\.text).joined(separator: "+"))
    #expect(written.words == recipe.words)
    #expect(
      try RecipeText("improved+neighbours=7").neighbours == 7 && RecipeText("improved+select=7").neighbours == nil)
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

  @Test(arguments: [
    ("improved+contrst", "unknown switch of a recipe 'contrst': did you mean contrast?"),
    ("improvd", "unknown recipe 'improvd': did you mean improved?"),
    ("paper+taw=3000", "unknown value of a recipe 'taw': did you mean tau?"),
    ("paper+tau", "recipe value 'tau': it needs a number, as tau=N"),
    ("paper+tau=x", "recipe value 'tau=x': a number above 0 is needed"),
    ("paper+tau=1+band+tau=2", "recipe 'paper+tau=1+band+tau=2': tau is there twice"),
    ("paper+nonsense", "unknown switch of a recipe 'nonsense'"), ("paper+", "unknown switch of a recipe ''"),
  ]) func aSlipIsAnsweredWithWhatWasMeant(_ text: String, _ hint: String) throws {
    let key = try #require(ConfigurationKeys.rows.first { $0.path == "popcorn.recipe" })
    #expect(key.hint(for: .text(text)) == hint)
    #expect(throws: MethodError.self) { try RecipeText(text) }
  }

  /// What is multiplied by it stays a number.
  @Test(arguments: ["select", "epochs", "neighbours"]) func aCountHasItsBounds(_ name: String) throws {
    #expect(try RecipeText("paper+\(name)=1000000").words.count == 1)
    for count in ["0", "-1", "1000001", "9223372036854775807"] {
      #expect(throws: MethodError.self, "\(count)") { try RecipeText("paper+\(name)=\(count)") }
    }
  }

  @Test func aSlipInAnyStrategyOrSwitchIsUnderstood() throws {
    let key = try #require(ConfigurationKeys.rows.first { $0.path == "popcorn.strategy" })
    for strategy in StrategyName.allCases.map(\.rawValue) {
      let slip = String(strategy.dropLast())
      #expect(key.hint(for: .text(slip)) == "did you mean \"\(strategy)\"?")
    }
    for change in RecipeSwitch.allCases.map(\.rawValue) {
      let slip = change + change.suffix(1)
      let error = try #require(throws: MethodError.self) { try RecipeText("paper+" + slip) }
      #expect("\(error)".contains("did you mean \(change)?"))
    }
    #expect(key.hint(for: .text("pineapple")) == nil && key.hint(for: .integer(1)) == nil)
  }
}
