import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

/// A study with files in its store, of which generations are given up.
private final class Study {
  let desk: Desk
  let store: Store
  var ledger: Ledger { desk.ledger }
  private(set) var labels: [String] = []
  private var made = 0

  init() throws {
    desk = try Desk()
    store = try Store(desk.state)
  }

  /// A file of the store with content that no other has, unless it is said.
  func file(_ kind: Store.Kind, _ content: String? = nil) throws -> Digest {
    made += 1
    return try store.adopt(Array((content ?? "\(made)").utf8), as: kind)
  }

  /// Its outbox, in which masks of so many earlier generations lie beside the newest.
  func open(keeping count: Int) throws -> (outbox: Outbox, publisher: Publisher) {
    let outbox = Outbox(try desk.scratch.folder("outbox"), ledger: ledger, by: 0)
    var publisher = Publisher(ledger: ledger, store: store, outbox: outbox)
    publisher.keptGenerations = count
    return (outbox, publisher)
  }

  @discardableResult
  func add() throws -> String {
    let name = "s\(labels.count)"
    let copy = try file(.image)
    var new = scan(name)
    new.canonicalDigest = copy
    let label = try ledger.create(new, as: .accepted, by: 0).label
    labels.append(label)
    return label
  }

  /// A whole cycle; answers its generation.
  @discardableResult
  func cycle(_ outcome: CycleResult.Outcome = .publish, selecting chosen: [String] = []) throws -> Int? {
    let number = try ledger.nextCycleNumber()
    try ledger.beginCycle(number, cause: "command", order: digest("order"), by: 0)
    var files: [String: SelectionFiles] = [:]
    for label in outcome == .publish ? chosen : [] {
      files[label] = SelectionFiles(mask: try file(.image), referenceMask: try file(.image))
    }
    return try ledger.endCycle(
      number, with: result(outcome, selecting: Array(files.keys)), model: try file(.weights),
      optimizer: outcome == .publish ? try file(.weights) : nil, files: files, by: 0
    ).generation
  }

  func mask(_ label: String, by generation: Int, probability: String? = nil) throws {
    var measured = figures(label)
    measured.maskDigest = try file(.image).description
    measured.probabilityDigest = try file(.image, probability).description
    try ledger.recordMask(
      of: label, generation: generation, threshold: 0.5, latent: try file(.vector), figures: measured, by: 0)
  }

  func promote(_ label: String) throws {
    let drawn = try file(.image)
    try ledger.promote(label, with: NewLabel(digest: drawn, inputDigest: drawn, owner: 1, foreground: 3), by: 1)
  }

  /// The files of the store.
  var contents: Set<Digest> { get throws { Set(try store.contents().map(\.digest)) } }

  /// What the store must hold, worked out from the records one by one.
  func needed() throws -> Set<Digest> {
    var needed: Set<Digest?> = []
    for known in try ledger.cases() {
      needed.formUnion([known.canonicalDigest, known.brainDigest])
      needed.formUnion(try ledger.labels(of: known.label).map(\.digest))
      for selection in try ledger.selections(of: known.label) {
        needed.formUnion([selection.mask, selection.referenceMask])
      }
      for mask in try ledger.masks(of: known.label) where mask.retired == nil {
        needed.formUnion(
          [mask.figures.maskDigest, mask.figures.probabilityDigest].map { text in
            text.flatMap { Digest(hexadecimal: $0) }
          })
        needed.insert(mask.latentDigest)
      }
    }
    for generation in try ledger.generations() where generation.retired == nil {
      needed.formUnion([generation.model, generation.optimizer])
    }
    needed.formUnion(try ledger.attempts().map(\.model))
    return Set(needed.compactMap { $0 })
  }
}

