import Files
import SystemPackage
import Testing

@testable import Ledger

/// Receipts that a crash may have kept from being left.
@Suite struct LostReceiptTests {
  @Test func whatWasLeftIsKnownAgainThoughItSaidMore() throws {
    let kept = try Scratch().keeping { try $0.folder("done") }
    let folder = kept.value
    let now = Receipt(.accepted, caseLabel: "c1")
    #expect(!now.isThere(for: "a.nii", in: folder))
    // Of an older file of that name, of another case.
    try Receipt(.accepted, notes: ["RELEASED"], caseLabel: "c0").write(for: "a.nii", in: folder)
    #expect(!now.isThere(for: "a.nii", in: folder))
    try Receipt(.duplicate, caseLabel: "c1").write(for: "a.nii", in: folder)
    #expect(!now.isThere(for: "a.nii", in: folder))
    try Receipt(.accepted, notes: ["RELEASED"], caseLabel: "c1").write(for: "a.nii", in: folder)
    #expect(try folder.names().map(\.string).sorted().last == "a.nii.DUPLICATE.txt")
    #expect(now.isThere(for: "a.nii", in: folder))
    #expect(!now.isThere(for: "b.nii", in: folder))
    #expect(Receipt(.accepted).isThere(for: "a.nii", in: folder))
  }

  @Test func onlyOurTemporariesGo() throws {
    let kept = try Scratch().keeping { try $0.folder("done") }
    let folder = kept.value
    for name in [".popcornd-tmp-1-2", ".popcornd-tmp", "a.nii"] {
      try DurableFile.write([1], as: FilePath(name), in: folder)
    }
    try DurableFile.removeTemporaries(from: folder)
    #expect(try folder.names().map(\.string).sorted() == [".popcornd-tmp", "a.nii"])
  }
}
