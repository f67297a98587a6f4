import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

@Suite struct ReceiptTests {
  private let receipt = Receipt(
    .rejected, reason: .truncated, explanation: "The file ends too early.", remedy: "Copy it again.",
    numbers: [Verdict.Number("have", "12.1 MB"), Verdict.Number("expected", "33.4 MB")], caseLabel: "PSNX")

  @Test func itSaysWhatWhyAndWhatToDo() {
    #expect(
      receipt.text(for: "scan.nii.gz") == """
        scan.nii.gz: cannot be used as it is. Nothing was deleted.
        Reason: TRUNCATED
        The file ends too early.

        Measured:
          have: 12.1 MB
          expected: 33.4 MB

        What to do: Copy it again.

        Case: PSNX

        """)
  }

  @Test func aNameForgesNoLine() {
    let name = FilePath(rawBytes: Array("a\nReason: OK\u{1b}[2J\u{202e}.nii".utf8) + [0xe4])
    let text = receipt.text(for: name)
    #expect(
      text.split(separator: "\n")[0]
        == #"a\x0AReason: OK\x1B[2J\xE2\x80\xAE.nii\xE4: cannot be used as it is. Nothing was deleted."#)
    #expect(PrintableName("Größe 日本.nii").description == "Größe 日本.nii")
  }

  @Test func itIsNeverWrittenOverAnything() throws {
    let folder = try Scratch().keeping { try $0.folder("rejected") }
    #expect(try receipt.write(for: "a.nii", in: folder.value) == "a.nii.REJECTED.txt")
    #expect(try receipt.write(for: "a.nii", in: folder.value) == "a.nii.REJECTED.txt")
    try write("theirs", as: "b.nii.REJECTED.txt", in: folder.value)
    symlink("nowhere", folder.value.path.appending("b.nii.REJECTED.2.txt").string)
    #expect(try receipt.write(for: "b.nii", in: folder.value) == "b.nii.REJECTED.3.txt")
    #expect(text("b.nii.REJECTED.txt", in: folder.value) == "theirs")
  }

  @Test func aLongNameIsShortenedBetweenCharacters() throws {
    let folder = try Scratch().keeping { try $0.folder("done") }
    for stem in [
      String(repeating: "x", count: 248), String(repeating: "é", count: 124), String(repeating: "日", count: 82),
    ] {
      let name = FilePath(stem + ".nii.gz")
      #expect(stem.utf8.count <= 248)
      let written = try receipt.write(for: name, in: folder.value)
      #expect(written.string.utf8.count <= 255 && written.string.hasSuffix(".REJECTED.txt"))
      #expect(!written.string.contains("\u{fffd}"))
    }
  }
}

@Suite struct UserFileTests {
  private func share() throws -> Kept<(inbox: Directory, done: Directory)> {
    try Scratch().keeping { (inbox: try $0.folder("inbox"), done: try $0.folder("done")) }
  }

  @Test func aFileIsPutAwayUnderItsName() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii.gz", in: inbox)
    let file = UserFile("a.nii.gz", in: inbox, stamp: try #require(inbox.stamp(of: "a.nii.gz")))
    #expect(try file.putAway(in: done, "2026-11") == .moved("2026-11/a.nii.gz"))
    #expect(text("2026-11/a.nii.gz", in: done) == "scan" && text("a.nii.gz", in: inbox) == nil)
    #expect(try file.findMoved(in: done, "2026-11") == .moved("2026-11/a.nii.gz"))
    #expect(try file.putAway(in: done, "2026-11") == .lost)
  }