@Suite struct RetentionTests {
  /// The rule in plain words against the ledger's SQL, over studies that chance has made.
  @Test(arguments: 0..<6) func theLedgerGivesUpWhatTheRuleSays(seed: Int) throws {
    var chance = Chance(seed: UInt64(seed))
    let study = try Study()
    let ledger = study.ledger
    for _ in 0..<4 { try study.add() }
    for _ in 0..<chance.below(9) + 2 {
      let pool = try study.labels.filter { try ledger.case($0).state.isInPool }
      try study.cycle(chance.below(4) == 0 ? .refused : .publish, selecting: Array(pool.prefix(chance.below(2))))
      guard let current = try ledger.currentGeneration()?.number else { continue }
      if chance.below(3) == 0 { try study.add() }
      for label in study.labels where chance.below(3) > 0 { try study.mask(label, by: current) }
      let one = study.labels[chance.below(study.labels.count)]
      switch chance.below(6) {
      case 0: _ = try? ledger.change(one, to: .held, reason: .workerCrashed, by: 0)
      case 1: try study.promote(one)
      case 2 where current > 1: _ = try? ledger.setCurrentGeneration(current - 1, by: 0)
      default: break
      }
      if chance.below(3) == 0 { try ledger.retire(keeping: chance.below(4), by: 0) }
    }
    if chance.below(2) == 0 {
      try ledger.beginCycle(try ledger.nextCycleNumber(), cause: "command", order: digest("order"), by: 0)
    }

    let count = chance.below(4)
    let current = try #require(try ledger.currentGeneration()?.number)
    let all = try ledger.generations()
    let earlier = all.map(\.number).filter { $0 < current }.sorted().suffix(count)
    let isKept = { (number: Int) in number >= current || earlier.contains(number) }
    var mayStay: [String: Set<Int>] = [:]
    for label in study.labels {
      let masks = try ledger.masks(of: label)
      let hasUse = try ledger.case(label).state != .expert
      mayStay[label] = Set(
        masks.filter { mask in
          mask.retired == nil && (isKept(mask.generation) || hasUse && mask.generation == masks.last?.generation)
        }.map(\.generation))
    }
    let inUse = mayStay.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
    let base = try ledger.runningCycle() == nil ? nil : current
    let weights = all.filter {
      $0.retired == nil && (isKept($0.number) || inUse.contains($0.number) || $0.number == base)
    }.map(\.number)

    try ledger.retire(keeping: count, by: 0)
    for label in study.labels {
      let left = try ledger.masks(of: label).filter { $0.retired == nil }.map(\.generation)
      #expect(Set(left) == mayStay[label], "case \(label)")
    }
    #expect(try ledger.generations().filter { $0.retired == nil }.map(\.number) == weights)
    #expect(weights.contains(current))
    #expect(try study.contents.isSuperset(of: study.needed()))
    try ledger.removeDiscards(from: study.store)
    #expect(try study.contents == study.needed())
    #expect(try !ledger.hasDiscards())
    #expect(try ledger.retire(keeping: count, by: 0).isEmpty)
    #expect(try ledger.verifyAudit().isWhole)
  }

  @Test func aFileThatTwoRecordsShareStaysAsLongAsOneNeedsIt() throws {
    let study = try Study()
    let (a, b) = (try study.add(), try study.add())
    try study.cycle()
    // Two scans without a lesion have the same map: all zeros.
    try study.mask(a, by: 1, probability: "zeros")
    try study.mask(b, by: 1, probability: "zeros")
    try study.cycle()
    try study.mask(a, by: 2)
    #expect(try study.ledger.retire(keeping: 0, by: 0) == Retirement(generations: [], masks: 1))
    try study.ledger.removeDiscards(from: study.store)
    #expect(study.store.holds(digest("zeros"), .image))
    try study.mask(b, by: 2)
    #expect(try study.ledger.retire(keeping: 0, by: 0) == Retirement(generations: [1], masks: 1))
    // Before it is removed it is made once more.
    try study.cycle()
    try study.mask(b, by: 3, probability: "zeros")
    try study.ledger.removeDiscards(from: study.store)
    #expect(study.store.holds(digest("zeros"), .image))
    #expect(try study.contents == study.needed())
  }

  /// Whoever has a file removed need not know what else refers to it: a mask of no case may be the one that another case has.
  @Test func whatIsReferredToIsNeverRemoved() throws {
    let study = try Study()
    let (drafted, expert) = (try study.add(), try study.add())
    try study.ledger.setBrain(try study.file(.image), of: drafted)
    try study.promote(expert)
    try study.cycle(selecting: [try study.add()])
    try study.cycle(.refused)
    try study.mask(drafted, by: 1)
    let before = try study.contents
    #expect(try study.needed() == before && before.count == 13)
    for (digest, kind) in try study.store.contents() { try study.ledger.discard(digest, kind) }
    let stray = try study.file(.image)
    try study.ledger.discard(stray, .image)
    while try study.ledger.hasDiscards() { try study.ledger.removeDiscards(from: study.store, limit: 3) }
    #expect(try study.contents == before)
  }

  @Test func whatACrashLeftIsRemovedAtTheNextStart() throws {
    let study = try Study()
    for _ in 0..<3 { try study.cycle() }
    try study.cycle(.refused)
    let before = try study.contents
    #expect(try study.ledger.retire(keeping: 1, by: 0).generations == [1])
    // The service dies here, and another opens the ledger.
    let next = try Ledger(study.desk.state)
    #expect(try next.discards().count == 2 && study.contents == before)
    try next.removeDiscards(from: study.store, limit: 1)
    #expect(try next.discards().count == 1)
    // Removed, and not noted: it is gone already when it is to be removed again.
    let left = try next.discards()[0]
    try study.store.remove(left.digest, left.kind)
    try next.removeDiscards(from: study.store)
    #expect(try !next.hasDiscards())
    #expect(try study.contents == study.needed())
  }

  @Test func whatIsInWorkIsNotTakenAway() throws {
    let study = try Study()
    try study.cycle()
    try study.cycle()
    #expect(try study.ledger.retire(keeping: 0, busy: [1], by: 0).generations == [])
    #expect(try study.ledger.retire(keeping: 0, by: 0).generations == [1])
    let fault = #expect(throws: LedgerFault.self) { try study.ledger.setCurrentGeneration(1, by: 0) }
    #expect(fault?.description.contains("keep_generations") == true)
    let record = try study.ledger.auditRecords().last { $0.event == .generationRetired }
    #expect(record?.facts["generation"] == "1")
    #expect(record?.facts["model_sha256"] == (try study.ledger.generation(1).model.description))
  }

