/// Decides what the worker does next. Events in, actions out: no clock, no disk, no process; time is what `now` says, in
/// seconds of a clock that never goes back.
struct Scheduler: Sendable {
  /// When a cycle begins. From the configuration.
  struct Settings: Sendable, Equatable {
    var triggerArrivals = 200
    var triggerExpertLabels = 1
    var triggerMaxWait = 604_800.0
    var triggerQuiet = 60.0
    var triggerQuietExpert = 7_200.0
    var minExpert = 3
  }

  private enum Training: Equatable {
    case none
    /// Begun and not in the worker's hands: it is down, or training is paused.
    case waiting
    case running
    case pausing
    /// It failed, and is tried again later.
    case deferred
  }

  private(set) var settings: Settings
  private(set) var isPaused = false
  private(set) var arrivals = 0
  private(set) var expertLabels = 0
  private(set) var expertSubjects = 0
  private(set) var generation: Int?
  private var isWorkerUp = false
  private var isWorkerWanted = false
  private var training = Training.none
  private var drafting: String?
  private var isOrdering = false
  private var isOrderStale = false
  private var isIntakeBusy = false
  /// Since when files have been taken without a pause.
  private var busySince: Double?
  private var isModelLost = false
  private var isRoom = true
  private var isWindowOpen = true
  private var isCommanded = false
  private var fresh: [String] = []
  private var outdatedPool: Set<String> = []
  private var outdatedOthers: [String] = []
  private var rank: [String: Int] = [:]
  /// The case in work is outdated already: it is drafted again, in the pool or not.
  private var isOutdatedInWork: Bool?
  private var oldestArrival: Double?
  private var lastArrival: Double?
  private var lastExpertLabel: Double?

  /// How long the first draft of a new scan waits for other files that are being taken, in seconds: its brain mask may
  /// be the next of them.
  private static let patience = 20.0

  init(_ settings: Settings) { self.settings = settings }

  /// Cases that wait for a mask.
  var draftsWaiting: Int { fresh.count + outdatedPool.count + outdatedOthers.count + (drafting == nil ? 0 : 1) }

  /// Whether masks are made and some are to be: before there is a model they wait for that.
  var isDrafting: Bool { generation != nil && draftsWaiting > 0 }

  /// Whether a mask of this case is being made, or is to be.
  func awaitsDraft(of id: String) -> Bool {
    drafting == id || fresh.contains(id) || outdatedPool.contains(id) || outdatedOthers.contains(id)
  }

  /// Whether a cycle has begun and has not ended.
  var isInCycle: Bool { training != .none }

  /// Whether a cycle is in the worker's hands, and nobody has asked it to stop.
  var isTraining: Bool { training == .running && !isPaused }

  /// What keeps any training from going on, in words for whoever wishes it; nil where nothing does.
  var hindrance: String? {
    if !isRoom { return "there is no room on the state's volume: training goes on by itself once there is" }
    if isModelLost {
      return "the weights of the current generation are damaged and there are none before them: restore them"
    }
    return training == .deferred ? "the cycle failed a moment ago and is tried again by itself" : nil
  }

  /// Whether nothing is being done and nothing will be before something else happens, time apart.
  var isIdle: Bool {
    drafting == nil && !isOrdering && training == .none && !isIntakeBusy
      && (generation == nil || isModelLost || draftsWaiting == 0)
  }

  /// Whether work has stopped for want of room on the disk.
  var isRoomMissing: Bool { !isRoom }

  /// Subjects with an expert mask that the first training still misses.
  var expertsMissing: Int { generation == nil ? max(0, settings.minExpert - expertSubjects) : 0 }

  /// Takes an event; answers what is to be done now.
  mutating func handle(_ event: Event, at now: Double) -> [Action] {
    note(event, at: now)
    return actions(at: now)
  }

  /// When to look again if nothing happens before; nil for never.
  func nextWake(after now: Double) -> Double? {
    var due: [Double] = []
    if mayBeginCycle { due += triggers(at: .infinity).map(\.due) }
    if let busySince, !fresh.isEmpty, now < busySince + Self.patience { due.append(busySince + Self.patience) }
    return due.min().map { max($0, now) }
  }

  private mutating func note(_ event: Event, at now: Double) {
    switch event {
    case .workerUp: isWorkerUp = true
    case .workerDown: loseWorker()
    case .arrived(let id): arrive(id, at: now)
    case .restored(let arrivals, let oldestAge, let expertLabels):
      self.arrivals = arrivals
      self.expertLabels = expertLabels
      oldestArrival = oldestAge.map { now - $0 }
      // Whoever was still at it when the service stopped gets the quiet time again.
      lastArrival = arrivals > 0 ? now : nil
      lastExpertLabel = expertLabels > 0 ? now : nil
    case .recounted(let arrivals, let oldestAge):
      if arrivals > self.arrivals { lastArrival = now }
      self.arrivals = arrivals
      oldestArrival = oldestAge.map { now - $0 }
    case .undrafted(let id):
      if drafting == id { isOutdatedInWork = true } else if !fresh.contains(id) { fresh.append(id) }
    case .left(let id): forget(id)
    case .expertLabel:
      expertLabels += 1
      lastExpertLabel = now
    case .expertSubjects(let count): expertSubjects = count
    case .outdated(let id, let isInPool): queueAgain(id, isInPool)
    case .ordered(let ids):
      rank = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
      isOrderStale = false
    case .generation(let number):
      generation = number
      isModelLost = false
      isOrderStale = true
    case .modelLost: isModelLost = true
    case .drafted(let id), .notDrafted(let id):
      if drafting == id {
        drafting = nil
        if let isInPool = isOutdatedInWork { queueAgain(id, isInPool) }
        isOutdatedInWork = nil
      }
      if case .drafted = event { isOrderStale = true }
    case .orderEnded: isOrdering = false
    case .interruptedCycle: training = .waiting
    case .trainingFailed: training = training == .none ? .none : .deferred
    case .cycleEnded:
      training = .none
      isCommanded = false
    case .cycleReplaced: begin()
    case .trainingPaused: if training == .running || training == .pausing { training = .waiting }
    case .intake(let isBusy):
      isIntakeBusy = isBusy
      busySince = isBusy ? busySince ?? now : nil
    case .trainNow:
      isCommanded = true
      isPaused = false
    case .pause: isPaused = true
    case .resume: isPaused = false
    case .room(let isRoom): self.isRoom = isRoom
    case .window(let isOpen): isWindowOpen = isOpen
    case .settings(let settings): self.settings = settings
    case .tick: break
    }
  }

