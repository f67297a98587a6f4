import Contract
import FoundationEssentials
import Testing

@Suite struct SaidTests {
  /// The catalog promises nothing that no code says.
  @Test func everyKindIsSaidSomewhere() throws {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    var text = ""
    for program in ["popcornd", "popcornctl"] {
      let folder = "\(root)/Sources/\(program)"
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where name.hasSuffix(".swift") {
        text += try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      }
    }
    let chosen = text.split(separator: "\n").filter { $0.contains("MessageKind = ") }.joined()
    let solid = text.split(whereSeparator: \.isWhitespace).joined()
    for kind in MessageKind.allCases {
      #expect(solid.contains("say(.\(kind),") || chosen.contains(".\(kind)"), "\(kind) is never said")
    }
  }
}
