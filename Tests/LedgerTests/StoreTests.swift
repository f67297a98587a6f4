import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

@Suite struct StoreTests {
  @Test func whatIsAdoptedIsThereUnderItsDigest() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    let found = try store.adopt(Array("voxels".utf8), as: .image)
    #expect(found == digest("voxels"))
    #expect(store.path(found, .image).string.hasSuffix("store/\(found.description.prefix(2))/\(found).nii.gz"))
    #expect(store.holds(found, .image) && !store.holds(found, .weights))
    #expect(try store.verify(found, .image))
    #expect(try BoundedReader.read(store.path(found, .image)) == Array("voxels".utf8))
    #expect(try store.contents().map(\.digest) == [found])
    #expect(try store.adopt(Array("voxels".utf8), as: .image) == found)
  }

  @Test func aFileThatIsNotWhatItShouldBeIsNotAdopted() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    let temporary = try store.temporary()
    _ = try temporary.descriptor.writeAll("half".utf8)
    let fault = #expect(throws: FileFault.self) { try store.adopt(temporary, digest: digest("whole"), as: .image) }
    #expect(fault?.errno == .illegalByteSequence)
    #expect(try store.contents().isEmpty)
  }

  /// A crash at each point of an adoption: nothing half is visible, the next start has no litter, and it can be redone.
  @Test func anInterruptedAdoptionLeavesNothing() throws {
    let desk = try Desk()
    let incoming = desk.state.path.appending("store").appending("incoming")
    _ = try Store(desk.state)
    for content in ["", "hal", "voxels"] {
      try write(content, as: ".popcornd-tmp-1-2", in: try Directory(incoming))
      let store = try Store(desk.state)
      #expect(try Directory(incoming).names().isEmpty && store.contents().isEmpty)
    }
    let store = try Store(desk.state)
    // The folder is there, the rename did not come.
    _ = try desk.state.directory.directory(making: FilePath("store/\(digest("voxels").description.prefix(2))"))
    #expect(try store.adopt(Array("voxels".utf8), as: .image) == digest("voxels"))
  }

  @Test func aDamagedFileIsReplacedByAWholeOne() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    let found = try store.adopt(Array("voxels".utf8), as: .image)
    let path = store.path(found, .image)
    try write("voxelz", as: FilePath(path.lastComponent?.string ?? ""), in: Directory(path.removingLastComponent()))
    #expect(try !store.verify(found, .image))
    try store.adopt(Array("voxels".utf8), as: .image)
    #expect(try store.verify(found, .image))
  }

  @Test func aCopyIsAdoptedAndTheOriginalStays() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    let work = try desk.scratch.folder("work")
    try write("weights", as: "model", in: work)
    let path = work.path.appending("model")
    #expect(try store.adopt(copyOf: path, digest: digest("weights"), as: .weights) == digest("weights"))
    #expect(text("model", in: work) == "weights")
    symlink(path.string, work.path.appending("link").string)
    #expect(throws: FileFault.self) { try store.adopt(copyOf: work.path.appending("link"), digest: nil, as: .weights) }
  }

  @Test func anAbandonedTemporaryIsGone() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    do {
      let temporary = try store.temporary()
      #expect(temporary.descriptor.rawValue >= 0)
    }
    #expect(try Directory(desk.state.path.appending("store/incoming")).names().isEmpty)
  }

  @Test func aWithdrawnFileIsRemoved() throws {
    let desk = try Desk()
    let store = try Store(desk.state)
    let found = try store.adopt(Array("voxels".utf8), as: .image)
    try store.remove(found, .image)
    try store.remove(found, .image)
    #expect(!store.holds(found, .image))
  }
}