  private mutating func actions(at now: Double) -> [Action] {
    var actions: [Action] = []
    if mayBeginCycle, let trigger = triggers(at: now).first(where: { $0.due <= now })?.trigger {
      begin()
      actions.append(.beginCycle(trigger))
    }
    if training == .running, isPaused || !isRoom || !(isWindowOpen || isCommanded) {
      training = .pausing
      actions.append(.pauseTraining)
    }
    let maySend = isWorkerUp
    if training == .waiting, !isPaused, !isModelLost, isRoom, isWindowOpen || isCommanded {
      if maySend {
        training = .running
        actions.append(.resumeCycle)
      } else {
        want(&actions)
      }
    }
    guard generation != nil, !isModelLost, isRoom, drafting == nil, !isOrdering else { return actions }
    if let next = nextDraft(at: now) {
      if maySend {
        take(next)
        actions.append(.draft(id: next))
      } else {
        want(&actions)
      }
    } else if isOrderStale, fresh.isEmpty {
      if maySend {
        isOrdering = true
        isOrderStale = false
        actions.append(.order)
      } else {
        want(&actions)
      }
    }
    return actions
  }

  // MARK: cycles

  private var mayBeginCycle: Bool {
    training == .none && !isPaused && isRoom && !isModelLost && (isWindowOpen || isCommanded)
      && expertSubjects >= (generation == nil ? settings.minExpert : 1)
  }

  /// What would begin a cycle, and from when on. With `now` infinite: what will, if nothing else happens.
  private func triggers(at now: Double) -> [(trigger: Trigger, due: Double)] {
    if isCommanded { return [(.command, -.infinity)] }
    guard !isIntakeBusy else { return [] }
    let quiet = (lastArrival ?? -.infinity) + settings.triggerQuiet
    let expertQuiet = (lastExpertLabel ?? -.infinity) + settings.triggerQuietExpert
    if generation == nil {
      // One that came to nothing is not tried again before there is another expert mask.
      guard expertLabels > 0 else { return [] }
      return [(.first, max(quiet, (lastExpertLabel ?? -.infinity) + settings.triggerQuiet))]
    }
    var found: [(trigger: Trigger, due: Double)] = []
    if arrivals >= settings.triggerArrivals { found.append((.arrivals, quiet)) }
    if expertLabels >= settings.triggerExpertLabels { found.append((.expertLabels, max(quiet, expertQuiet))) }
    if let oldestArrival { found.append((.maxWait, max(oldestArrival + settings.triggerMaxWait, quiet))) }
    return found
  }

  private mutating func begin() {
    training = .waiting
    isOrderStale = false
    // The first cycle trains on experts alone: the scans that came before it still wait for one.
    if generation != nil {
      arrivals = 0
      oldestArrival = nil
    }
    expertLabels = 0
  }

  // MARK: drafts

  private mutating func arrive(_ id: String, at now: Double) {
    if !fresh.contains(id) { fresh.append(id) }
    arrivals += 1
    oldestArrival = oldestArrival ?? now
    lastArrival = now
  }

  private mutating func queueAgain(_ id: String, _ isInPool: Bool) {
    guard drafting != id else { return isOutdatedInWork = isInPool }
    guard !fresh.contains(id) else { return }
    if isInPool {
      outdatedPool.insert(id)
    } else if !outdatedOthers.contains(id) {
      outdatedOthers.append(id)
    }
  }

  private mutating func forget(_ id: String) {
    fresh.removeAll { $0 == id }
    outdatedPool.remove(id)
    outdatedOthers.removeAll { $0 == id }
    rank[id] = nil
    if drafting == id {
      drafting = nil
      isOutdatedInWork = nil
    }
  }

  private func nextDraft(at now: Double) -> String? {
    let mayTakeFresh = busySince.map { now >= $0 + Self.patience } ?? true
    // Before its draft a new scan has no latent, so new ones go by arrival; the others by proximity.
    return (mayTakeFresh ? fresh.first : nil)
      ?? outdatedPool.min { (rank[$0] ?? .max, $0) < (rank[$1] ?? .max, $1) }
      ?? outdatedOthers.first
  }

  private mutating func take(_ id: String) {
    forget(id)
    drafting = id
  }

  // MARK: worker

  private mutating func want(_ actions: inout [Action]) {
    guard !isWorkerWanted else { return }
    isWorkerWanted = true
    actions.append(.startWorker)
  }

  private mutating func loseWorker() {
    isWorkerUp = false
    isWorkerWanted = false
    if let drafting { fresh.insert(drafting, at: 0) }
    drafting = nil
    isOutdatedInWork = nil
    if isOrdering { isOrderStale = true }
    isOrdering = false
    if training == .running || training == .pausing { training = .waiting }
  }
}
