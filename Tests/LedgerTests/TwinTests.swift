import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

/// The ledger's twin in memory: states and what changes them, in as few words as possible.
struct Twin: Equatable {
  var states: [String: CaseState] = [:]
  var revisions: [String: Int] = [:]
  var masks: [String: Int] = [:]
  var generations = 0
  var cycles = 0
  var running = false
}

/// Operations drawn at random, on ledger and twin alike.
struct RandomOperations {
  var generator: SplitMix
  private var made = 0

  init(seed: UInt64) { generator = SplitMix(state: seed) }

  /// Does one operation on both; answers whether the ledger refused. It must refuse exactly when the twin does.
  mutating func step(_ ledger: Ledger, _ twin: inout Twin) throws {
    let known = twin.states.keys.sorted().randomElement(using: &generator)
    switch (Int.random(in: 0..<10, using: &generator), known) {
    case (0...1, _), (_, nil):
      made += 1
      let state = [CaseState.accepted, .waiting, .held, .rejected].randomElement(using: &generator) ?? .accepted
      twin.states[try ledger.create(scan("\(made)"), as: state, by: 0).label] = state
    case (2...4, let name?):
      let state = CaseState.allCases.randomElement(using: &generator) ?? .accepted
      let isAllowed = twin.states[name]?.successors.contains(state) ?? false
      try expect(isAllowed) { try ledger.change(name, to: state, by: 0) }
      if isAllowed { twin.states[name] = state }
    case (5, let name?):
      let isAllowed = twin.states[name] == .expert || twin.states[name]?.successors.contains(.expert) == true
      try expect(isAllowed) {
        try ledger.promote(name, with: label("\(name) \(twin.revisions[name] ?? 0)"), by: 1000)
      }
      if isAllowed {
        twin.states[name] = .expert
        twin.revisions[name, default: 0] += 1
      }
    case (6...7, let name?):
      guard twin.generations > 0 else { return }
      let isWanted = [.accepted, .drafted, .pseudo].contains(twin.states[name])
      let wasTaken = try ledger.recordMask(
        of: name, generation: twin.generations, threshold: 0.5, latent: nil, figures: figures(name), by: 0)
      #expect(wasTaken == isWanted)
      if isWanted { twin.masks[name] = twin.generations }
      if twin.states[name] == .accepted { twin.states[name] = .drafted }
    case (8, _):
      try expect(!twin.running) {
        try ledger.beginCycle(twin.cycles + 1, cause: "command", order: digest("order"), by: 0)
      }
      if !twin.running { twin.cycles += 1 }
      twin.running = true
    case (_, _):
      try endCycle(ledger, &twin)
    }
  }

  private mutating func endCycle(_ ledger: Ledger, _ twin: inout Twin) throws {
    let chosen = twin.states.keys.sorted().filter { _ in Bool.random(using: &generator) }
    let outcome: CycleResult.Outcome = Bool.random(using: &generator) ? .publish : .refused
    // Now and then a pseudo-label is missing: nothing of the cycle may be recorded then.
    let isMissing = outcome == .publish && !chosen.isEmpty && Int.random(in: 0..<4, using: &generator) == 0
    try expect(twin.running && !isMissing) {
      _ = try ledger.endCycle(
        twin.cycles, with: result(outcome, selecting: chosen), model: digest("m"), optimizer: digest("o"),
        files: selectionFiles(isMissing ? Array(chosen.dropLast()) : chosen), by: 0)
    }
    guard twin.running, !isMissing else { return }
    twin.running = false
    guard outcome == .publish else { return }
    twin.generations += 1
    for name in chosen where twin.states[name]?.isInPool == true { twin.states[name] = .pseudo }
  }

  private func expect(_ isAllowed: Bool, _ act: () throws -> Void) throws {
    if isAllowed { try act() } else { #expect(throws: LedgerFault.self) { try act() } }
  }
}

/// A small generator with a seed (Steele et al., "Fast splittable pseudorandom number generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension Ledger {
  /// The ledger as its twin sees it.
  func twin() throws -> Twin {
    var twin = Twin()
    for known in try cases() {
      twin.states[known.label] = known.state
      if let last = try labels(of: known.label).last { twin.revisions[known.label] = last.revision }
      if let last = try masks(of: known.label).last { twin.masks[known.label] = last.generation }
    }
    twin.generations = try currentGeneration()?.number ?? 0
    twin.cycles = try cycles().count
    twin.running = try runningCycle() != nil
    return twin
  }
}

@Suite struct TwinTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func theLedgerDoesWhatItsTwinDoes(seed: UInt64) throws {
    let desk = try Desk()
    var twin = Twin()
    var operations = RandomOperations(seed: seed)
    for _ in 0..<150 {
      try operations.step(desk.ledger, &twin)
      #expect(try desk.ledger.twin() == twin)
    }
    #expect(try desk.ledger.verifyAudit().isWhole)
    #expect(try Ledger(reading: desk.state.path).twin() == twin)
  }
}

