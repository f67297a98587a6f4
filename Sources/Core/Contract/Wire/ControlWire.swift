// What popcornctl and popcornd say to each other on the control socket: one JSON object a line, a question, an answer.

/// What an operator asks of the running service.
public enum ControlRequest: Codable, Sendable, Equatable {
  /// How it goes.
  case status
  /// The pool in the order in which it is worked on.
  case queue
  /// Start a cycle now, whatever the triggers say.
  case trainNow
  /// Stop training at a checkpoint, and start no cycle.
  case trainPause
  /// Train again when a trigger says so.
  case trainResume
  /// Read the configuration again.
  case reload
  /// Try a held or rejected case again.
  case retry(id: String)
  /// Put a case aside until it is released.
  case hold(id: String)
  /// Let a held case go on.
  case release(id: String)

  /// Whether the request changes anything: then the asker must be an administrator.
  public var changesState: Bool {
    switch self {
    case .status, .queue: false
    case .trainNow, .trainPause, .trainResume, .reload, .retry, .hold, .release: true
    }
  }

  /// What is asked, as popcornctl has it, without the case that it is about.
  public var verb: String {
    switch self {
    case .status: "status"
    case .queue: "queue"
    case .trainNow: "train now"
    case .trainPause: "train pause"
    case .trainResume: "train resume"
    case .reload: "reload"
    case .retry: "retry"
    case .hold: "hold"
    case .release: "release"
    }
  }
}

/// What the service answers.
public enum ControlReply: Codable, Sendable, Equatable {
  /// How it goes.
  case status(ServiceStatus)
  /// The pool, nearest first.
  case queue([QueueEntry])
  /// Done, or begun; in one sentence.
  case done(String)
  /// Not done, why, and what popcornctl exits with.
  case refused(String, exit: Int32)
}

/// One case that waits in the pool.
public struct QueueEntry: Codable, Sendable, Equatable {
  /// The case's label.
  public var id: String
  /// Where it stands.
  public var state: CaseState
  /// Its place in the order, from 1.
  public var rank: Int
  /// The sum of eq. 7; nil before its latent is known.
  public var proximity: Double?
  /// The generation of its mask; nil where it has none.
  public var generation: Int?

  /// One case that waits.
  public init(id: String, state: CaseState, rank: Int, proximity: Double?, generation: Int?) {
    self.id = id
    self.state = state
    self.rank = rank
    self.proximity = proximity
    self.generation = generation
  }
}

/// How the service is: what `popcornctl status` prints. Counts only; no names.
public struct ServiceStatus: Codable, Sendable, Equatable {
  /// One inbox.
  public struct Inbox: Codable, Sendable, Equatable {
    /// The configured folder.
    public var path: String
    /// As configured: `auto`, `inotify` or `poll`.
    public var mode: String
    /// What is wrong with it; nil where nothing is.
    public var trouble: String?
    /// Files seen and not yet taken.
    public var pending: Int
    /// Files that are passed over without a word: ignored names, no images by their names, other contrasts of a dataset.
    public var passedOver: Int?
    /// One inbox.
    public init(path: String, mode: String, trouble: String? = nil, pending: Int = 0, passedOver: Int? = nil) {
      self.passedOver = passedOver
      self.path = path
      self.mode = mode
      self.trouble = trouble
      self.pending = pending
    }
  }
  /// The cycle that runs.
  public struct Cycle: Codable, Sendable, Equatable {
    /// Its number.
    public var number: Int
    /// How far it is; nil before the worker has said.
    public var progress: TrainingProgress?
    /// The cycle that runs.
    public init(number: Int, progress: TrainingProgress? = nil) {
      self.number = number
      self.progress = progress
    }
  }

  /// One line that says it all; also systemd's STATUS=.
  public var headline = "starting"
  /// The version of popcornd.
  public var version = ""
  /// The instance's name; `popcornd` for the default one.
  public var instance = ""
  /// Its process.
  public var pid: Int32 = 0
  /// Since when it runs, UTC, ISO 8601.
  public var since = ""
  /// The generation that makes drafts; nil before the first.
  public var generation: Int?
  /// SHA-256 of its weights.
  public var model: String?
  /// How many cases are in each state.
  public var cases: [String: Int] = [:]
  /// Scans that wait for a draft.
  public var draftsWaiting = 0
  /// Files that wait for another: a mask for its scan, half a pair for the other half.
  public var filesWaiting = 0
  /// Files that are held and became no case; nil of a service that does not say.
  public var filesHeld: Int?
  /// Scans that arrived since the last cycle began.
  public var arrivals = 0
  /// Arrivals that start a cycle.
  public var arrivalsForCycle = 0
  /// Subjects with an expert mask.
  public var expertSubjects = 0
  /// Subjects with an expert mask that the first training still misses.
  public var expertsMissing = 0
  /// The cycle that runs.
  public var cycle: Cycle?
  /// Whether an operator paused training.
  public var paused = false
  /// `down`, `starting`, `ready`, or `waiting` after a crash.
  public var worker = "down"
  /// Who the worker is.
  public var workerIdentity: WorkerIdentity?
  /// The inboxes.
  public var inboxes: [Inbox] = []
  /// What an operator should look at, in words; empty where all is well.
  public var trouble: [String] = []
  /// Records in the audit chain.
  public var auditRecords = 0

  /// The status of a service that has just begun.
  public init() {}
}
