import Contract
import Files
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Ledger

/// What becomes of files that were published and are not there.
@Suite struct OutboxSurveyTests {
  /// A study with one mask, published into the folder `outbox`.
  private final class Study {
    let desk: Desk
    let store: Store
    let name: String
    var path: FilePath { desk.scratch.path.appending("outbox") }
    var mask: FilePath { OutputNames(subject: name).mask(.draft) }

    init() throws {
      desk = try Desk()
      store = try Store(desk.state)
      name = try desk.ledger.create(scan("a"), as: .accepted, by: 0).label
      let model = try store.adopt(Array("model".utf8), as: .weights)
      try desk.ledger.beginCycle(1, cause: "labels", order: digest("order"), by: 0)
      _ = try desk.ledger.endCycle(
        1, with: result(.publish), model: model, optimizer: digest("adam"), files: [:], by: 0)
      try draw("mask", on: name)
    }

    /// Generation 1 has drawn a mask, whose file holds `content`.
    func draw(_ content: String, on label: String) throws {
      var drawn = figures(label)
      drawn.maskDigest = try store.adopt(Array(content.utf8), as: .image).description
      drawn.probabilityDigest = nil
      try desk.ledger.recordMask(of: label, generation: 1, threshold: 0.5, latent: nil, figures: drawn, by: 0)
    }

    /// As the service begins: with the folder that lies at the path now.
    func open() throws -> (outbox: Outbox, publisher: Publisher) {
      let outbox = Outbox(try desk.scratch.folder("outbox"), ledger: desk.ledger, by: 0)
      return (outbox, Publisher(ledger: desk.ledger, store: store, outbox: outbox))
    }

    /// Everything that the service does with the outbox at a start; answers what it had found.
    func begin() throws -> OutboxSurvey {
      let (outbox, publisher) = try open()
      let survey = try publisher.survey()
      try Dataset(name: "ms", version: "1").publish(in: outbox)
      for name in survey.unfinished { try publisher.publish(case: name) }
      return survey
    }

    func replaceFolder() throws {
      let aside = desk.scratch.path.appending("aside-\(UInt64.random(in: 0 ..< .max))")
      try #require(rename(path.string, aside.string) == 0)
      try #require(mkdir(path.string, 0o750) == 0)
    }

    func lies(_ path: FilePath) throws -> Bool { text(path, in: try Directory(self.path)) != nil }

    func noted() throws -> Int { try desk.ledger.auditRecords().count { $0.event == .outputMissing } }
  }

