import Testing

@testable import Configuration

/// The line of a key is what a message stands or falls with.
@Suite struct DocumentTests {
  /// The value at a path of keys.
  private func find(_ path: [String], in text: String) throws -> TOMLNode? {
    try path.reduce(TOMLNode(document: text)) { node, key in
      guard case .table(let children) = node?.content else { return nil }
      return children.first { $0.key == key }
    }
  }

  @Test func everyWayToWriteAKey() throws {
    let text = """
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
      """
    let expected: [([String], Int?)] = [
      (["title"], 2), (["popcorn"], 4), (["popcorn", "width"], 5), (["popcorn", "patch size"], 6),
      (["popcorn", "seed"], nil), (["popcorn", "a.b"], 10), (["popcorn", "a", "b"], 13), (["inbox"], 14),
      (["inbox", "path"], 15), (["inbox", "rescan"], 20), (["inbox", "rescan", "every"], 20), (["worker"], 21),
      (["output"], 23), (["output", "deep"], 23), (["output", "deep", "last"], 24), (["absent"], nil),
    ]
    for (path, line) in expected { #expect(try find(path, in: text)?.line == line, "\(path)") }
  }

  @Test func windowsLineEnds() throws {
    let text = "[a]\r\nx = 1\r\n\r\ny = 'z'\r\n"
    #expect(try find(["a", "x"], in: text)?.line == 2)
    #expect(try find(["a", "y"], in: text)?.line == 4)
  }

  /// What every kind of value is read as.
  @Test func valuesOfEveryKind() throws {
    let text = """
      text = "é\\u0000\\n"
      integer = -9223372036854775808
      real = 6.02e23
      boolean = false
      list = [1, [true, { x = 'y' }]]
      date = 1979-05-27
      time = 07:32:00
      moment = 1979-05-27T07:32:00
      inline = { a = 1 }
      """
    let literals = try Document(text, file: "F").entries.map { "\($0.name) \($0.literal)" }
    #expect(
      literals == [
        "text \"é\\u0000\\n\"", "integer -9223372036854775808", "real 6.02e+23", "boolean false",
        "list [1, [true, a table]]", "date a date", "time a time", "moment a date-time", "a 1",
      ])
  }

  /// Whatever stands in a file, the reader comes to an end and says where it stopped.
  @Test func everyShortTextIsReadOrRefusedWithALine() {
    let alphabet = Array("[]{}=,.\"'\\#\n a")
    func texts(_ length: Int) -> [String] {
      length == 0 ? [""] : texts(length - 1).flatMap { text in alphabet.map { text + String($0) } }
    }
    for text in texts(4) {
      do throws(TOMLNode.Fault) {
        _ = try TOMLNode(document: text)
      } catch {
        #expect((1...5).contains(error.line) && !error.words.isEmpty, "\(text)")
      }
    }
  }

  /// Each key of a document stands on the line that it is said to stand on.
  @Test func everyKeyOfEveryShortDocumentIsOnItsLine() throws {
    let pieces = ["a", "[b]", "[[c]]", "=1", "\"d\"", ".", "\n", "'e'", "={f=2}", "=[1,\n2]#", "=\"\"\"g\n=\"\"\""]
    var parsed = 0
    func texts(_ length: Int) -> [String] {
      length == 0 ? [""] : texts(length - 1).flatMap { text in pieces.map { text + $0 } }
    }
    for text in texts(4) {
      guard let document = try? Document(text, file: "F") else { continue }
      parsed += 1
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (name, line) in document.entries.map({ ($0.name, $0.line) }) + document.sections {
        #expect(lines.indices.contains(line - 1) && lines[line - 1].contains(name), "\(name) in \(text)")
      }
    }
    #expect(parsed > 300)
  }
}
