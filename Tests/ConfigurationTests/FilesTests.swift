import Contract
import FoundationEssentials
import Glibc
import Testing

@testable import Configuration

/// A folder that is gone when the test is.
private final class Folder {
  let path: String
  init() throws {
    var template = Array("/tmp/popcornd-configuration-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    path = String(cString: made)
  }

  func write(_ name: String, _ text: String) throws {
    let parts = name.split(separator: "/")
    for depth in 1..<max(1, parts.count) { mkdir(path + "/" + parts[..<depth].joined(separator: "/"), 0o755) }
    let file = try #require(fopen(path + "/" + name, "w"))
    fputs(text, file)
    fclose(file)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

@Suite struct FilesTests {
  /// A service that goes on while its configuration is wrong is still found.
  @Test func runDirectoryIsReadBesideMistakes() throws {
    let folder = try Folder()
    let file = folder.path + "/popcornd.toml"
    try folder.write("popcornd.toml", "[run]\npath = \"/run/elsewhere\"\n")
    try folder.write("popcornd.toml.d/10-wrong.toml", "[popcorn]\nsead = 2\nwidth = 8\n")
    #expect(throws: ConfigurationFailure.self) { try Settings.load(file) }
    let settings = try Settings.loadLeniently(file)
    #expect(settings.controlSocket == "/run/elsewhere/control.sock")
    #expect(settings.popcorn.width == 8)
  }

  /// A folder of drop-ins that cannot be listed is not one without any: root's settings would be missing without a word.
  @Test func dropInsThatCannotBeListedAreAMistake() throws {
    let folder = try Folder()
    try folder.write("popcornd.toml", "[popcorn]\nseed = 1\n")
    try #require(symlink("popcornd.toml.d", folder.path + "/popcornd.toml.d") == 0)
    let failure = #expect(throws: ConfigurationFailure.self) { try Settings.load(folder.path + "/popcornd.toml") }
    #expect(failure?.mistakes.map(\.file) == [folder.path + "/popcornd.toml.d"])
  }

  @Test func dropInsAreReadInNameOrder() throws {
    let folder = try Folder()
    try folder.write("popcornd.toml", "[popcorn]\nseed = 1\nwidth = 8\n")
    try folder.write("popcornd.toml.d/20-b.toml", "[popcorn]\nseed = 3\n")
    try folder.write("popcornd.toml.d/10-a.toml", "[popcorn]\nseed = 2\nneighbours = 7\n")
    try folder.write("popcornd.toml.d/.30-hidden.toml", "[popcorn]\nseed = 4\n")
    try folder.write("popcornd.toml.d/30.toml~", "[popcorn]\nseed = 5\n")
    let settings = try Settings.load(folder.path + "/popcornd.toml")
    #expect(settings.popcorn.seed == 3)
    #expect(settings.popcorn.neighbours == 7)
    #expect(settings.popcorn.width == 8)
    #expect(
      settings.files.map { String($0.dropFirst(folder.path.count + 1)) } == [
        "popcornd.toml", "popcornd.toml.d/10-a.toml", "popcornd.toml.d/20-b.toml",
      ])
  }

  @Test func vendorsDefaultsComeFirst() throws {
    let folder = try Folder()
    try folder.write("vendor/popcornd.toml", "[popcorn]\nseed = 1\nneighbours = 7\n")
    try folder.write("vendor/popcornd.toml.d/a.toml", "[popcorn]\nwidth = 16\n")
    try folder.write("site/lesions.toml", "[popcorn]\nseed = 2\n")
    let texts = try ConfigurationFiles.read(
      folder.path + "/site/lesions.toml", siteFolder: folder.path + "/site", vendorFolder: folder.path + "/vendor")
    let settings = try Settings.load(texts, instance: "lesions")
    #expect([settings.popcorn.seed, settings.popcorn.neighbours, settings.popcorn.width] == [2, 7, 16])
    let elsewhere = try ConfigurationFiles.read(
      folder.path + "/site/lesions.toml", siteFolder: "/etc/popcornd", vendorFolder: folder.path + "/vendor")
    #expect(elsewhere.count == 1)
  }

  @Test func fileThatIsNotThereIsNamed() throws {
    do {
      _ = try Settings.load("/nowhere/popcornd.toml")
      Issue.record("must throw")
    } catch {
      #expect(error.description == "/nowhere/popcornd.toml: cannot be read: No such file or directory")
    }
  }

  @Test func bytesThatAreNoTextAreNamed() throws {
    let folder = try Folder()
    try folder.write("a.toml", "")
    let file = try #require(fopen(folder.path + "/a.toml", "w"))
    fputc(0xFF, file)
    fclose(file)
    #expect(throws: ConfigurationFailure.self) { try Settings.load(folder.path + "/a.toml") }
  }

  /// An outbox that is a link into the inbox, or the other way round.
  @Test func loopsThroughLinksAreFound() throws {
    let folder = try Folder()
    try folder.write("share/inbox/x", "")
    symlink(folder.path + "/share/inbox", folder.path + "/out")
    try folder.write(
      "popcornd.toml",
      "[inbox]\npath = [\"\(folder.path)/share/inbox\"]\n[output]\npath = \"\(folder.path)/out/new/outbox\"\nstatus = \"/nowhere/s\"\n"
    )
    do {
      _ = try Settings.load(folder.path + "/popcornd.toml")
      Issue.record("must throw")
    } catch {
      #expect(error.mistakes.map(\.key) == ["output.path"])
      #expect(error.mistakes.first?.line == 4)
      #expect(error.mistakes.first?.words.hasPrefix("LOOP: ") == true)
    }
  }

  @Test func neighboursAreNoLoop() {
    #expect(!Settings.overlap("/srv/popcornd/inbox", "/srv/popcornd/inbox2"))
    #expect(Settings.overlap("/srv/popcornd/inbox", "/srv/popcornd/inbox/done"))
    #expect(Settings.overlap("/srv/popcornd", "/srv/popcornd/"))
  }
}

@Suite struct NearestTests {
  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("abcd", "acbd", 1),
  ]) func distanceIsTheLettersToChange(_ a: String, _ b: String, _ distance: Int) {
    #expect(Spelling.distance(a, b) == distance)
    #expect(Spelling.distance(b, a) == distance)
  }

  /// Any one letter left out, and the key is still found.
  @Test func oneLetterLessIsUnderstood() {
    for row in ConfigurationKeys.rows where row.name.count > 4 {
      for index in row.name.indices {
        var name = row.name
        name.remove(at: index)
        if ConfigurationKeys.rows.contains(where: { $0.section == row.section && $0.name == name }) { continue }
        #expect(Nearest.key(to: name, under: row.section)?.isEmpty == false, "\(row.section).\(name)")
      }
    }
  }
}
