import Contract
import Glibc
import Testing

@testable import Configuration

/// Files of the repository that are made from tables. `POPCORN_WRITE_REFERENCE_FILES=1 swift test` writes them anew.
@Suite struct ReferenceFileTests {
  static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  private func check(_ name: String, _ expected: String) throws {
    let path = ReferenceFileTests.repository + "/" + name
    if getenv("POPCORN_WRITE_REFERENCE_FILES") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(expected, file)
      fclose(file)
    }
    let texts = try ConfigurationFiles.read(path, siteFolder: "/nowhere")
    #expect(texts.first?.text == expected, "\(name) is not what the table says: see above how to write it anew")
  }

  @Test func configurationFileIsCurrent() throws { try check("etc/popcornd.toml", ReferenceFile.text) }

  @Test func catalogIsCurrent() throws { try check("systemd/popcornd.catalog", MessageCatalog.text) }

  @Test func commentedFileSaysNothing() throws {
    #expect(try load(ReferenceFile.text) == Settings())
  }

  /// Uncommented it says every key, each with its default.
  @Test func uncommentedFileSaysEverything() throws {
    let text = ReferenceFile.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
    }.joined(separator: "\n")
    let settings = try load(text)
    #expect(settings == Settings())
    for row in ConfigurationKeys.rows {
      guard case .file(_, let line) = settings.origin(of: row), let line else {
        Issue.record("\(row.path) is not in the file")
        continue
      }
      let found = text.split(separator: "\n", omittingEmptySubsequences: false)[line - 1]
      #expect(found.hasPrefix("\(row.name) = "), "\(row.path)")
    }
  }

  @Test func linesAreShort() {
    for line in ReferenceFile.text.split(separator: "\n") { #expect(line.count <= 120) }
  }
}
