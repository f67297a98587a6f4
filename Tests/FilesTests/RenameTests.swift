import CLinux
import Glibc
import RefusedCalls
import SystemPackage
import Testing

@testable import Files

/// A rename that refuses to replace, and what stands in for it where the file system does not know one.
@Suite struct RenameTests {
  typealias Rename = @Sendable (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>) -> Int32

  static let ways: [Rename] = [
    { linux_rename_noreplace($0, $1, $2, $3) }, { linux_rename_by_link($0, $1, $2, $3) },
  ]

  /// Two folders that are there as long as this object.
  private final class Place {
    let path: FilePath
    let from: Directory
    let to: Directory

    init() throws {
      var template = Array("/tmp/popcorn-rename-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      path = FilePath(platformString: template)
      for name in ["from", "to"] { try #require(mkdir(path.appending(name).string, 0o700) == 0) }
      from = try Directory(path.appending("from"))
      to = try Directory(path.appending("to"))
    }

    deinit {
      for folder in [from, to] {
        for name in (try? folder.names()) ?? [] { unlinkat(folder.descriptor.rawValue, name.string, 0) }
        rmdir(folder.path.string)
      }
      rmdir(path.string)
    }

    func write(_ text: String, as name: FilePath, in folder: Directory) throws {
      try DurableFile.write(Array(text.utf8), as: name, in: folder)
    }

    func text(_ name: FilePath, in folder: Directory) -> String? {
      guard let file = try? folder.open(name) else { return nil }
      defer { try? file.close() }
      return (try? BoundedReader.read(file, limit: 99)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// 0, or why not.
    func move(_ way: Rename, _ name: String, to newName: String) -> Int32 {
      let answer = way(from.descriptor.rawValue, name, to.descriptor.rawValue, newName)
      return answer == 0 ? 0 : errno
    }
  }

  @Test(arguments: ways.indices) func aFileGetsItsNewNameAndNothingIsReplaced(number: Int) throws {
    let (place, way) = (try Place(), Self.ways[number])
    try place.write("first", as: "a", in: place.from)
    #expect(place.move(way, "a", to: "b") == 0)
    #expect(place.text("b", in: place.to) == "first")
    try place.write("second", as: "a", in: place.from)
    #expect(place.move(way, "a", to: "b") == EEXIST)
    #expect(place.move(way, "missing", to: "c") == ENOENT)
    #expect(place.text("b", in: place.to) == "first" && place.text("a", in: place.from) == "second")
    #expect(try place.from.names() == ["a"] && place.to.names() == ["b"])
  }

  /// What an end between the two steps of the second way leaves.
  @Test(arguments: ways.indices) func aFileUnderBothNamesLosesTheOldOne(number: Int) throws {
    let (place, way) = (try Place(), Self.ways[number])
    try place.write("scan", as: "a", in: place.from)
    #expect(link(place.from.path.appending("a").string, place.to.path.appending("a").string) == 0)
    #expect(place.move(way, "a", to: "a") == 0)
    #expect(try place.from.names() == [] && place.to.names() == ["a"])
    #expect(place.text("a", in: place.to) == "scan")
  }

  /// Whether it has another link or not: its only name is not another one.
  @Test(arguments: ways.indices) func aFileIsNotRenamedToItself(number: Int) throws {
    let (place, way) = (try Place(), Self.ways[number])
    try place.write("scan", as: "a", in: place.from)
    let folder = place.from.descriptor.rawValue
    for _ in 0..<2 {
      let answer = way(folder, "a", folder, "a")
      let reason = errno
      #expect(answer == -1 && reason == EEXIST)
      #expect(place.text("a", in: place.from) == "scan")
      _ = link(place.from.path.appending("a").string, place.to.path.appending("other").string)
    }
    #expect(try place.from.names() == ["a"] && place.to.names() == ["other"])
  }

  /// Between the two steps of the second way somebody has saved another file under the old name: it is back under it, or, where
  /// no link gives it back, in sight beside it; and nothing that sweeps takes it.
  @Test(arguments: [false, true]) func whatWasSavedMeanwhileStays(isRefused: Bool) async throws {
    await #expect(processExitsWith: .success) { [isRefused = isRefused as Bool] in
      let place = try Place()
      try place.write("old", as: "a.nii.gz", in: place.to)
      try place.write("new", as: "a.nii.gz", in: place.from)
      var file = stat()
      try #require(stat(place.to.path.appending("a.nii.gz").string, &file) == 0)
      if isRefused { try #require(refuse("linkat")) }
      let (from, to) = (place.from.descriptor.rawValue, place.to.descriptor.rawValue)
      #expect(linux_give_up_name(from, "a.nii.gz", to, "a.nii.gz", &file) == 0)
      try DurableFile.removeTemporaries(from: place.from)
      let names = try place.from.names()
      let name = try #require(names.first)
      #expect(names.count == 1 && place.text(name, in: place.from) == "new")
      #expect((name == "a.nii.gz") != isRefused)
      #expect(name.string.hasPrefix("a.") && name.string.hasSuffix(".nii.gz"))
      #expect(place.text("a.nii.gz", in: place.to) == "old")
    }
  }

  /// It is no temporary file of ours: an end in between must not have it swept away.
  @Test func aFileThatWasPutAsideIsNotSwept() async throws {
    await #expect(processExitsWith: .success) {
      let place = try Place()
      let name = String(repeating: "a", count: 250)
      try place.write("old", as: "b", in: place.to)
      try place.write("new", as: FilePath(name), in: place.from)
      var file = stat()
      try #require(stat(place.to.path.appending("b").string, &file) == 0)
      try #require(refuse("linkat"))
      // No name is left for it that is long enough.
      let answer = linux_give_up_name(place.from.descriptor.rawValue, name, place.to.descriptor.rawValue, "b", &file)
      #expect(answer == -1 && errno == ENAMETOOLONG)
      try DurableFile.removeTemporaries(from: place.from)
      let names = try place.from.names()
      #expect(names.count == 1 && names.first.flatMap { place.text($0, in: place.from) } == "new")
    }
  }

  /// No links either: the name is taken first and filled then, and never taken from another file.
  @Test(arguments: [Errno.notPermitted, .notSupported, .tooManyLinks]) func withoutLinksTheNameIsTakenFirst(
    errno: Errno
  ) throws {
    let place = try Place()
    try place.write("taken", as: "taken.txt", in: place.to)
    let expected: [(name: FilePath, reason: Errno?)] = [("new.txt", nil), ("taken.txt", .fileExists)]
    for (name, reason) in expected {
      try place.write("receipt", as: "temporary", in: place.to)
      #expect(fault(in: place, placing: name, where: errno)?.errno == reason)
    }
    #expect(place.text("new.txt", in: place.to) == "receipt" && place.text("taken.txt", in: place.to) == "taken")
  }

  @Test func anotherFaultIsNoReasonToTakeTheName() throws {
    let place = try Place()
    #expect(fault(in: place, placing: "new", where: .ioError)?.errno == .ioError)
    #expect(try place.to.names() == [])
  }

  /// What comes of giving a temporary file its name where renames fail so; nil where it has it.
  private func fault(in place: Place, placing name: FilePath, where errno: Errno) -> FileFault? {
    Array("receipt".utf8).withUnsafeBytes { (content: UnsafeRawBufferPointer) -> FileFault? in
      do throws(FileFault) {
        try DurableFile.placeNew("temporary", as: name, in: place.to, content, [.ownerReadWrite]) {
          (from: FilePath, _: FilePath) throws(FileFault) -> Void in throw FileFault("rename", from, errno)
        }
        return nil
      } catch {
        return error
      }
    }
  }
}
