/// `[resources]`: what the service may take of the machine.
public struct ResourceKeys: Sendable {
  /// Threads.
  public let threads = ConfigurationKey(
    "resources", "threads", .threads, default: .auto, .restart,
    "Threads of the worker. The same number gives the same bytes; auto takes the cores there are.")
  /// Memory.
  public let memoryBudget = ConfigurationKey(
    "resources", "memory_budget", .budget, default: .share(0.75), .restart,
    "Memory that reading or preparing one scan may take, as its header foretells; what needs more is held. A share of the service's control group's limit (else of the machine's memory), or a size. Training is bounded by MemoryMax= of popcornd-worker@.service alone."
  )
  /// When training may run.
  public let trainWindow = ConfigurationKey(
    "resources", "train_window", .window, default: nil,
    "The part of the day in which training may run, local time, such as \"19:00-06:00\". Empty: always. Drafts are made at any time."
  )
  /// Free space below which nothing is taken.
  public let minFree = ConfigurationKey(
    "resources", "min_free", .size(0...(1 << 50)), default: 1 << 30,
    "Free space on the state volume below which intake, drafts and training pause.")
  /// How long an admission may take.
  public let admitTimeout = ConfigurationKey(
    "resources", "admit_timeout", .duration(.seconds(1) ... .seconds(86_400)), default: .seconds(600),
    "How long reading one dropped file may take before its reader is killed.")
  /// How long a draft may take.
  public let draftTimeout = ConfigurationKey(
    "resources", "draft_timeout", .duration(.seconds(10) ... .seconds(86_400)), default: .seconds(3600),
    "How long the draft of one scan may take before the worker is killed.")
  /// How long training may be silent.
  public let trainTimeout = ConfigurationKey(
    "resources", "train_timeout", .duration(.seconds(10) ... .seconds(86_400)), default: .seconds(3600),
    "How long training may go without a sign of progress before the worker is killed and resumes from its checkpoint.")

  init() {}
}

/// `[output]`: what leaves the service, and where to.
public struct OutputKeys: Sendable {
  /// The outbox.
  public let path = ConfigurationKey(
    "output", "path", .path, default: "/srv/popcornd/outbox", .restart,
    "The outbox: masks, probabilities, sidecars, tables and models, as a BIDS derivatives dataset.")
  /// Where accepted files go.
  public let done = ConfigurationKey(
    "output", "done", .pathOrNone, default: "", .restart,
    "Where accepted files are renamed to; must lie on the inbox's file system. Empty: done/ beside the inbox.")
  /// Where rejected files go.
  public let rejected = ConfigurationKey(
    "output", "rejected", .pathOrNone, default: "", .restart,
    "Where rejected files are renamed to, a receipt beside each. Empty: rejected/ beside the inbox.")
  /// Where duplicates go.
  public let duplicates = ConfigurationKey(
    "output", "duplicates", .pathOrNone, default: "", .restart,
    "Where duplicates are renamed to, a receipt beside each. Empty: duplicates/ beside the inbox.")
  /// Where the status pages are.
  public let status = ConfigurationKey(
    "output", "status", .pathOrNone, default: "", .restart,
    "Where STATUS.txt, QUEUE.tsv and LABEL-NEXT.tsv are written. Empty: status/ beside the outbox.")
  /// How probabilities are stored.
  public let probability = ConfigurationKey(
    "output", "probability", .word, default: ProbabilityKind.uint8,
    "How lesion probabilities are stored: none, uint8 (a byte a voxel) or float32.")
  /// Pictures.
  public let qc = ConfigurationKey<[String]>(
    "output", "qc", .only([], as: .list([])), default: [],
    "Pictures for a reader's check beside each mask. This version makes none.")
  /// How subjects are named.
  public let subjectNames = ConfigurationKey(
    "output", "subject_names", .only("pseudonym", as: .text("pseudonym")), default: "pseudonym", .study,
    "How subjects are named in the outbox: by a keyed hash, so that no name leaves the service.")
  /// Earlier masks that are kept.
  public let keepGenerations = ConfigurationKey(
    "output", "keep_generations", .integer(0...10_000), default: 3,
    "Of how many earlier generations weights and masks are kept beside the current ones. What a mask still in use was made with is kept longer."
  )

  init() {}
}

/// `[state]`: what must not be lost.
public struct StateKeys: Sendable {
  /// The state directory.
  public let path = ConfigurationKey(
    "state", "path", .path, default: "/var/lib/popcornd", .restart,
    "The state: private copies, ledger, models, training. On a local disk, in the backup. The packaged units know the default alone: where it is to lie on another disk, mount that there."
  )
  /// Where the head of the audit chain is noted.
  public let auditHead = ConfigurationKey(
    "state", "audit_head", .pathOrNone, default: "", .restart,
    "An append-only file elsewhere, one for each study, to which the head of the audit chain is written: popcornctl audit verify finds by it that the chain was cut or rewritten. Not beneath /srv, which the weekly check does not see. Empty: the journal alone."
  )

  init() {}
}

/// `[run]`: sockets and programs.
public struct RunKeys: Sendable {
  /// The run directory.
  public let path = ConfigurationKey(
    "run", "path", .path, default: "/run/popcornd", .restart, "Where the control socket is; not kept over a restart.")
  /// The worker.
  public let worker = ConfigurationKey(
    "run", "worker", .command, default: ["popcorn", "worker"], .restart,
    "The worker's command line, where the service starts it itself. A name without a slash is looked for beside popcornd, then in ../lib/popcornd, then in PATH."
  )
  /// The worker's socket.
  public let workerSocket = ConfigurationKey(
    "run", "worker_socket", .socket, default: .auto, .restart,
    "The socket behind which systemd runs the worker as its own unit and user. auto: worker.sock in the run directory (of a further study /run/popcornd/worker.sock) where there is one, else the worker is started as a child; none: always a child."
  )
  /// The program that reads foreign files.
  public let admit = ConfigurationKey(
    "run", "admit", .command, default: ["popcorn-admit"], .restart,
    "The program that reads dropped files; found as the worker is.")
  /// The program that listens to the kernel's events.
  public let watch = ConfigurationKey(
    "run", "watch", .command, default: ["popcorn-watch"], .restart,
    "The program that listens to the kernel's file events; found as the worker is.")

  init() {}
}

/// `[log]`: what logs say.
public struct LogKeys: Sendable {
  /// What they say of file names.
  public let fileNames = ConfigurationKey(
    "log", "file_names", .only("no", as: .text("no")), default: "no",
    "What logs and audit say of file names: nothing. The ledger alone knows them.")

  init() {}
}

/// `[metrics]`: figures for a monitoring system.
public struct MetricsKeys: Sendable {
  /// Where they are written.
  public let textfileDirectory = ConfigurationKey(
    "metrics", "textfile_directory", .pathOrNone, default: "", .restart,
    "Where popcornd.prom (popcornd-NAME.prom of a study) is written for a node exporter; a directory the service may write to. Empty: nowhere."
  )

  init() {}
}
