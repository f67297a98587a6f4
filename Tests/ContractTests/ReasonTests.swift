import Contract
import Testing

@Suite struct ReasonTests {
  @Test(arguments: ReasonCode.allCases) func textIsComplete(_ code: ReasonCode) {
    let text = code.text
    for sentence in [text.explanation, text.remedy] {
      #expect(sentence.count > 15)
      #expect(sentence.hasSuffix("."))
      #expect(!sentence.contains("  "))
    }
    #expect(!code.rawValue.contains { !($0.isUppercase || $0.isNumber || $0 == "_") })
  }

  @Test func textsAreUnique() {
    let explanations = ReasonCode.allCases.map(\.text.explanation)
    #expect(Set(explanations).count == explanations.count)
  }

  /// Without numbers a sentence must read well, with all of them none may be lost, and no brace may reach a reader.
  @Test(arguments: ReasonCode.allCases) func numbersAreFilledIn(_ code: ReasonCode) {
    let names = ReasonText.placeholders(in: code.text.explanation)
    let bare = code.explanation()
    #expect(!bare.contains { "[]{}".contains($0) })
    #expect(bare.hasSuffix("."))
    #expect(!bare.hasSuffix(" ."))
    let full = code.explanation(with: names.map { Verdict.Number($0, "<\($0)>") } + [Verdict.Number("more", "7")])
    #expect(!full.contains { "[]{}".contains($0) })
    for name in names { #expect(full.contains("<\(name)>")) }
    #expect(full.hasSuffix(" (more: 7)"))
  }

  @Test func numberThatLooksLikeAPlaceholderStaysText() {
    let text = ReasonCode.truncated.explanation(with: [.init("have", "{need}[x]"), .init("need", "2")])
    #expect(text.hasSuffix(": {need}[x] of 2 are there."))
  }

  @Test func truncatedReadsAsPromised() {
    let numbers: [Verdict.Number] = [.init("have", "12.1 MB"), .init("need", "33.4 MB")]
    #expect(
      ReasonCode.truncated.explanation(with: numbers)
        == "The file ends too early and did not grow any more: 12.1 MB of 33.4 MB are there.")
    #expect(
      ReasonCode.truncated.explanation(with: [.init("have", "12.1 MB")])
        == "The file ends too early and did not grow any more. (have: 12.1 MB)")
  }

  /// INTAKE's priorities: 4 held, 3 rejected, 6 waiting.
  @Test(arguments: ReasonCode.allCases) func priorityFitsOutcome(_ code: ReasonCode) {
    switch code.outcome {
    case .wait, .skip, .duplicate, .accept: #expect(code.priority <= .warning)
    case .hold: #expect([.warning, .error].contains(code.priority))
    case .reject: #expect(code.priority == .error)
    case .survive: #expect(code.priority >= .warning)
    }
  }
}
