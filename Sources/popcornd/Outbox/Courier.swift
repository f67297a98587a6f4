import Contract
import Files
import Glibc
import Ledger
import SystemPackage

/// What is to be carried to a share. It names what to look at; what belongs there is read from the ledger when its turn
/// comes. So it never holds more than a name for each case, however long a share hangs.
struct Load: Sendable {
  /// The status pages, and the folder that they belong to.
  struct Pages: Sendable {
    let folder: FilePath
    let report: StatusReport
    let queue: QueueTable
    let labelNext: LabelNextTable
  }

  /// At a start, and until the outbox could be used: what a crash left is removed, the dataset's own files are written,
  /// what is missing is looked for.
  var dataset: Dataset?
  /// Cases whose files have changed.
  var cases: Set<String> = []
  var hasModels = false
  var hasTable = false
  /// Masks of generations that are not kept are removed.
  var removesOutdated = false
  /// The newest alone: nobody reads older ones.
  var pages: Pages?
  /// The end of the audit chain, for the file elsewhere.
  var auditHead: AuditHead?

  var isEmpty: Bool { !isForOutbox && pages == nil && auditHead == nil }

  /// Whether something of it goes into the outbox.
  var isForOutbox: Bool { dataset != nil || !cases.isEmpty || hasModels || hasTable || removesOutdated }

  /// Takes off as much as is carried at once: so a way that is long is one on which a share hangs.
  mutating func takePortion() -> Load {
    var portion = self
    portion.cases = Set(cases.sorted().prefix(32))
    cases.subtract(portion.cases)
    (dataset, pages, auditHead) = (nil, nil, nil)
    if cases.isEmpty {
      (hasModels, hasTable, removesOutdated) = (false, false, false)
    } else {
      (portion.hasModels, portion.hasTable, portion.removesOutdated) = (false, false, false)
    }
    return portion
  }

  /// Leaves out what `other` has, whatever came of it.
  mutating func forget(_ other: Load) {
    if other.dataset != nil { dataset = nil }
    cases.subtract(other.cases)
    if other.hasModels { hasModels = false }
    if other.hasTable { hasTable = false }
    if other.auditHead != nil { auditHead = nil }
  }

  /// Takes this one on as well.
  mutating func add(_ other: Load) {
    dataset = other.dataset ?? dataset
    cases.formUnion(other.cases)
    hasModels = hasModels || other.hasModels
    hasTable = hasTable || other.hasTable
    removesOutdated = removesOutdated || other.removesOutdated
    pages = other.pages ?? pages
    // A later end vouches for those before it.
    auditHead = [auditHead, other.auditHead].compactMap { $0 }.max { $0.seq < $1.seq }
  }
}

/// What came of a load.
struct Delivery: Sendable {
  /// Cases whose files are as they belong.
  var delivered: Set<String> = []
  /// Whether the outbox was furnished and looked through.
  var isPrepared = false
  /// Cases that were found to lack a file.
  var found: [String] = []
  /// How many files lie in another folder than the outbox is now, or are of an earlier state there: they are written again.
  var lost = 0
  /// Cases of which somebody has removed a file.
  var removed: [String] = []
  /// Cases of which somebody has edited a file.
  var edited: Set<String> = []
  /// Of the files that are of no case, whether somebody has edited them.
  var ownFiles: [FilePath: Bool] = [:]
  /// Whether the masks of generations that are not kept were gone through.
  var isCleared = false
  /// How many of them could not be removed.
  var stuck = 0
  /// Whether the status pages could be written; nil where there were none.
  var arePagesWritten: Bool?
  /// What could not be written, to be carried again. Status pages are not: there will be newer ones.
  var left = Load()
  /// What went wrong, and at what.
  var faults: [(act: String, error: any Error)] = []

  /// What `body` answers; nil, and the fault is noted, where it throws.
  fileprivate mutating func attempt<Answer>(_ act: String, _ body: () throws -> Answer) -> Answer? {
    do {
      return try body()
    } catch {
      faults.append((act, error))
      return nil
    }
  }

  fileprivate mutating func note(_ outcomes: [FilePath: Outbox.Outcome]) {
    for (path, outcome) in outcomes {
      ownFiles[path] = if case .edited = outcome { true } else { false }
    }
  }

  /// Leaves all of a load that is for the outbox, which cannot be used.
  fileprivate mutating func leave(_ load: Load, _ dataset: Dataset?) {
    left.dataset = dataset
    left.cases = load.cases
    left.hasModels = load.hasModels
    left.hasTable = load.hasTable
  }
}

