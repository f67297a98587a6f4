import Files
import Glibc
import SystemPackage
import Testing

@testable import popcorn

@Suite struct OutputFileTests {
  @Test func aPipeIsWrittenIntoAndNotReplaced() throws {
    let folder = try TemporaryFolder("popcorn-output-test")
    let pipe = folder.path.appending("pipe")
    try #require(pipe.withPlatformString { mkfifo($0, 0o600) } == 0)
    let reader = try FileDescriptor.open(pipe, .readOnly, options: .nonBlocking)
    defer { try? reader.close() }
    try writeDurably([1, 2, 3], to: pipe.string)
    var read = [UInt8](repeating: 0, count: 8)
    #expect(try read.withUnsafeMutableBytes { try reader.read(into: $0) } == 3)
    #expect(read.prefix(3) == [1, 2, 3])
    var status = stat()
    #expect(pipe.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFIFO)
    // And a link to it is neither.
    let link = folder.path.appending("link")
    try #require(symlink(pipe.string, link.string) == 0)
    try writeDurably([4], to: link.string)
    #expect(link.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func aDeviceThatTakesNothingIsNamed() throws {
    let fault = #expect(throws: FileFault.self) { try writeDurably([1], to: "/dev/full") }
    #expect(fault?.errno == .noSpace && fault?.path == "/dev/full")
  }

  /// What is written second would replace the first; a device takes both.
  @Test func oneFileUnderTwoNamesIsTold() throws {
    let folder = try TemporaryFolder("popcorn-output-test")
    try #require(mkdir(folder.file("real"), 0o700) == 0 && symlink("real", folder.file("link")) == 0)
    let mask = try OutputFile(folder.file("real/m.nii.gz"))
    for name in ["real/m.nii.gz", "real/../real/./m.nii.gz", "link/m.nii.gz"] {
      #expect(try OutputFile(folder.file(name)).isSame(as: mask), "\(name)")
    }
    #expect(try !OutputFile(folder.file("real/p.nii.gz")).isSame(as: mask))
    #expect(try !OutputFile("/dev/null").isSame(as: OutputFile("/dev/null")))
  }

  @Test func aFileIsReplacedWhole() throws {
    let folder = try TemporaryFolder("popcorn-output-test")
    let file = folder.path.appending("file")
    try writeDurably([1, 2, 3], to: file.string)
    try writeDurably([4], to: file.string)
    #expect(try BoundedReader.read(file) == [4])
    #expect(try Directory(folder.path).names().map(\.string) == ["file"])
  }
}