  @Test func whatIsThereIsLeftAlone() throws {
    let study = try Study()
    #expect(try study.begin() == OutboxSurvey(unfinished: [study.name], removed: [], lost: 0))
    let head = try study.desk.ledger.auditHead()
    for _ in 0..<2 { #expect(try study.begin() == OutboxSurvey()) }
    #expect(try study.desk.ledger.auditHead() == head)
  }

  /// The folder was moved away and made anew, or a share was mounted over it.
  @Test func anotherFolderGetsEverything() throws {
    let study = try Study()
    _ = try study.begin()
    try study.open().publisher.publishTable()
    try study.replaceFolder()
    let found = try study.begin()
    // The mask, its sidecar, the dataset's three, and the table.
    #expect(found == OutboxSurvey(unfinished: [study.name], removed: [], lost: 6))
    #expect(try study.lies(study.mask) && study.lies("README"))
    #expect(try study.noted() == 1)
    #expect(try study.begin() == OutboxSurvey())
    #expect(try study.desk.ledger.verifyAudit().isWhole)
  }

  /// A kill after the look and before the writing: the next start knows by the ledger alone.
  @Test func whatIsLostIsUnfinishedUntilItIsWritten() throws {
    let study = try Study()
    _ = try study.begin()
    try study.replaceFolder()
    let (outbox, publisher) = try study.open()
    #expect(try publisher.survey().unfinished == [study.name])
    try Dataset(name: "ms", version: "1").publish(in: outbox)
    #expect(try study.begin() == OutboxSurvey(unfinished: [study.name], removed: [], lost: 0))
    #expect(try study.lies(study.mask))
  }

  /// INTAKE 161.
  @Test func whatAPersonRemovedIsSaidOnceAndComesBackWithTheNextMask() throws {
    let study = try Study()
    _ = try study.begin()
    unlink(study.path.appending(study.mask.components).string)
    #expect(try study.begin() == OutboxSurvey(unfinished: [], removed: [study.name], lost: 0))
    #expect(try study.begin() == OutboxSurvey())
    #expect(try !study.lies(study.mask) && study.noted() == 1)
    // Nor does it come back where a host has given the folder's device another number.
    try study.desk.ledger.setMeta(OutboxSurvey.placeFact, to: "0 0")
    #expect(try study.begin() == OutboxSurvey())
    #expect(try !study.lies(study.mask))

    try study.open().publisher.publish(case: study.name)
    #expect(try study.lies(study.mask))
    #expect(try study.desk.ledger.output(at: study.mask)?.missing == nil)
    unlink(study.path.appending(study.mask.components).string)
    #expect(try study.begin().removed == [study.name])
    // Put back by hand it is there again, and the next removal is one.
    try write("mask", as: study.mask, in: try Directory(study.path))
    #expect(try study.begin() == OutboxSurvey())
    #expect(try study.desk.ledger.output(at: study.mask)?.missing == nil)
    #expect(try study.noted() == 2)
  }

  /// What lay elsewhere when it was written, and is not where the share is now, is written again; what is there is not.
  @Test func aShareThatIsMountedLateGetsWhatItLacks() throws {
    let study = try Study()
    _ = try study.begin()
    let share = study.desk.scratch.path.appending("share")
    try #require(rename(study.path.string, share.string) == 0)
    try #require(mkdir(study.path.string, 0o750) == 0)
    #expect(try study.begin().lost == 5)
    let other = try study.desk.ledger.create(scan("b"), as: .accepted, by: 0).label
    try study.draw("other", on: other)
    #expect(try study.begin().unfinished == [other])

    let aside = study.desk.scratch.path.appending("aside")
    try #require(rename(study.path.string, aside.string) == 0)
    try #require(rename(share.string, study.path.string) == 0)
    #expect(try study.begin() == OutboxSurvey(unfinished: [other], removed: [], lost: 2))
    #expect(try study.lies(OutputNames(subject: other).mask(.draft)) && study.lies(study.mask))
  }
  /// What was written anew while another folder lay there is old where the share is: masks and tables, but nothing that
  /// somebody has edited.
  @Test func aShareThatIsMountedLateLosesWhatIsOld() throws {
    let study = try Study()
    _ = try study.begin()
    try study.open().publisher.publishTable()
    try write("edited", as: OutputNames.sidecar(of: study.mask), in: try Directory(study.path))
    let share = study.desk.scratch.path.appending("share")
    try #require(rename(study.path.string, share.string) == 0)
    try #require(mkdir(study.path.string, 0o750) == 0)
    _ = try study.begin()
    try study.draw("newer", on: study.name)
    try study.open().publisher.publish(case: study.name)
    try study.open().publisher.publishTable()

    let aside = study.desk.scratch.path.appending("aside")
    try #require(rename(study.path.string, aside.string) == 0)
    try #require(rename(share.string, study.path.string) == 0)
    let found = try study.begin()
    #expect(found == OutboxSurvey(unfinished: [study.name], removed: [], lost: 0, outdated: 2))
    try study.open().publisher.publishTable()
    let directory = try Directory(study.path)
    #expect(text(study.mask, in: directory) == "newer")
    #expect(text(OutputNames.sidecar(of: study.mask), in: directory) == "edited")
    #expect(text("lesions.tsv", in: directory) == text("lesions.tsv", in: try Directory(aside)))
    #expect(try study.begin() == OutboxSurvey())
  }

  /// The share comes back before everything was written into the folder that lay there meanwhile: the ledger has forgotten
  /// what nobody has written anew, and it is ours all the same, as it was or of an earlier state. What somebody edited is not.
  @Test func aShareThatComesBackTooEarlyIsKnown() throws {
    let study = try Study()
    let others = try ["b", "c"].map { (name: String) throws -> String in
      let label = try study.desk.ledger.create(scan(name), as: .accepted, by: 0).label
      try study.draw("mask \(name)", on: label)
      return label
    }
    _ = try study.begin()
    let mask = { (label: String) -> FilePath in OutputNames(subject: label).mask(.draft) }
    try write("edited", as: mask(others[1]), in: try Directory(study.path))
    let share = study.desk.scratch.path.appending("share")
    try #require(rename(study.path.string, share.string) == 0)
    try #require(mkdir(study.path.string, 0o750) == 0)
    // All is lost here, and nothing is written anew but one mask.
    let (_, publisher) = try study.open()
    #expect(Set(try publisher.survey().unfinished) == Set([study.name] + others))
    try publisher.publish(case: study.name)
    try study.draw("newer", on: others[0])

    let aside = study.desk.scratch.path.appending("aside")
    try #require(rename(study.path.string, aside.string) == 0)
    try #require(rename(share.string, study.path.string) == 0)
    let (_, back) = try study.open()
    _ = try back.survey()
    #expect(try back.publish(case: study.name).values.allSatisfy { $0 == .unchanged })
    #expect(try back.publish(case: others[0])[mask(others[0])] == .published)
    #expect(try back.publish(case: others[1])[mask(others[1])] == .edited(found: digest("edited")))
    let directory = try Directory(study.path)
    #expect(text(mask(study.name), in: directory) == "mask")
    #expect(text(mask(others[0]), in: directory) == "newer")
    #expect(text(mask(others[1]), in: directory) == "edited")
  }

  /// A mount gives a share another device number each time; its mark stays.
  @Test func aFolderIsKnownByItsMark() throws {
    let study = try Study()
    _ = try study.begin()
    let place = try study.open().outbox.place
    #expect(try place != nil && study.desk.ledger.meta(OutboxSurvey.placeFact) == place)
    let (share, aside) = (study.desk.scratch.path.appending("share"), study.desk.scratch.path.appending("aside"))
    // The same content with other inodes.
    try FileManager.default.copyItem(atPath: study.path.string, toPath: share.string)
    try #require(rename(study.path.string, aside.string) == 0)
    try #require(rename(share.string, study.path.string) == 0)
    unlink(study.path.appending(study.mask.components).string)
    #expect(try study.begin() == OutboxSurvey(unfinished: [], removed: [study.name], lost: 0))
  }
}