  @Test func refusedWeightsStayWhileThereIsSomethingToCompareThemWith() throws {
    let study = try Study()
    try study.cycle()
    try study.cycle(.refused)
    try study.cycle()
    try study.cycle(.refused)
    try study.ledger.retire(keeping: 1, by: 0)
    #expect(try study.ledger.attempts().map { $0.model != nil } == [true, true])
    try study.ledger.retire(keeping: 0, by: 0)
    #expect(try study.ledger.attempts().map { $0.model != nil } == [false, true])
  }

  @Test func aGateThatRefusesEveryNightFillsNoDisk() throws {
    let study = try Study()
    try study.cycle()
    for _ in 0..<5 {
      try study.cycle(.refused)
      try study.ledger.retire(keeping: 1, by: 0)
    }
    #expect(try study.ledger.attempts().map { $0.model != nil } == [false, false, false, true, true])
    #expect(try study.ledger.discards().count(where: { $0.kind == .weights }) == 3)
  }

  /// One file that cannot be removed keeps no other from going.
  @Test func whatCannotBeRemovedKeepsNothingElse() throws {
    let study = try Study()
    let (outbox, publisher) = try study.open(keeping: 1)
    let label = try study.add()
    let names = OutputNames(subject: label)
    for generation in 1...2 {
      try study.cycle()
      try study.mask(label, by: generation)
      try publisher.publish(case: label)
    }
    let stuck = names.mask(.draft, keptOf: 1)
    let place = outbox.directory.path.appending(stuck.components).string
    try #require(unlink(place) == 0 && symlink("elsewhere", place) == 0)
    let faults = try study.open(keeping: 0).publisher.removeOutdated()
    #expect(faults.map(\.errno) == [.tooManySymbolicLinkLevels])
    #expect(try study.ledger.outputs(of: label).filter { OutputNames.isKept($0.path) }.map(\.path) == [stuck])
  }

  /// The outbox keeps a mask of each of the last generations beside the newest, under names that say which.
  @Test func olderMasksLieBesideTheNewestAndGoWhenTheirTimeIsOver() throws {
    let study = try Study()
    let (outbox, publisher) = try study.open(keeping: 1)
    let label = try study.add()
    let names = OutputNames(subject: label)
    let files = { (generations: [Int]) throws -> Set<String> in
      let masks =
        generations.dropLast().map { names.mask(.draft, keptOf: $0) } + [names.mask(.draft), names.probability]
      return Set((masks + masks.map(OutputNames.sidecar)).map(\.string))
    }
    for generation in 1...3 {
      try study.cycle()
      try study.mask(label, by: generation)
      let made = try #require(try study.ledger.masks(of: label).last)
      try publisher.publish(case: label)
      try publisher.publishModels()
      let paths = Set(try study.ledger.outputs(of: label).map(\.path.string))
      #expect(paths == (try files(Array([1, 2, 3][max(0, generation - 2)..<generation]))))
      for path in paths { #expect(text(FilePath(path), in: outbox.directory) != nil) }
      #expect(try study.ledger.output(at: names.mask(.draft))?.digest?.description == made.figures.maskDigest)
    }
    let old = try #require(try study.ledger.masks(of: label).first { $0.generation == 2 })
    #expect(
      try study.ledger.output(at: names.mask(.draft, keptOf: 2))?.digest?.description == old.figures.maskDigest)
    let sidecar = text(OutputNames.sidecar(of: names.mask(.draft, keptOf: 2)), in: outbox.directory) ?? ""
    #expect(sidecar.contains("\"Generation\": 2") && sidecar.contains("\"Kind\": \"draft\""))
    let described = text("descriptions.tsv", in: outbox.directory) ?? ""
    #expect(described.contains("\ndraftGen0002\t") && !described.contains("Gen0001"))

    // A case that is held is not published any more; what lies there of it goes all the same.
    try study.ledger.change(label, to: .held, reason: .workerCrashed, by: 0)
    try study.cycle()
    try study.cycle()
    #expect(try publisher.removeOutdated().isEmpty)
    #expect(Set(try study.ledger.outputs(of: label).map(\.path.string)) == (try files([3])))
    try study.ledger.retire(keeping: 1, by: 0)
    try publisher.publishModels()
    try study.ledger.removeDiscards(from: study.store)
    // Its mask is by generation 3: that stays, in the state and in the outbox.
    let weights = try outbox.directory.directory("models").names().map(\.string).filter { $0.hasSuffix("safetensors") }
    #expect(
      weights == ["popcorn_gen-0003.safetensors", "popcorn_gen-0004.safetensors", "popcorn_gen-0005.safetensors"])
    #expect(text("models/popcorn_gen-0001.json", in: outbox.directory) != nil)
    let sums = (text("models/SHA256SUMS", in: outbox.directory) ?? "").split(separator: "\n")
    #expect(sums.count == 3)
  }
}

/// Chance for a test, the same for the same seed: SplitMix64.
private struct Chance {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}
