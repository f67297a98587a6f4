import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

@Suite struct StateTests {
  @Test func aSecondServiceIsRefused() throws {
    let desk = try Desk()
    let fault = #expect(throws: LedgerFault.self) { try StateDirectory(claiming: desk.state.path) }
    guard case .occupied(getpid()) = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
    #expect(fault?.exitCode == .temporaryFailure)
    #expect(StateDirectory.occupant(of: desk.state.path) == getpid())
  }

  @Test func aClaimEndsWithItsObject() throws {
    let scratch = try Scratch()
    let path = scratch.path.appending("state")
    do { _ = try StateDirectory(claiming: path) }
    #expect(StateDirectory.occupant(of: path) == nil)
    #expect(throws: Never.self) { try StateDirectory(claiming: path) }
  }

  @Test func theStateIsOursAlone() throws {
    let desk = try Desk()
    #expect(mode(desk.state.path) == 0o700)
    #expect(mode(desk.state.path.appending("install.key")) == 0o600)
  }

  @Test func theKeyIsMadeOnceAndNeverGuessed() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("state")
    let first = try Pseudonyms(keyIn: folder).caseLabel(content: digest("x"))
    #expect(try Pseudonyms(keyIn: folder).caseLabel(content: digest("x")) == first)
    try DurableFile.write([1, 2, 3], as: "install.key", in: folder)
    #expect(throws: LedgerFault.self) { try Pseudonyms(keyIn: folder) }
  }

  /// With another key a person who comes again would be somebody new.
  @Test func casesAreOnlyGoneOnWithUnderTheirKey() throws {
    let desk = try Desk()
    let key = desk.state.path.appending("install.key")
    let old = try BoundedReader.read(key)
    let other = [UInt8](repeating: 9, count: 32)
    func fault() -> LedgerFault? {
      do throws(LedgerFault) {
        _ = try Ledger(desk.state)
        return nil
      } catch {
        return error
      }
    }
    // As long as there is no case, nothing is named with it.
    try DurableFile.write(other, as: "install.key", in: desk.state.directory)
    #expect(fault() == nil)
    try DurableFile.write(old, as: "install.key", in: desk.state.directory)
    #expect(fault() == nil)
    try desk.ledger.create(scan("a"), as: .accepted, by: 0)
    try #require(unlink(key.string) == 0)
    let missing = try #require(fault())
    #expect(missing.exitCode == .configuration && missing.description.contains("install.key is not there"))
    #expect(access(key.string, F_OK) != 0)
    try DurableFile.write(other, as: "install.key", in: desk.state.directory)
    let foreign = try #require(fault())
    #expect(foreign.exitCode == .configuration && foreign.description.contains("install.key is not the key"))
    // An earlier version kept nothing of it: the key that is there is taken for the right one, from now on.
    try desk.ledger.database.run("DELETE FROM meta WHERE key = 'install_key'")
    #expect(fault() == nil)
    try DurableFile.write(old, as: "install.key", in: desk.state.directory)
    #expect(fault()?.exitCode == .configuration)
  }

  /// Labels are keyed: by a known scan or name alone nobody finds them. From Python's hmac and base64.
  @Test func labelsAreHashesUnderTheKey() {
    let content = Digest(of: Array("abc".utf8))
    let ours = Pseudonyms(key: SecretKey(bytes: Array(0..<32)))
    #expect(ours.caseLabel(content: content) == "PSNKNZRELIMJT" && ours.subjectHash("P1") == "PSNA7FINZMFIRYCFYDE")
    #expect(
      "\(ours.holdoutRank(ofSubject: "PSNA7FINZMFIRYCFYDE"))"
        == "9ed01421582610e0e7f4d2ee32e3d97a799f2a80eaabc50ab8a6ccaee5840c04")
    #expect(
      Pseudonyms(key: SecretKey(bytes: Array(repeating: 7, count: 32))).caseLabel(content: content) == "PSN44GCSJJV2T")
  }

  @Test func aNewerLedgerIsRefused() throws {
    let desk = try Desk()
    try desk.ledger.database.execute("PRAGMA user_version = 99")
    let fault = #expect(throws: LedgerFault.self) { try Ledger(desk.state) }
    guard case .newer(found: 99, known: Schema.versions.count) = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
    #expect(fault?.exitCode == .configuration)
    #expect(throws: LedgerFault.self) { try Ledger(reading: desk.state.path) }
  }

  /// An upgrade makes a copy first; when a step of it fails the ledger is as it was, at its old version.
  @Test func anUpgradeCopiesFirstAndIsWholeOrNot() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    try ledger.create(scan("a"), as: .accepted, by: 0)
    let path = StateDirectory.ledgerPath(in: desk.state.path)
    let present = Schema.versions.count
    let broken = Schema.versions + ["CREATE TABLE extra (x INTEGER) STRICT", "CREATE TABLE cases (x)"]
    #expect(throws: LedgerFault.self) { try Schema.bring(ledger.database, at: path, to: broken) }
    #expect(try Schema.version(of: ledger.database) == present)
    #expect(try ledger.database.first("SELECT 1 FROM sqlite_master WHERE name = 'extra'") { $0.integer(0) } == nil)

    let copy = Schema.copyPath(of: path, version: present)
    #expect(copy.lastComponent?.string == "ledger.sqlite.v\(present).copy")
    let old = try Connection(copy, .reader)
    #expect(try old.first("SELECT count(*) FROM cases") { $0.integer(0) } == 1)
    #expect(try Schema.version(of: old) == present)

    // A later upgrade copies what is there then.
    try ledger.create(scan("b"), as: .accepted, by: 0)
    try Schema.bring(ledger.database, at: path, to: Array(broken.dropLast()))
    #expect(try Connection(copy, .reader).first("SELECT count(*) FROM cases") { $0.integer(0) } == 2)
    #expect(try Schema.version(of: ledger.database) == present + 1)
    #expect(try ledger.cases().count == 2)
  }

  /// A ledger as the first release wrote it is brought to this one; what it holds is as it was.
  @Test func aLedgerOfTheFirstVersionIsTakenOn() throws {
    let scratch = try Scratch()
    let path = StateDirectory.ledgerPath(in: scratch.path)
    let database = try Connection(path, .owner)
    try Schema.bring(database, at: path, to: Array(Schema.versions.prefix(1)))
    try database.execute(
      """
      INSERT INTO cycles (number, cause, order_digest, state, began) VALUES (1, 'first', '', 'published', 5);
      INSERT INTO generations (number, cycle, model_digest, optimizer_digest, gate, words, worker, published)
      VALUES (1, 1, '\(digest("m"))', '\(digest("o"))', '[]', '', '\(try CanonicalJSON.encode(worker))', 7);
      INSERT INTO meta VALUES ('current_generation', '1');
      """)
    try Schema.bring(database, at: path)
    let ledger = Ledger(database, nil, { Timestamp.now })
    #expect(try Schema.version(of: database) == Schema.versions.count)
    #expect(try ledger.currentGeneration()?.model == digest("m"))
    #expect(try ledger.generations().map(\.retired) == [nil])
    #expect(try ledger.retire(keeping: 0, by: 0).isEmpty)
  }

  @Test func aReaderSeesWhatIsWrittenAndWritesNothing() throws {
    let desk = try Desk()
    let reader = try Ledger(reading: desk.state.path)
    let name = try desk.ledger.create(scan("a"), as: .accepted, by: 0).label
    #expect(try reader.case(name).state == .accepted)
    #expect(throws: LedgerFault.self) { try reader.change(name, to: .held, by: 0) }
    #expect(throws: LedgerFault.self) { try reader.record(.serviceStarted, by: 0) }
    #expect(throws: LedgerFault.self) { try reader.create(scan("b"), as: .accepted, by: 0) }
    try desk.ledger.change(name, to: .held, by: 0)
    #expect(try reader.case(name).state == .held)
  }

  @Test func anInnerTransactionThatFailsLeavesTheOuterOne() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    try ledger.transaction { () throws(LedgerFault) in
      try ledger.setMeta("outer", to: "1")
      let inner = Result { () throws(LedgerFault) in
        try ledger.transaction { () throws(LedgerFault) in
          try ledger.setMeta("inner", to: "1")
          throw LedgerFault.conflict("enough")
        }
      }
      #expect(throws: LedgerFault.self) { try inner.get() }
    }
    #expect(try ledger.meta("outer") == "1" && ledger.meta("inner") == nil)
  }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
  ])
  func base32IsTheStandards(text: String, encoded: String) {
    #expect(Base32.encode(Array(text.utf8)) == encoded)
  }

  @Test func aLabelThatIsTakenIsExtended() throws {
    let desk = try Desk(key: Array(0..<32))
    let pseudonyms = Pseudonyms(key: SecretKey(bytes: Array(0..<32)))
    let content = Pseudonyms.content(voxels: scan("b").voxelDigest, geometry: scan("b").geometry)
    let short = pseudonyms.caseLabel(content: content)
    #expect(short.count == 13 && short.hasPrefix("PSN"))
    let other = try desk.ledger.create(scan("a"), as: .accepted, by: 0)
    try desk.ledger.database.run("UPDATE cases SET label = ? WHERE label = ?", .text(short), .text(other.label))
    let extended = try desk.ledger.create(scan("b"), as: .accepted, by: 0).label
    #expect(extended.count == 14 && extended.hasPrefix(short))
  }

  @Test func timePointsShareTheirSubject() throws {
    let desk = try Desk()
    let a = try desk.ledger.create(scan("a", subject: "P1", session: "01"), as: .accepted, by: 0)
    let b = try desk.ledger.create(scan("b", subject: "P1", session: "02"), as: .accepted, by: 0)
    #expect(a.subject == b.subject && a.label != b.label)
    #expect(try desk.ledger.cases(ofSubject: desk.ledger.subjectHash("P1")) == [a, b])
    #expect(!a.subject.contains("P1"))
  }

  private func mode(_ path: FilePath) -> UInt32 {
    var status = stat()
    stat(path.string, &status)
    return status.st_mode & 0o7777
  }
}

