import Contract
import SystemPackage
import Testing

@testable import Ledger

@Suite struct TransitionTests {
  /// Every pair of states: a change in the table writes state and audit record, any other writes neither.
  @Test func exactlyTheTablesChangesAreWritten() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    for before in CaseState.allCases {
      for after in CaseState.allCases {
        let name = try ledger.create(scan("\(before)-\(after)"), as: .accepted, by: 0).label
        try ledger.database.run("UPDATE cases SET state = ? WHERE label = ?", .text(before.rawValue), .text(name))
        let head = try ledger.auditHead()
        if before.successors.contains(after) {
          let record = try ledger.change(name, to: after, reason: .nan, facts: ["k": "v"], by: 7)
          #expect(try ledger.case(name).state == after)
          #expect(try ledger.case(name).reason == .nan)
          #expect(record.seq == head.seq + 1 && record.previous == head.hash && record.actor == 7)
          #expect((record.before, record.after) == (before.rawValue, after.rawValue))
          #expect(try ledger.auditRecords(of: name).last == record)
        } else {
          let fault = #expect(throws: LedgerFault.self) { try ledger.change(name, to: after, by: 7) }
          guard case .notAllowed(name, before, after) = fault else {
            Issue.record("\(before) to \(after): \(String(describing: fault))")
            continue
          }
          #expect(try ledger.case(name).state == before)
          #expect(try ledger.auditHead() == head)
        }
      }
    }
  }

  @Test(arguments: CaseState.allCases) func aCaseBeginsInFewStates(state: CaseState) throws {
    let desk = try Desk()
    if Ledger.initialStates.contains(state) {
      #expect(try desk.ledger.create(scan("a"), as: state, by: 0).state == state)
    } else {
      #expect(throws: LedgerFault.self) { try desk.ledger.create(scan("a"), as: state, by: 0) }
      #expect(try desk.ledger.cases().isEmpty && desk.ledger.auditHead() == .empty)
    }
  }

  @Test func theSameScanIsNoSecondCase() throws {
    let desk = try Desk()
    try desk.ledger.create(scan("a"), as: .accepted, by: 0)
    #expect(throws: LedgerFault.self) { try desk.ledger.create(scan("a"), as: .accepted, by: 0) }
    var shifted = scan("a")
    shifted.geometry.affine[3] = 12
    let other = try desk.ledger.create(shifted, as: .held, reason: .sameVoxelsOtherGeometry, by: 0)
    #expect(try desk.ledger.cases(withVoxels: shifted.voxelDigest).map(\.label).contains(other.label))
    #expect(try desk.ledger.cases(withVoxels: shifted.voxelDigest).count == 2)
  }

  @Test func onlyItsOwnerOrAnAdminRevisesALabel() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    #expect(try ledger.promote(name, with: label("1", owner: 1000), by: 1000).revision == 1)
    #expect(try ledger.promote(name, with: label("1", owner: 1001), by: 1001).revision == 1)
    let fault = #expect(throws: LedgerFault.self) {
      try ledger.promote(name, with: label("2", owner: 1001), by: 1001)
    }
    #expect(fault?.exitCode == .noPermission)
    #expect(try ledger.promote(name, with: label("2", owner: 1000), by: 1000).revision == 2)
    #expect(try ledger.promote(name, with: label("3", owner: 0), isAdmin: true, by: 0).revision == 3)
    #expect(try ledger.promote(name, with: label("b", rater: "B", owner: 1001), by: 1001).revision == 1)
    #expect(try ledger.currentLabels(of: name).map(\.digest) == [digest("mask 3"), digest("mask b")])
    #expect(try ledger.labels(of: name).count == 4)
  }

  /// A mask that was sent before its correction, and comes again after it, replaces nothing unless a person wants it so.
  @Test func anOldRevisionThatComesAgainIsNoNewOne() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    for text in ["1", "2"] { try ledger.promote(name, with: label(text), by: 1000) }
    let head = try ledger.auditHead()
    #expect(try ledger.promote(name, with: label("1"), by: 1000).revision == 1)
    #expect(try ledger.promote(name, with: label("2"), isReleased: true, by: 1000).revision == 2)
    #expect(try ledger.auditHead() == head)
    #expect(try ledger.currentLabels(of: name).map(\.digest) == [digest("mask 2")])

    let fault = #expect(throws: LedgerFault.self) {
      try ledger.promote(name, with: label("1", owner: 1001), isReleased: true, by: 1001)
    }
    #expect(fault?.exitCode == .noPermission)
    let back = try ledger.promote(name, with: label("1"), isReleased: true, by: 1000)
    #expect(back.revision == 3 && back.digest == digest("mask 1"))
    #expect(try ledger.promote(name, with: label("1"), by: 1000).revision == 3)
    #expect(try ledger.promote(name, with: label("2"), by: 1000).revision == 2)
    #expect(try ledger.promote(name, with: label("1", rater: "B"), by: 1000).revision == 1)
    #expect(try ledger.labels(withMask: digest("mask 1")).map(\.revision) == [1, 3, 1])
  }

  /// A file that is sent once more, or seen through another mount, is the one that was decided on.
  @Test func aFileIsKnownByItsNewStamp() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let (inbox, path): (FilePath, FilePath) = ("/inbox", "labeled/a_mask.nii")
    let old = FileStamp(device: 1, inode: .max, size: 3, modified: 4, owner: 5)
    let new = FileStamp(device: .max, inode: 6, size: 7, modified: -8, owner: .max)
    let number = try ledger.record(
      FileDecision(
        inbox: inbox, path: path, stamp: old, role: .label, digest: digest("x"), outcome: .accepted), by: 0)
    #expect(try ledger.decision(inbox: inbox, stamp: old)?.number == number)
    try ledger.restamp(number, as: new)
    #expect(try ledger.decision(inbox: inbox, path: path, stamp: old)?.number == nil)
    #expect(try ledger.decision(inbox: inbox, path: path, stamp: new)?.decision.stamp == new)
    #expect(try ledger.decision(inbox: inbox, stamp: new)?.number == number)
    #expect(try ledger.decision(inbox: "/other", stamp: new)?.number == nil)
    #expect(throws: LedgerFault.self) { try ledger.restamp(number + 1, as: new) }
  }

  /// A label that comes while the cycle runs wins over the cycle's pseudo-label.
  @Test func whatLeftThePoolMeanwhileIsNotSelected() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let names = try ["a", "b", "c"].map { try ledger.create(scan($0), as: .accepted, by: 0).label }
    try ledger.beginCycle(1, cause: "command", order: digest("order"), by: 0)
    try ledger.promote(names[1], with: label("b"), by: 1000)
    try ledger.change(names[2], to: .withdrawn, by: 0)
    #expect(
      try !ledger.recordMask(of: names[2], generation: 1, threshold: 0.5, latent: nil, figures: figures("c"), by: 0))
    let end = try ledger.endCycle(
      1, with: result(.publish, selecting: names), model: digest("m"), optimizer: digest("o"),
      files: selectionFiles(names), by: 0)
    #expect(end.selected == [names[0]] && end.dropped == [names[1], names[2]])
    #expect(try names.map { try ledger.case($0).state } == [.pseudo, .expert, .withdrawn])
  }

  @Test func whatAdmissionFoundComesBackExactly() throws {
    let desk = try Desk()
    var new = scan("a")
    new.geometry = GridGeometry(
      size: [181, 217, 32], affine: [0.1, -1 / 3, 1e-17, -90.5, 0, 2.0 / 7, 5e300, 0, .leastNonzeroMagnitude, 1, 1, 3])
    new.normalisations = ["SQUEEZED_4D", "NAN_ZEROED:12"]
    new.warnings = []
    new.brainDigest = digest("brain")
    let known = try desk.ledger.create(new, as: .accepted, by: 0)
    #expect(known.geometry == new.geometry && known.brainDigest == new.brainDigest)
    #expect(known.normalisations == new.normalisations && known.warnings.isEmpty)
    #expect(try desk.ledger.case(known.label) == known)
    let near = ProximityFigures(
      id: known.label, sum: 0.1 + 0.2,
      nearest: [.init(id: "PSNA", distance: 1 / 3), .init(id: "PSNB", distance: 2.11)])
    try desk.ledger.setProximities([near], generation: 1)
    #expect(try desk.ledger.queue().first?.proximity == near)
    try desk.ledger.setProximities([ProximityFigures(id: known.label, sum: 1, nearest: [])], generation: 1)
    #expect(try desk.ledger.queue().first?.proximity?.nearest.isEmpty == true)
  }

  @Test func theQueueIsInProximityOrder() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let names = try ["a", "b", "c", "d"].map { try ledger.create(scan($0), as: .accepted, by: 0).label }
    try ledger.setProximities(
      [
        ProximityFigures(id: names[0], sum: 9, nearest: []), ProximityFigures(id: names[1], sum: 2, nearest: []),
        ProximityFigures(id: names[2], sum: 2, nearest: []), ProximityFigures(id: "PSNUNKNOWN", sum: 1, nearest: []),
      ], generation: 1)
    let tied = [names[1], names[2]].sorted {
      Pseudonyms.content(voxels: scan($0 == names[1] ? "b" : "c").voxelDigest, geometry: scan("a").geometry)
        < Pseudonyms.content(voxels: scan($1 == names[1] ? "b" : "c").voxelDigest, geometry: scan("a").geometry)
    }
    #expect(try ledger.queue().map(\.case.label) == tied + [names[0], names[3]])
    #expect(try ledger.queue().last?.proximity == nil)
  }
}
