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

  /// At a start: what a crash left is removed, the dataset's own files are written, what is missing is looked for.
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

  var isEmpty: Bool {
    dataset == nil && cases.isEmpty && !hasModels && !hasTable && !removesOutdated && pages == nil && auditHead == nil
  }

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
  }

  /// Takes this one on as well.
  mutating func add(_ other: Load) {
    dataset = other.dataset ?? dataset
    cases.formUnion(other.cases)
    hasModels = hasModels || other.hasModels
    hasTable = hasTable || other.hasTable
    removesOutdated = removesOutdated || other.removesOutdated
    pages = other.pages ?? pages
    auditHead = other.auditHead ?? auditHead
  }
}

/// What came of a load.
struct Delivery: Sendable {
  /// Cases whose files are as they belong.
  var delivered: Set<String> = []
  /// Cases that were found to lack a file.
  var found: [String] = []
  /// Cases of which somebody has edited a file.
  var edited: Set<String> = []
  /// Whether no mask of a generation that is not kept is left.
  var isCleared = false
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
}

/// Carries results into the outbox and onto the status pages, on a lane of its own: a share that hangs holds up nobody
/// else. It has its own connection to the ledger, and no transaction of it is open while a share is waited for.
actor Courier {
  private let lane = Lane("courier")
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
  private let outbox: Outbox
  private var publisher: Publisher
  private let auditHeadFile: String

  /// A courier to the outbox in `folder`, where masks of the newest generation and the `kept` before it lie. `ledger` is
  /// a connection of its own.
  init(to folder: Directory, auditHeadFile: String, keeping kept: Int, _ ledger: sending Ledger, _ store: Store) {
    self.auditHeadFile = auditHeadFile
    outbox = Outbox(folder, ledger: ledger, by: UInt32(geteuid()))
    publisher = Publisher(ledger: ledger, store: store, outbox: outbox)
    publisher.keptGenerations = kept
  }

  /// From now on masks of so many earlier generations lie beside the newest.
  func keep(_ generations: Int) { publisher.keptGenerations = generations }

  /// Carries a load. What fails does not keep the rest from being carried.
  func carry(_ load: Load) -> Delivery {
    var delivery = Delivery()
    if let dataset = load.dataset {
      let incomplete = delivery.attempt("preparing the outbox") {
        try outbox.removeTemporaries()
        try dataset.publish(in: outbox)
        return try publisher.incomplete()
      }
      if incomplete == nil { delivery.left.dataset = dataset }
      delivery.found = incomplete ?? []
    }
    for id in load.cases.sorted() { carry(id, &delivery) }
    if load.hasModels {
      let isDone: Void? = delivery.attempt("publishing models") { try publisher.publishModels() }
      delivery.left.hasModels = isDone == nil
    }
    if load.hasTable {
      delivery.left.hasTable = delivery.attempt("publishing the table") { try publisher.publishTable() } == nil
    }
    if let pages = load.pages {
      _ = delivery.attempt("writing the status") {
        let folder = StatusFolder(try Directory(pages.folder))
        try folder.write(pages.report)
        try folder.write(pages.queue)
        try folder.write(pages.labelNext)
      }
    }
    if load.removesOutdated {
      let isDone = delivery.attempt("clearing the outbox") { try publisher.removeOutdated() }
      delivery.isCleared = isDone != nil
    }
    if let head = load.auditHead { AuditHeadFile.append(head, to: auditHeadFile) }
    return delivery
  }

  private func carry(_ id: String, _ delivery: inout Delivery) {
    FaultPoint.carry.pass()
    guard let outcomes = delivery.attempt("publishing case \(id)", { try publisher.publish(case: id) }) else {
      delivery.left.cases.insert(id)
      return
    }
    delivery.delivered.insert(id)
    for case .edited in outcomes.values { delivery.edited.insert(id) }
  }
}
