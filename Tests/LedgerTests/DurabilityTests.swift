import Contract
import Files
import Glibc
import RefusedCalls
import SystemPackage
import Testing

@testable import Ledger

/// What has to be on the disk before it is said to be: a kernel that refuses `fsync` shows who asks for it. (Killing shows
/// nothing of this, for what a killed process wrote is still in the kernel's memory.)
@Suite struct DurabilityTests {
  @Test func aFileThatIsNotOnTheDiskIsNotThere() async throws {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      let folder = try scratch.folder("folder")
      try DurableFile.write([1], as: "kept", in: folder)
      try #require(refuse("fsync", .all))
      for name: FilePath in ["kept", "new"] {
        let fault = #expect(throws: FileFault.self) { try DurableFile.write([2], as: name, in: folder) }
        #expect(fault?.act == "fsync" && fault?.errno == .ioError)
      }
      #expect(try folder.names() == ["kept"] && BoundedReader.read(scratch.path.appending("folder/kept")) == [1])
    }
  }

  @Test func aNameThatIsNotOnTheDiskIsNotAnswered() async throws {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let folder = try scratch.folder("folder")
      try #require(refuse("fsync", .of(folder.descriptor.rawValue)))
      #expect(throws: FileFault.self) { try DurableFile.write([1], as: "new", in: folder) }
    }
  }

  @Test(arguments: [false, true]) func theStoreTakesNothingThatAPowerCutCouldTake(isItself: Bool) async throws {
    await #expect(processExitsWith: .success) { [isItself = isItself as Bool] in
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let store = try Store(in: try scratch.folder("state"))
      let temporary = try store.temporary()
      _ = try temporary.descriptor.writeAll([1, 2, 3])
      // The file itself; or the folders that have its name.
      try #require(
        refuse("fsync", isItself ? .of(temporary.descriptor.rawValue) : .butOf(temporary.descriptor.rawValue)))
      let fault = #expect(throws: FileFault.self) { try store.adopt(temporary, digest: nil, as: .image) }
      #expect(fault?.act == "fsync")
    }
  }

  @Test(arguments: ["inbox", "done"]) func whatIsPutAwayIsPutAwayForGood(part: String) async throws {
    await #expect(processExitsWith: .success) { [part = part as String] in
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let (inbox, done) = (try scratch.folder("inbox"), try scratch.folder("done"))
      try write("scan", as: "a.nii", in: inbox)
      let file = UserFile("a.nii", in: inbox, stamp: try #require(inbox.stamp(of: "a.nii")))
      try #require(
        refuse("fsync", part == "inbox" ? .of(inbox.descriptor.rawValue) : .butOf(inbox.descriptor.rawValue)))
      let fault = #expect(throws: FileFault.self) { try file.putAway(in: done, "2026-11") }
      #expect(fault?.act == "fsync")
    }
  }

  @Test func anAuditHeadIsOnTheDiskWhenItIsNoted() async throws {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let file = AuditHeadFile(scratch.path.appending("heads"))
      try #require(refuse("fsync", .all))
      #expect(throws: FileFault.self) { try file.append(AuditHead(seq: 1, hash: digest("a").description)) }
    }
  }

  @Test func theNameOfANewFileOfHeadsIsOnTheDiskToo() async throws {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let file = AuditHeadFile(scratch.path.appending("heads"))
      try #require(refuse("fsync", .all))
      let head = AuditHead(seq: 1, hash: digest("a").description)
      for place in [scratch.path, scratch.path.appending("heads")] {
        let fault = #expect(throws: FileFault.self) { try file.append(head) }
        #expect(fault?.act == "fsync" && fault?.path == place)
      }
    }
  }

  /// 2 is FULL: each commit is on the disk before it is answered.
  @Test func theLedgerCommitsToTheDisk() throws {
    let desk = try Desk()
    #expect(try desk.ledger.database.first("PRAGMA synchronous") { $0.integer(0) } == 2)
    #expect(try desk.ledger.database.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
  }
}