@Suite struct CrashTests {
  /// A power cut leaves any prefix of the write-ahead log. Whatever it is, what is found after it is the ledger as it
  /// was after one of the operations: all of an operation or nothing.
  @Test(arguments: [11, 12] as [UInt64]) func aPowerCutLeavesWholeOperations(seed: UInt64) throws {
    let desk = try Desk()
    let ledger = desk.ledger
    try ledger.checkpoint()
    try ledger.database.execute("PRAGMA wal_autocheckpoint = 0")
    var twin = Twin()
    var operations = RandomOperations(seed: seed)
    var moments = [try Moment(ledger)]
    for _ in 0..<40 {
      try operations.step(ledger, &twin)
      moments.append(try Moment(ledger))
    }
    let database = StateDirectory.ledgerPath(in: desk.state.path)
    let whole = try BoundedReader.read(database)
    let log = try BoundedReader.read(FilePath(database.string + "-wal"))
    var generator = SplitMix(state: seed)
    var found: Set<Int> = []
    for _ in 0..<60 {
      let cut = Int.random(in: 0...log.count, using: &generator)
      found.insert(try reopened(whole, Array(log[..<cut]), desk.scratch, among: moments))
    }
    // A torn page at the cut: bytes past it are those of another time.
    for _ in 0..<20 {
      let cut = Int.random(in: 0..<log.count, using: &generator)
      found.insert(try reopened(whole, log[..<cut] + log[cut...].map { ~$0 }, desk.scratch, among: moments))
    }
    #expect(try reopened(whole, log, desk.scratch, among: moments) == moments.count - 1)
    #expect(found.count > 5)
  }

  /// The process dies within a transaction: a copy of the files at that very moment has nothing of it.
  @Test func aKillWithinATransactionLeavesNothingOfIt() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let name = try ledger.create(scan("a"), as: .accepted, by: 0).label
    let before = [try Moment(ledger)]
    let database = StateDirectory.ledgerPath(in: desk.state.path)
    try ledger.database.execute("PRAGMA cache_size = 1; PRAGMA cache_spill = 1")
    let logBefore = try BoundedReader.read(FilePath(database.string + "-wal")).count
    var copy: (whole: [UInt8], log: [UInt8])?
    try ledger.transaction { () throws(LedgerFault) in
      for index in 0..<40 { try ledger.create(scan("new \(index)"), as: .accepted, by: 0) }
      try ledger.change(name, to: .held, by: 0)
      copy = (try? BoundedReader.read(database)).flatMap { whole in
        (try? BoundedReader.read(FilePath(database.string + "-wal"))).map { (whole, $0) }
      }
    }
    let taken = try #require(copy)
    // Part of the transaction had reached the log by then.
    #expect(taken.log.count > logBefore)
    #expect(try reopened(taken.whole, taken.log, desk.scratch, among: before) == 0)
    #expect(try ledger.cases().count == 41)
  }

  /// A fault after each of the writes of a cycle's end: nothing of it is there, and the same call succeeds later.
  @Test func aFaultWithinAnOperationLeavesNothingOfIt() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    let names = try (0..<3).map { try ledger.create(scan("\($0)"), as: .accepted, by: 0).label }
    try ledger.beginCycle(1, cause: "command", order: digest("order"), by: 0)
    let before = try Moment(ledger)
    let end = {
      try ledger.endCycle(
        1, with: result(.publish, selecting: names), model: digest("m"), optimizer: digest("o"),
        files: selectionFiles(names), by: 0)
    }
    for table in ["generations", "meta", "selections", "audit"] {
      try ledger.database.execute(
        "CREATE TEMP TRIGGER broken BEFORE INSERT ON main.\(table) BEGIN SELECT raise(ABORT, 'broken'); END")
      #expect(throws: LedgerFault.self) { try end() }
      try ledger.database.execute("DROP TRIGGER broken")
      #expect(try Moment(ledger) == before)
    }
    for table in ["cases", "cycles"] {
      try ledger.database.execute(
        "CREATE TEMP TRIGGER broken BEFORE UPDATE ON main.\(table) BEGIN SELECT raise(ABORT, 'broken'); END")
      #expect(throws: LedgerFault.self) { try end() }
      try ledger.database.execute("DROP TRIGGER broken")
      #expect(try Moment(ledger) == before)
    }
    #expect(try end().selected == names)
  }

  /// INTAKE: disk full on the state volume. Nothing half-recorded; it goes on by itself.
  @Test func aFullDiskRecordsNothing() throws {
    let desk = try Desk()
    let ledger = desk.ledger
    try ledger.create(scan("first"), as: .accepted, by: 0)
    let pages = try ledger.database.first("PRAGMA page_count") { $0.integer(0) } ?? 0
    try ledger.database.execute("PRAGMA max_page_count = \(pages)")
    var made = 0
    var before = try Moment(ledger)
    var fault: LedgerFault?
    while fault == nil, made < 500 {
      do throws(LedgerFault) {
        try ledger.create(scan("\(made)"), as: .accepted, by: 0)
        made += 1
        before = try Moment(ledger)
      } catch { fault = error }
    }
    #expect(fault?.isDiskFull == true && fault?.exitCode == .ioError)
    #expect(try Moment(ledger) == before)
    try ledger.database.execute("PRAGMA max_page_count = 1000000")
    try ledger.create(scan("\(made)"), as: .accepted, by: 0)
    #expect(try ledger.verifyAudit().isWhole)
  }

  private func reopened(
    _ whole: [UInt8], _ log: [UInt8], _ scratch: Scratch, among moments: [Moment]
  ) throws -> Int {
    let folder = try scratch.folder("reopened-\(UInt64.random(in: 0 ..< .max))")
    try DurableFile.write(whole, as: "ledger.sqlite", in: folder)
    try DurableFile.write(log, as: "ledger.sqlite-wal", in: folder)
    let key = try BoundedReader.read(scratch.path.appending("state/install.key"))
    try DurableFile.write(key, as: "install.key", in: folder)
    let ledger = try Ledger(try StateDirectory(claiming: folder.path))
    #expect(try ledger.verifyAudit().isWhole)
    return try #require(moments.lastIndex(of: try Moment(ledger)))
  }
}

/// All that can be seen of a ledger.
private struct Moment: Equatable {
  let head: AuditHead
  let dump: String

  init(_ ledger: Ledger) throws(LedgerFault) {
    head = try ledger.auditHead()
    dump = try ledger.canonicalDump()
  }
}
