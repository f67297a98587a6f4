import CSeccomp
import Glibc
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
      try refuseListing()
      let fault = #expect(throws: FileFault.self) { try folder.names() }
      #expect(fault?.act == "list" && fault?.errno == .ioError)
    }
  }
}

/// Has the kernel answer EIO to whoever reads a folder from now on, on this thread: for a process that ends with its test.
private func refuseListing() throws {
  let filter = try #require(seccomp_init(0x7fff_0000))
  defer { seccomp_release(filter) }
  let number = seccomp_syscall_resolve_name("getdents64")
  try #require(seccomp_rule_add_array(filter, UInt32(0x0005_0000) | UInt32(EIO), number, 0, nil) == 0)
  try #require(seccomp_load(filter) == 0)
}