@Suite struct HoldoutTests {
  private let rank: (String) -> Digest = { digest($0) }

  @Test(arguments: 0...30) func theShareIsHeldOutAtLeastOneNeverAll(count: Int) {
    let subjects = Set((0..<count).map { "s\($0)" })
    let roles = Holdout.roles(of: subjects, share: 0.2, standing: [:], trained: [], rank: rank)
    let held = roles.values.count { $0 == .holdout }
    #expect(roles.count == count)
    #expect(held == (count < 2 ? 0 : max(1, Int((0.2 * Double(count)).rounded()))))
  }

  @Test func whoWasTrainedOnNeverJudgesWhereSomebodyElseCan() {
    var standing: [String: SubjectRole] = [:]
    for count in stride(from: 2, to: 40, by: 3) {
      let subjects = Set((0..<count).map { "s\($0)" })
      let roles = Holdout.roles(of: subjects, share: 0.3, standing: standing, trained: ["s5", "s9"], rank: rank)
      for (subject, role) in standing { #expect(roles[subject] == role) }
      #expect(roles["s5"] != .holdout && roles["s9"] != .holdout)
      standing = roles
    }
    let alone = Holdout.roles(of: ["a", "b"], share: 0.2, standing: [:], trained: ["a", "b"], rank: rank)
    #expect(alone.values.count { $0 == .holdout } == 1)
  }

  @Test func heldOutSubjectsAreNowhereInTraining() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    for subject in 1...6 {
      let first = try ledger.create(scan("\(subject)-1", subject: "P\(subject)"), as: .waiting, by: 0).label
      try ledger.promote(first, with: label(first), by: 0)
      try ledger.create(scan("\(subject)-2", subject: "P\(subject)"), as: .accepted, by: 0)
    }
    let held = try ledger.assignHoldout(share: 0.34, cycle: 1, by: 0)
    #expect(try held.count == 2 && ledger.expertSubjectCount() == 6)
    let members = try ledger.membership(in: Store(desk.state))
    #expect(members.holdout.count == 2 && members.trainingSet.count == 4 && members.pool.count == 4)
    #expect(Set(members.holdout.map(\.subject)) == held)
    #expect((members.trainingSet + members.pool).allSatisfy { !held.contains($0.subject) })
    #expect(members.pool.map(\.id) == members.pool.map(\.id).sorted())
  }
}
