import Testing

@testable import Configuration

@Suite struct KeyLinesTests {
  @Test func everyWayToWriteAKey() {
    let lines = KeyLines(
      of: """
        # a = 1
        title = "x # [not] a = section"   # [neither]

        [popcorn]   # comment = 1
        width=8
          'patch size' = '''
        seed = 1
        [inbox]
        '''
        "a.b" = \"\"\"
        x = 1 \\\"\"\" [y]
        \"\"\"\"\"
        a . "b" = 2
        [ inbox ]
        path = [
          "a]",  # ]
          'b',
          [1, {x = 2}],
        ]
        rescan = { every = "5min", "of" = 2 }
        [[worker]]
        after = 1979-05-27T07:32:00Z
        [output.deep]
        last = true
        """)
    let expected: [([String], Int?)] = [
      (["title"], 2), (["popcorn"], 4), (["popcorn", "width"], 5), (["popcorn", "patch size"], 6),
      (["popcorn", "seed"], 4), (["popcorn", "a.b"], 10), (["popcorn", "a", "b"], 13), (["inbox"], 14),
      (["inbox", "path"], 15), (["inbox", "rescan"], 20), (["inbox", "rescan", "every"], 20), (["worker"], 21),
      (["worker", "after"], 22), (["output"], 23), (["output", "deep"], 23), (["output", "deep", "last"], 24),
      (["absent"], nil),
    ]
    for (path, line) in expected { #expect(lines.line(of: path) == line, "\(path)") }
    #expect(lines.lines[["popcorn", "seed"]] == nil)
  }

  @Test func windowsLineEnds() {
    let lines = KeyLines(of: "[a]\r\nx = 1\r\n\r\ny = 'z'\r\n")
    #expect(lines.line(of: ["a", "x"]) == 2)
    #expect(lines.line(of: ["a", "y"]) == 4)
  }

  /// Whatever stands in a file, the scanner comes to an end and stays within it.
  @Test func everyShortTextEnds() {
    let alphabet = Array("[]{}=,.\"'\\#\n a")
    func texts(_ length: Int) -> [String] {
      length == 0 ? [""] : texts(length - 1).flatMap { text in alphabet.map { text + String($0) } }
    }
    for text in texts(4) { #expect(KeyLines(of: text).lines.values.allSatisfy { $0 >= 1 && $0 <= 5 }) }
  }

  /// Whatever the parser takes, each of its keys is found again on a line of the text.
  @Test func everyKeyOfEveryShortDocumentHasALine() throws {
    let pieces = ["a", "[b]", "[[c]]", "=1", "\"d\"", ".", "\n", "'e'", "={f=2}", "=[1,\n2]#", "=\"\"\"g\n=\"\"\""]
    var parsed = 0
    func texts(_ length: Int) -> [String] {
      length == 0 ? [""] : texts(length - 1).flatMap { text in pieces.map { text + $0 } }
    }
    for text in texts(4) {
      guard let document = try? Document(text, file: "F") else { continue }
      parsed += 1
      let lines = text.count { $0 == "\n" } + 1
      for line in document.entries.map(\.line) + document.sections.map(\.line) {
        #expect(line.map { (1...lines).contains($0) } == true, "\(text)")
      }
    }
    #expect(parsed > 300)
  }
}
