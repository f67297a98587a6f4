import Glibc
import RefusedCalls
import SystemPackage
import Testing

@testable import Files

/// What fails gives its descriptors back: a disk that stays full would otherwise take one with every try.
@Suite struct DescriptorTests {
  @Test func aWriteThatFailsKeepsNoDescriptor() async throws {
    await #expect(processExitsWith: .success) {
      var template = Array("/tmp/popcorn-descriptors-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      let folder = try Directory(FilePath(platformString: template))
      defer { rmdir(folder.path.string) }
      let count = { try Directory("/proc/self/fd").names().count }
      let before = try count()
      try #require(refuse("fsync", .all))
      for _ in 0..<50 {
        #expect(throws: FileFault.self) { try DurableFile.write([1], as: "new", in: folder) }
        #expect(fault(placingIn: folder)?.act == "fsync")
      }
      // What runs the test may open something meanwhile.
      #expect(try count() < before + 50 && folder.names() == [])
    }
  }
}

/// What comes of the other way, where a file system knows no links.
private func fault(placingIn folder: Directory) -> FileFault? {
  [UInt8(1)].withUnsafeBytes { (content: UnsafeRawBufferPointer) -> FileFault? in
    do throws(FileFault) {
      try DurableFile.placeNew("temporary", as: "placed", in: folder, content, [.ownerReadWrite]) {
        (from: FilePath, _: FilePath) throws(FileFault) -> Void in throw FileFault("rename", from, .notSupported)
      }
      return nil
    } catch {
      return error
    }
  }
}
