import Configuration
import Contract
import Files
import Glibc
import Ledger
import SystemPackage
import Watch

/// Takes what is dropped into one inbox. It has a lane of its own, so that a share that hangs holds up nobody but
/// itself; one file at a time, in the order of names, so that memory is bounded and runs are alike.
actor Intake {
  private let lane: Lane
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

  /// The inbox, as configured.
  nonisolated let path: FilePath
  let supervisor: Supervisor
  let store: Store
  let known: Ledger
  var settings: Settings
  var settling = Settling()
  var scan: InboxScan
  var names = InboxNames()
  /// Files of which earlier readings could not say what they are.
  var unjudged = Unjudged()
  /// Files that may not be opened, and folders that may not be looked into.
  var unreadable = Unreadable()
  var closedFolders = Unreadable()
  /// Renames that a crash interrupted and that are not finished yet.
  var unfinished: [UnfinishedMove] = []
  /// Files that stay where they are and that a share had no room to say so of.
  var untold: [(file: SeenFile, receipt: Receipt)] = []
  /// Receipts that a crash, or a full share, may have kept from being left are to be looked for.
  var areReceiptsOwed = true
  /// The last receipt could not be left.
  var areReceiptsMissing = false
  /// Decisions whose files waited or were held, and are gone; of these the supervisor has not heard.
  var gone: [Int] = []
  /// Tables of pairs as they were read last, and those that lay there at the start and were not read since.
  var tables: [FilePath: SeenFile] = [:]
  var firstTables: Set<FilePath>?
  /// What is not taken and was said to be, by what the receipt is named after.
  var strays: [FilePath: Stray] = [:]
  /// Of these the supervisor has not heard.
  var unsaid: [Stray] = []
  /// Of how many that lie where nothing is taken the supervisor knows.
  var misplacedSaid = 0
  /// How many files are passed over without a word; and how many the supervisor knows of.
  var passedOver = 0
  var passedOverSaid = 0
  /// The receipts of earlier runs were looked through.
  var areOldRequestsKnown = false
  /// Halves of pairs that have settled, and wait for the other to settle.
  var quietHalves: [FilePath: SeenFile] = [:]
  /// Files that are known, and are to be taken once more.
  var again: Set<FilePath> = []
  /// Files that are none of ours.
  var skipped: Set<SeenFile> = []
  var isReaderMissing = false
  private nonisolated let stopping = Mark()
  private var inbox: Inbox?
  private var expectedDevice: UInt64?
  /// Its folders could not be made when the service began.
  private var areFoldersMissing = false
  /// Why it is not there; nil while it is.
  private var absence: String?
  private var timer: (due: UInt64, task: Task<Void, Never>)?
  private var nextRescan: UInt64 = 0
  private var isActing = false
  private var pollsOnly = true
  /// Whether part of it lies on a network mount, as of the last listing.
  var liesRemote = false

  /// An intake for the inbox at `path`. `known` is a reader's ledger of its own.
  init(_ path: FilePath, settings: Settings, store: Store, known: sending Ledger, supervisor: Supervisor) {
    lane = Lane("intake \(path)")
    self.path = path
    self.settings = settings
    self.store = store
    self.known = known
    self.supervisor = supervisor
    scan = InboxScan(ignore: IgnoreList(globs: settings.inbox.ignore))
    settling.patience = Intake.patience(settings)
  }

  /// Finishes what a crash interrupted and looks at everything once. `isLate`: its folders are made first, as soon as they
  /// can be, because they could not, or its share did not answer, when the others were made.
  func begin(_ unfinished: [UnfinishedMove], isLate: Bool) async {
    areFoldersMissing = isLate
    recallNames()
    self.unfinished = unfinished
    await rescan()
  }

  /// Finishes what a crash interrupted, once the inbox is there, or what a share had no room for; what cannot be finished now
  /// is tried again, and where receipts cannot be left one of them is enough to see it.
  private func finishOld() async {
    guard areReceiptsOwed || !unfinished.isEmpty || !untold.isEmpty, let inbox = open() else { return }
    let moves = unfinished
    unfinished = []
    var hasFailed = false
    for move in moves {
      if !(hasFailed && areReceiptsMissing), await finish(move) { continue }
      hasFailed = true
      unfinished.append(move)
    }
    if unfinished.count < moves.count { recallNames() }
    let files = untold
    untold = []
    for (file, receipt) in files where !untold.isEmpty || !leaveAgain(receipt, beside: file, in: inbox) {
      untold.append((file, receipt))
    }
    guard areReceiptsOwed else { return }
    areReceiptsOwed = false
    for (receipt, decision) in await supervisor.receiptsOwed(in: path) where !areReceiptsOwed {
      areReceiptsOwed = !leaveAgain(receipt, about: decision)
    }
  }

  /// Whether events come; without them the folder is listed often.
  func listens(_ listens: Bool) { pollsOnly = !listens }

  /// Takes changed settings.
  func reload(_ settings: Settings) {
    self.settings = settings
    scan = InboxScan(ignore: IgnoreList(globs: settings.inbox.ignore))
    settling.patience = Intake.patience(settings)
  }

  private static func patience(_ settings: Settings) -> Settling.Patience {
    var patience = Settling.Patience()
    patience.settleLocal = settings.inbox.settle.inNanoseconds
    patience.settleRemote = settings.inbox.settleNetwork.inNanoseconds
    patience.incompleteTimeout = settings.inbox.incompleteTimeout.inNanoseconds
    return patience
  }

  /// Takes nothing any more; the file in hand is finished. Waits for nobody: a share that hangs may have the lane.
  nonisolated func stop() { stopping.set() }

  private var isStopping: Bool { stopping.isSet }

  /// Answers once the lane is free.
  func answer() { if isStopping { timer?.task.cancel() } }

  // MARK: what comes in

  /// An event: something happened at `place`, a directory or a file.
  func hint(_ place: FilePath, isDirectory: Bool) async {
    guard !isStopping else { return }
    if isDirectory {
      list(beneath: place)
    } else {
      settling.hint(place, at: Clock.nanoseconds)
    }
    await act()
  }

  /// Of these masks those are looked at again that belong to the scan that has come.
  func reconsider(_ masks: Set<FilePath>, for scan: FilePath) async {
    names.stand(for: scan)
    let belonging = names.masks(of: scan).filter(masks.contains)
    guard !isStopping, !belonging.isEmpty else { return }
    for place in belonging {
      again.insert(place)
      settling.hint(place, at: Clock.nanoseconds)
    }
    await act()
  }

  /// Looks at everything: the directory is the truth.
  func rescan() async {
    guard !isStopping else { return }
    await finishOld()
    list(beneath: "")
    // Of a share that is mounted no event tells.
    let hasEvents = !pollsOnly && absence == nil
    nextRescan = Clock.nanoseconds + Intake.pause(settings, hasEvents: hasEvents, liesRemote: liesRemote).inNanoseconds
    await act()
  }

  /// Has everything listed before long: what is told of a folder as a whole has changed.
  func listSoon() { nextRescan = min(nextRescan, Clock.nanoseconds + settings.inbox.poll.inNanoseconds) }

  /// How long until everything is listed again. Of what other hosts write to a network mount the kernel tells nothing;
  /// `watch = "inotify"` says that nobody else writes there.
  static func pause(_ settings: Settings, hasEvents: Bool, liesRemote: Bool) -> Duration {
    hasEvents && (!liesRemote || settings.inbox.watch == .inotify) ? settings.inbox.rescan : settings.inbox.poll
  }

  // MARK: what is done

  /// Does what is due until nothing is, then sets the timer.
  private func act() async {
    // Whoever is at it already takes this one too; the supervisor hears of it now, so that it begins no cycle before.
    guard !isActing, !isStopping else { return await report() }
    isActing = true
    defer { isActing = false }
    var actions = settling.act(at: Clock.nanoseconds)
    while !actions.isEmpty, !isStopping {
      await report()
      for action in actions where !isStopping { await perform(action) }
      actions = settling.act(at: Clock.nanoseconds)
    }
    await report()
    setTimer()
  }

  private func report() async {
    await sayWhatIsNotTaken()
    await sayWhatIsGone()
    await supervisor.intake(path, pending: settling.count, busy: settling.pending)
  }

  private func perform(_ action: Settling.Action) async {
    switch action {
    case .look(let place): look(at: place)
    case .admit(let file): await admit(file)
    case .giveUp(let file): await giveUp(file)
    case .rescan: list(beneath: "")
    }
  }

  private func setTimer() {
    guard !isStopping else { return }
    let due = min(settling.nextWake ?? .max, nextRescan)
    // A sleep that is called off still wakes the process when it would have ended: one that ends early is kept.
    if let timer, timer.due <= due { return }
    timer?.task.cancel()
    let now = Clock.nanoseconds
    let wait = due > now ? due - now : 0
    let task = Task { [weak self] in
      try? await Task.sleep(for: .nanoseconds(Int64(clamping: wait)), tolerance: .milliseconds(100))
      if !Task.isCancelled { await self?.wake() }
    }
    timer = (due, task)
  }

  private func wake() async {
    timer = nil
    if Clock.nanoseconds >= nextRescan { await rescan() } else { await act() }
  }

  // MARK: the inbox itself

  /// The inbox as it was found last, or now.
  func current() -> Inbox? { inbox ?? open() }

  /// The inbox, as long as it is there and is the one it was.
  func open() -> Inbox? {
    guard hasFolders() else { return nil }
    do throws(InboxGone) {
      let found = try Inbox(path, expectedDevice: expectedDevice, requiresMarker: settings.inbox.requireMarker)
      inbox = found
      expectedDevice = found.device
      if absence != nil {
        tell(trouble: nil)
        // Events, where some come, may be those of the folder that lay there before.
        pollsOnly = true
      }
      absence = nil
      return found
    } catch {
      miss(error.description)
      return nil
    }
  }

  /// Makes the folders that could not be made at the start; answers whether they are there.
  private func hasFolders() -> Bool {
    guard areFoldersMissing else { return true }
    do throws(Folders.Trouble) {
      try Folders.prepare(inbox: path.string, settings)
      areFoldersMissing = false
      return true
    } catch {
      if !error.mayPass { stop() }
      miss(error.description)
      return false
    }
  }

  /// The inbox is not there, for this reason.
  private func miss(_ why: String) {
    if absence == nil { settling.inboxIsGone() }
    if absence != why { tell(trouble: why) }
    absence = why
    inbox = nil
  }

  private func tell(trouble: String?) {
    let (supervisor, path) = (supervisor, path)
    Task { await supervisor.inbox(path, trouble: trouble) }
  }
}