/// Carries results into the outbox and onto the status pages, on a lane of its own: a share that hangs holds up nobody
/// else. It has its own connection to the ledger, and no transaction of it is open while a share is waited for.
actor Courier {
  private let lane = Lane("courier")
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
  private let path: FilePath
  private let ledger: Ledger
  private let store: Store
  private var keptGenerations: Int
  private let auditHeadFile: AuditHeadFile?
  /// What the outbox is furnished with.
  private var dataset: Dataset?
  /// Which folder was last furnished and looked through.
  private var place: String?

  /// A courier to the outbox at `path`, where masks of the newest generation and the `kept` before it lie. `ledger` is a
  /// connection of its own.
  init(to path: FilePath, auditHeadFile: String, keeping kept: Int, _ ledger: sending Ledger, _ store: Store) {
    self.path = path
    self.ledger = ledger
    self.store = store
    self.auditHeadFile = auditHeadFile.isEmpty ? nil : AuditHeadFile(FilePath(auditHeadFile))
    keptGenerations = kept
  }

  /// From now on masks of so many earlier generations lie beside the newest.
  func keep(_ generations: Int) { keptGenerations = generations }

  /// Carries a load. What fails does not keep the rest from being carried.
  func carry(_ load: Load) -> Delivery {
    var delivery = Delivery()
    if load.isForOutbox { carryOut(load, &delivery) }
    if let pages = load.pages {
      let isDone: Void? = delivery.attempt("writing the status") {
        let folder = StatusFolder(try Directory(pages.folder))
        try folder.write(pages.report)
        try folder.write(pages.queue)
        try folder.write(pages.labelNext)
      }
      delivery.arePagesWritten = isDone != nil
    }
    if let head = load.auditHead, let auditHeadFile {
      let isNoted: Void? = delivery.attempt("noting the head of the audit chain") { try auditHeadFile.append(head) }
      if isNoted == nil { delivery.left.auditHead = head }
    }
    // Where no results come the outbox is looked after with each head of the chain, hourly.
    if load.auditHead != nil, !load.isForOutbox { carryOut(Load(), &delivery) }
    return delivery
  }

  /// Into the folder that lies at the path now: another may have come there since.
  private func carryOut(_ load: Load, _ delivery: inout Delivery) {
    dataset = load.dataset ?? dataset
    guard let outbox = delivery.attempt("opening the outbox", { try open() }) else {
      place = nil
      return delivery.leave(load, dataset)
    }
    var publisher = Publisher(ledger: ledger, store: store, outbox: outbox)
    publisher.keptGenerations = keptGenerations
    var load = load
    if load.dataset != nil || outbox.place != place || !outbox.isFurnished {
      prepare(outbox, publisher, &load, &delivery)
    }
    for id in load.cases.sorted() { carry(id, publisher, &delivery) }
    if load.hasModels {
      let outcomes = delivery.attempt("publishing models") { try publisher.publishModels() }
      delivery.note(outcomes ?? [:])
      delivery.left.hasModels = outcomes == nil
    }
    if load.hasTable {
      let outcomes = delivery.attempt("publishing the table") { try publisher.publishTable() }
      delivery.note(outcomes ?? [:])
      delivery.left.hasTable = outcomes == nil
    }
    if load.removesOutdated {
      let faults = delivery.attempt("clearing the outbox") { try publisher.removeOutdated() }
      delivery.isCleared = faults != nil
      delivery.stuck = faults?.count ?? 0
      for fault in faults ?? [] { delivery.faults.append(("clearing the outbox", fault)) }
    }
  }

  private func open() throws(FileFault) -> Outbox {
    Outbox(try Directory(path), ledger: ledger, by: UInt32(geteuid()))
  }

  private func prepare(_ outbox: Outbox, _ publisher: Publisher, _ load: inout Load, _ delivery: inout Delivery) {
    let found = delivery.attempt("preparing the outbox") {
      try outbox.removeTemporaries()
      let survey = try publisher.survey()
      try dataset?.publish(in: outbox)
      return survey
    }
    place = found == nil ? nil : outbox.place
    guard let survey = found else { return delivery.left.dataset = dataset }
    delivery.isPrepared = true
    delivery.found = survey.unfinished
    delivery.removed = survey.removed
    delivery.lost = survey.lost + survey.outdated
    // What belongs to no case may be among it.
    if delivery.lost > 0 { (load.hasModels, load.hasTable) = (true, true) }
  }

  private func carry(_ id: String, _ publisher: Publisher, _ delivery: inout Delivery) {
    FaultPoint.carry.pass()
    guard let outcomes = delivery.attempt("publishing case \(id)", { try publisher.publish(case: id) }) else {
      delivery.left.cases.insert(id)
      return
    }
    delivery.delivered.insert(id)
    for case .edited in outcomes.values { delivery.edited.insert(id) }
  }
}
