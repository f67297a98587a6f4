import Glibc
import RefusedCalls
import SystemPackage
import Testing

@testable import Files

/// A listing is all names or a fault: what it does not have is taken for gone.
@Suite struct ListingTests {
  @Test func aListingThatBreaksOffIsNoListing() async throws {
    await #expect(processExitsWith: .success) {
      var template = Array("/tmp/popcorn-listing-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      let path = FilePath(platformString: template)
      let file = path.appending("a.nii").string
      defer {
        unlink(file)
        rmdir(path.string)
      }
      close(creat(file, 0o600))
      let folder = try Directory(path)
      #expect(try folder.names() == ["a.nii"])
      try #require(refuse("getdents64"))
      let fault = #expect(throws: FileFault.self) { try folder.names() }
      #expect(fault?.act == "list" && fault?.errno == .ioError)
    }
  }
}
