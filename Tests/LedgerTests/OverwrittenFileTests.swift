import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

/// A file that somebody saves into after it was decided on: what was read is not what lies there.
@Suite struct OverwrittenFileTests {
  private func share() throws -> Kept<(inbox: Directory, done: Directory)> {
    try Scratch().keeping { (inbox: try $0.folder("inbox"), done: try $0.folder("done")) }
  }

  /// Into the same inode, as most programs save.
  private func overwrite(_ name: FilePath, with content: String, in folder: Directory) throws {
    let file = try folder.open(name, .writeOnly, options: [.truncate])
    try file.closeAfter { _ = try file.writeAll(content.utf8) }
  }

  private func decided(_ name: FilePath, in inbox: Directory) throws -> UserFile {
    UserFile(name, in: inbox, stamp: try #require(inbox.stamp(of: name)))
  }

  @Test(arguments: ["longer text", "scan"]) func itStaysWhereItIs(content: String) throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let file = try decided("a.nii", in: inbox)
    // A clock that ticks slowly would hide a save of the same length.
    try #require(usleep(20_000) == 0)
    try overwrite("a.nii", with: content, in: inbox)
    #expect(inbox.inode(of: "a.nii") == file.stamp.inode)
    #expect(try file.putAway(in: done, "m") == .lost)
    #expect(text("a.nii", in: inbox) == content)
  }

  /// Saved between the look and the rename: found at the next start, where a crash came then.
  @Test func itIsGivenBackToItsFolder() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let file = try decided("a.nii", in: inbox)
    let month = try done.directory(making: "m")
    try inbox.rename("a.nii", to: "a.2.nii", in: month)
    try overwrite("a.2.nii", with: "newer scan", in: month)
    #expect(try file.findMoved(in: done, "m") == .lost)
    #expect(try inbox.names() == ["a.nii"] && month.names() == [])
    #expect(text("a.nii", in: inbox) == "newer scan")
  }

  @Test func itIsGivenBackBesideAFurtherOneOfItsName() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let file = try decided("a.nii", in: inbox)
    let month = try done.directory(making: "m")
    try inbox.rename("a.nii", to: "a.nii", in: month)
    try overwrite("a.nii", with: "newer scan", in: month)
    try write("newest scan", as: "a.nii", in: inbox)
    #expect(try file.findMoved(in: done, "m") == .lost)
    #expect(text("a.nii", in: inbox) == "newest scan" && text("a.2.nii", in: inbox) == "newer scan")
  }

  /// A change of owner or mode is none of the bytes.
  @Test func anotherModeChangesNothing() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let file = try decided("a.nii", in: inbox)
    #expect(chmod(inbox.path.appending("a.nii").string, 0o444) == 0)
    #expect(try file.putAway(in: done, "m") == .moved("m/a.nii"))
  }
}
