import Configuration
import Contract
import Files
import Glibc
import Ledger
import Processes
import SystemPackage

/// Owns the ledger and decides. Everything that changes the state of a case comes through here, one at a time; nothing
/// here reads a share, a voxel or a foreign byte.
actor Supervisor {
  private let lane = Lane("supervisor")
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

  /// A request that the worker has.
  enum Request {
    /// `brain`: the brain mask that it is made with.
    case draft(id: String, generation: Int, brain: Digest?)
    case order(generation: Int)
    case train(cycle: Int)
    case pause
  }

  let state: StateDirectory
  let ledger: Ledger
  let store: Store
  let keeper: Keeper
  let courier: Courier
  private let plainJournal: Journal
  /// Where it is said what has happened, with the place in the audit chain where it is recorded.
  var journal: Journal {
    var journal = plainJournal
    journal.auditHead = try? ledger.auditHead()
    return journal
  }
  let board: StatusBoard
  let link: WorkerLink
  let isOnce: Bool
  /// The main file of the configuration, for a reload.
  let configurationFile: String?
  /// The one who runs the service, as the audit names it.
  let own = UInt32(geteuid())

  var settings: Settings
  var scheduler: Scheduler
  var status = ServiceStatus()
  var requests: [Int: Request] = [:]
  var lastRequest = 0
  var index = PairIndex()
  /// What the decision in hand changes outside of the ledger.
  var effects = Effects()
  var intakes: [FilePath: Intake] = [:]
  var pending: [FilePath: Int] = [:]
  /// Files of each inbox that are passed over without a word.
  var passedOver: [FilePath: Int] = [:]
  var rollCall = RollCall()
  /// What intakes were sent to do and have not done: masks looked at again, receipts left.
  var errands = 0
  var troubles: [String: String] = [:]
  var draftFailures: [String: Int] = [:]
  var trainFailures = 0
  /// The case whose draft, or training, the worker died of: which, is not known yet.
  var suspect: String?
  /// The last cycle of this run of the service was given up.
  var isTrainingGivenUp = false
  /// Optimizer steps that the cycle has had at most: a worker that always dies before the next one makes no progress.
  var stepsReached = 0
  var workerFailures = 0
  var progress: TrainingProgress?
  /// What the courier is to carry next, since when it is on its way with what it has, and what it could not deliver.
  var load = Load()
  var underway: Double?
  var late = Load()
  var lateAgain = 0.0
  /// What is being cleared away.
  var upkeep = Upkeep.none
  var upkeepDue = UpkeepDue.no
  var metrics = MetricsCounts()
  /// Files are being copied into the store of which the ledger does not know yet.
  var adopting = 0
  var isTableStale = true
  var isStatusStale = true
  var isDraining = false
  var lastStatus = -1e9
  var lastRoom = -1e9
  var lastAuditHead = -1e9
  var lastProgress = -1e9
  private var outgoing: AsyncStream<@Sendable () async -> Void>.Continuation
  private var timer: (due: Double, task: Task<Void, Never>)?
  private var finished: CheckedContinuation<Void, Never>?
  private var isFinished = false

  /// Opens everything in the state directory. Throws where the ledger cannot be opened.
  init(
    _ settings: Settings, state: StateDirectory, link: WorkerLink, journal: Journal, board: StatusBoard, isOnce: Bool,
    version: String, configurationFile: String?
  ) throws {
    self.settings = settings
    self.state = state
    self.link = link
    plainJournal = journal
    self.board = board
    self.isOnce = isOnce
    self.configurationFile = configurationFile
    ledger = try Ledger(state)
    store = try Store(state)
    keeper = Keeper(store)
    courier = Courier(
      to: FilePath(settings.output.path), auditHeadFile: settings.state.auditHead,
      keeping: settings.output.keepGenerations, try Ledger(state), store)
    scheduler = Scheduler(Scheduler.Settings(settings, isOnce: isOnce))
    status.version = version
    status.instance = journal.instance
    status.pid = getpid()
    status.since = Timestamp.now.description
    let (stream, continuation) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
    outgoing = continuation
    // One after the other, in the order in which they were decided.
    Task { for await send in stream { await send() } }
  }

  /// Takes an event to the scheduler and does what it answers.
  func tell(_ event: Scheduler.Event) {
    let actions = scheduler.handle(event, at: Clock.seconds)
    for action in actions { perform(action) }
    switch event {
    case .tick, .window: if !actions.isEmpty { isStatusStale = true }
    default: isStatusStale = true
    }
  }

  private func perform(_ action: Scheduler.Action) {
    guard !isDraining else { return }
    do {
      switch action {
      case .startWorker:
        status.worker = "starting"
        let link = link
        outgoing.yield { await link.want() }
      case .draft(let id): try orderDraft(id)
      case .order: try orderProximities()
      case .beginCycle(let trigger): try beginCycle(trigger)
      case .resumeCycle: try train()
      case .pauseTraining: send(.pause, as: .pause, deadline: nil)
      }
    } catch {
      report(error, in: "\(action)")
      undo(action)
    }
  }

  /// What could not be begun is taken back, so that the scheduler does not wait for it.
  private func undo(_ action: Scheduler.Action) {
    switch action {
    case .draft(let id):
      tell(.notDrafted(id: id))
      retryDraft(id)
    case .order: tell(.orderEnded)
    case .beginCycle:
      tell(.cycleEnded)
      retryTriggers()
    case .resumeCycle: deferTraining()
    case .startWorker, .pauseTraining: break
    }
  }

  /// Sends a request to the worker, after those that were decided before it.
  func send(_ request: WorkerRequest, as kind: Request, deadline: Duration?) {
    lastRequest += 1
    let number = lastRequest
    requests[number] = kind
    let link = link
    outgoing.yield { [weak self] in
      if await !link.send(request, id: number, deadline: deadline) { await self?.forget(request: number) }
    }
  }

  /// Nobody was there to take it, and the link says so to the scheduler: nobody will answer for it either.
  private func forget(request number: Int) { requests[number] = nil }

  /// Says that something failed that should not have. The service goes on.
  func report(_ error: any Error, in act: String) {
    switch error {
    case let fault as LedgerFault where fault.isDiskFull: noteRoom()
    case let fault as LedgerFault where fault.isBusy: journal.say(.note, "\(act): \(error)")
    case LedgerFault.damaged, LedgerFault.database:
      journal.say(.stateDamaged, "\(act): \(error)")
      troubles["state"] = "\(error)"
    case let fault as FileFault where fault.errno == .noSpace: noteRoom()
    // A path in a fault may be a user's: act and errno only.
    case LedgerFault.file(let fault): journal.say(.note, "\(act): cannot \(fault.act): \(fault.errno)")
    case let fault as FileFault: journal.say(.note, "\(act): cannot \(fault.act): \(fault.errno)")
    default: journal.say(.note, "\(act): \(error)")
    }
  }

  // MARK: time

  /// One beat of the loop: what is due is done, systemd hears that we live, and the next beat is set.
  func beat() {
    guard !isFinished else { return }
    tell(.window(isOpen: isWindowOpen))
    tell(.tick)
    let now = Clock.seconds
    if scheduler.isRoomMissing || now - lastRoom >= 10 { noteRoom() }
    if now - lastAuditHead >= 3600 { sayAuditHead() }
    expireWaiting()
    callRoll(now)
    carryLate(now)
    clearAway()
    if isStatusStale, now - lastStatus >= 10 || isOnce && scheduler.isIdle { writeStatus() }
    writeMetrics(now)
    Notify.watchdog()
    if isOnce, isDone { return finish() }
    schedule(at: now)
  }

  private func schedule(at now: Double) {
    var due = [scheduler.nextWake(after: now), nextPairTimeout(now), lastAuditHead + 3600].compactMap { $0 }
    if isStatusStale { due.append(lastStatus + 10) }
    if scheduler.isRoomMissing { due.append(now + 60) }
    if !late.isEmpty { due.append(lateAgain) }
    if let underway, troubles["outbox"] == nil { due.append(underway + Self.longestWay) }
    if settings.resources.trainWindow != nil { due.append(now + Double(60 - Clock.secondOfDay % 60)) }
    if let interval = Notify.watchdogInterval { due.append(now + interval.inSeconds) }
    if isOnce { due.append(now + 0.2) }
    if isClearing { due.append(now + 0.05) }
    if let metricsDue { due.append(metricsDue) }
    if let call = rollCall.due { due.append(call) }
    let next = max(now + 0.01, due.min() ?? now + 3600)
    // A sleep that is called off still wakes the process when it would have ended: one that ends early is kept.
    if let timer, timer.due <= next { return }
    timer?.task.cancel()
    let wait = next - now
    let task = Task { [weak self] in
      try? await Task.sleep(for: .seconds(wait), tolerance: .milliseconds(wait > 5 ? 1000 : 10))
      if !Task.isCancelled { await self?.wake() }
    }
    timer = (next, task)
  }

  private func wake() {
    timer = nil
    beat()
  }

  /// Whether a run with `--once` has nothing left to do.
  private var isDone: Bool {
    if workerFailures >= 3 {
      troubles["worker"] = "the worker does not stay: nothing more can be done"
      return true
    }
    return scheduler.isIdle && underway == nil && upkeep == .none && upkeepDue == .no && errands == 0
      && pending.count == intakes.count && pending.values.allSatisfy { $0 == 0 }
      && scheduler.nextWake(after: Clock.seconds).map { $0 > Clock.seconds + 1 } != false
  }

  private var isWindowOpen: Bool {
    settings.resources.trainWindow.map { $0.contains(Clock.secondOfDay / 60) } ?? true
  }

  /// Works with these intakes from now on.
  func serve(_ intakes: [Intake]) {
    for intake in intakes {
      self.intakes[intake.path] = intake
      rollCall.enrol(intake.path, at: Clock.seconds)
    }
  }

  // MARK: the end

  /// What the program exits with: with `--once`, whether the worker failed or a cycle was given up.
  var exitCode: ExitCode {
    isOnce && (workerFailures >= 3 || isTrainingGivenUp) ? .software : .success
  }

  /// Returns when the service is to end: after `finish`, or when `--once` has nothing left.
  func untilFinished() async {
    if isFinished { return }
    await withCheckedContinuation { finished = $0 }
  }

  func finish() {
    isFinished = true
    timer?.task.cancel()
    finished?.resume()
    finished = nil
  }

  /// Begins nothing any more.
  func drain() {
    isDraining = true
    timer?.task.cancel()
  }

  /// The last words: what is due in the outbox, the status, the head of the chain.
  func close() async {
    isFinished = true
    timer?.task.cancel()
    load.add(late)
    load.hasTable = load.hasTable || isTableStale
    isTableStale = false
    carry()
    await untilDelivered(patience: .seconds(5))
    do {
      try ledger.record(.serviceStopped, by: own)
      try ledger.checkpoint()
      load.auditHead = try ledger.auditHead()
    } catch {
      report(error, in: "stop")
    }
    writeStatus(headline: "stopped")
    await untilDelivered(patience: .seconds(2))
    let head = try? ledger.auditHead()
    journal.say(
      .serviceStopping, "popcornd has stopped; the audit chain ends at record \(head?.seq ?? 0)",
      [.auditSequence: String(head?.seq ?? 0), .auditHash: head?.hash ?? ""])
    outgoing.finish()
  }
}

extension Scheduler.Settings {
  /// As configured. A run with `--once` waits for nobody: what is there is all that comes.
  init(_ settings: Settings, isOnce: Bool) {
    triggerArrivals = settings.popcorn.triggerArrivals
    triggerExpertLabels = settings.popcorn.triggerExpertLabels
    triggerMaxWait = settings.popcorn.triggerMaxWait.inSeconds
    triggerQuiet = isOnce ? 0 : settings.popcorn.triggerQuiet.inSeconds
    triggerQuietExpert = isOnce ? 0 : settings.popcorn.triggerQuietExpert.inSeconds
    minExpert = settings.popcorn.minExpert
  }
}