  @Test func aTakenNameIsNumbered() throws {
    let share = try share()
    let (inbox, done) = share.value
    for expected in ["a.NII.gz", "a.2.NII.gz", "a.3.NII.gz"] {
      try write(expected, as: "a.NII.gz", in: inbox)
      let file = UserFile("a.NII.gz", in: inbox, stamp: try #require(inbox.stamp(of: "a.NII.gz")))
      #expect(try file.putAway(in: done, "m") == .moved(FilePath("m/\(expected)")))
      #expect(text(FilePath("m/\(expected)"), in: done) == expected)
    }
  }

  @Test func aFileIsPutAwayUnderANewNameAndThatIsNumberedToo() throws {
    let share = try share()
    let (inbox, done) = share.value
    for expected in ["a.2.img", "a.2.2.img"] {
      try write(expected, as: "a.img", in: inbox)
      let file = UserFile("a.img", in: inbox, stamp: try #require(inbox.stamp(of: "a.img")))
      #expect(try file.putAway(in: done, "m", as: "a.2.img") == .moved(FilePath("m/\(expected)")))
    }
  }

  @Test func anotherFileUnderThatNameStays() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("first", as: "a.nii", in: inbox)
    let stamp = try #require(inbox.stamp(of: "a.nii"))
    try write("second", as: "a.nii", in: inbox)
    let file = UserFile("a.nii", in: inbox, stamp: stamp)
    #expect(try file.putAway(in: done, "m") == .lost)
    #expect(text("a.nii", in: inbox) == "second")
    #expect(try file.findMoved(in: done, "m") == .lost)
  }

  @Test func aMoveThatDidNotComeIsFoundUndone() throws {
    let share = try share()
    let (inbox, done) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let file = UserFile("a.nii", in: inbox, stamp: try #require(inbox.stamp(of: "a.nii")))
    #expect(try file.findMoved(in: done, "m") == nil)
  }

  @Test func anotherFileSystemIsLeftAlone() throws {
    let share = try share()
    let (inbox, _) = share.value
    try write("scan", as: "a.nii", in: inbox)
    let folders = try ["/tmp", "/dev/shm", "/run"].map { try Directory(FilePath($0)) }
    let other = try #require(folders.first { $0.device != inbox.device }, "all folders lie on one file system")
    let file = UserFile("a.nii", in: inbox, stamp: try #require(inbox.stamp(of: "a.nii")))
    let subfolder = FilePath("popcornd-test-\(getpid())")
    #expect(try file.putAway(in: other, subfolder) == .left)
    rmdir("/tmp/\(subfolder)")
    #expect(text("a.nii", in: inbox) == "scan")
  }

  @Test func aNameOfAnyBytesIsPutAway() throws {
    let share = try share()
    let (inbox, done) = share.value
    let names: [[UInt8]] = [
      Array("Größe 'a' \"b\" $(c);\n-x.nii".utf8), [0x4d, 0xfc, 0x6c, 0x2e, 0x6e, 0x69, 0x69], Array("-rf".utf8),
      Array(repeating: 0x78, count: 248) + Array(".nii.gz".utf8),
    ]
    for bytes in names {
      for content in ["1", "2"] {
        let name = FilePath(rawBytes: bytes)
        try write(content, as: name, in: inbox)
        let file = UserFile(name, in: inbox, stamp: try #require(inbox.stamp(of: name)))
        guard case .moved(let path) = try file.putAway(in: done, "m") else {
          Issue.record("\(PrintableName(name)) was not moved")
          continue
        }
        #expect(text(path, in: done) == content)
      }
    }
    #expect(try done.directory("m").names().count == 2 * names.count)
  }
}

@Suite struct FileRecordTests {
  private func decision(_ path: FilePath, _ outcome: FileOutcome, inode: UInt64 = 5) -> FileDecision {
    FileDecision(
      inbox: "/srv/inbox", path: path,
      stamp: FileStamp(device: .max, inode: inode, size: 10, modified: -3, owner: 1000),
      role: .scan, digest: digest("input a"), outcome: outcome, numbers: [Verdict.Number("have", "1")])
  }

  @Test func aDecisionIsFoundByPathStampDigestAndCase() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    let latin = FilePath(rawBytes: [0x4d, 0xfc, 0x6c, 0x2e, 0x6e, 0x69, 0x69])
    var accepted = decision(latin, .accepted)
    accepted.caseLabel = name
    accepted.move = .planned("done/2026-11/a")
    let number = try ledger.record(accepted, by: 0)
    let found = try #require(try ledger.decision(inbox: "/srv/inbox", path: latin, stamp: accepted.stamp))
    #expect(found.number == number && found.decision.path == latin && found.decision.caseLabel == name)
    #expect(found.decision.stamp == accepted.stamp && found.decision.numbers == accepted.numbers)
    var other = accepted.stamp
    other.modified += 1
    #expect(try ledger.decision(inbox: "/srv/inbox", path: latin, stamp: other) == nil)
    #expect(try ledger.decisions(digest: digest("input a")).count == 1)
    #expect(try ledger.decisions(ofCase: name).map(\.number) == [number])
    #expect(try ledger.unfinishedMoves().map(\.decision.move) == [.planned("done/2026-11/a")])
    try ledger.settle(number, as: .done("done/2026-11/a.2"))
    #expect(try ledger.unfinishedMoves().isEmpty)
    #expect(try ledger.decisions(ofCase: name)[0].decision.move == .done("done/2026-11/a.2"))
  }

  @Test func aHeldFileIsDecidedAnew() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    var held = decision("a.nii", .held)
    held.reason = .notFLAIR
    let number = try ledger.record(held, by: 0)
    #expect(try ledger.decisions(.held).map(\.decision.reason) == [.notFLAIR])
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    try ledger.revise(number, outcome: .accepted, caseLabel: name, by: 4)
    #expect(try ledger.decisions(.held).isEmpty)
    let accepted = try #require(try ledger.decisions(.accepted).first?.decision)
    #expect(accepted.caseLabel == name && accepted.digest == held.digest && accepted.numbers == held.numbers)
    // Half a pair has neither digest nor role before the other half comes.
    try ledger.revise(number, outcome: .accepted, role: .label, digest: digest("both"), numbers: [], by: 4)
    let whole = try #require(try ledger.decisions(digest: digest("both")).first?.decision)
    #expect(whole.role == .label && whole.numbers == [] && whole.caseLabel == name)
  }
}

/// A value and the folder that it lives in.
final class Kept<Value> {
  let value: Value
  private let scratch: Scratch

  fileprivate init(_ value: Value, _ scratch: Scratch) {
    self.value = value
    self.scratch = scratch
  }
}

extension Scratch {
  /// What is made in this folder, which stays as long as it.
  func keeping<Value>(_ make: (Scratch) throws -> Value) throws -> Kept<Value> { Kept(try make(self), self) }
}
