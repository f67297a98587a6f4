// Types of values that only the configuration has.

/// How arrivals in an inbox are noticed.
public enum WatchMode: String, Sendable, CaseIterable {
  /// By the kernel's events on a local file system, by polling on a remote one; decided for each directory.
  case auto
  /// By the kernel's events.
  case inotify
  /// By listing the directories every `poll`.
  case poll
}

/// What becomes of an accepted file.
public enum AfterAccept: String, Sendable, CaseIterable {
  /// It is renamed into `done/`.
  case move
  /// It stays where it is, remembered by its hash.
  case keep
}

/// What becomes of a scan among the labeled whose mask never came.
public enum UnpairedScan: String, Sendable, CaseIterable {
  /// It is held.
  case hold
  /// It joins the pool as if it had been dropped among the unlabeled.
  case queue
}

/// What becomes of a scan whose header does not say how it lies.
public enum UnknownOrientation: String, Sendable, CaseIterable {
  /// It is held.
  case hold
  /// Its axes are taken as right, front, top.
  case assumeRAS = "assume-ras"
  /// It is rejected.
  case reject
}

/// What becomes of an expert mask without any lesion.
public enum EmptyLabels: String, Sendable, CaseIterable {
  /// It is held.
  case hold
  /// It is taken: the subject has no lesions.
  case accept
}

/// What becomes of a file whose header seems to name a person.
public enum PersonalData: String, Sendable, CaseIterable {
  /// It is held.
  case hold
  /// It is taken with a warning; the text is not copied.
  case warn
  /// It is taken; the text is not copied.
  case ignore
}

/// What becomes of a scan whose contrast nothing tells.
public enum AssumeFLAIR: String, Sendable, CaseIterable {
  /// It is taken as FLAIR, with a warning.
  case warn
  /// It is held.
  case hold
}

/// Threads of the engine.
public enum ThreadCount: Hashable, Sendable {
  /// As many as there are cores for this process.
  case auto
  /// This many.
  case count(Int)
}

/// How much memory the worker may use.
public enum MemoryBudget: Hashable, Sendable {
  /// This share of the control group's limit, or of the machine's memory where there is none.
  case share(Double)
  /// This many bytes.
  case bytes(Int)
}

/// Where the worker is.
public enum WorkerSocket: Hashable, Sendable {
  /// Behind `worker.sock` in the run directory where that is there, else a child of the supervisor.
  case auto
  /// A child of the supervisor.
  case none
  /// Behind this socket.
  case path(String)
}

/// The part of a day in which training may run, in minutes after midnight, local time.
public struct TrainWindow: Hashable, Sendable {
  /// From this minute on, 0…1439.
  public let start: Int
  /// Until before this minute, 0…1439; before `start` where the window spans midnight.
  public let end: Int

  /// A window from `start` to `end`; nil where they are no minutes of a day or are equal.
  public init?(start: Int, end: Int) {
    guard (0..<1440).contains(start), (0..<1440).contains(end), start != end else { return nil }
    self.start = start
    self.end = end
  }

  /// Reads `19:00-06:00`.
  public init?(_ text: String) {
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    let minutes = halves.compactMap(Self.minute)
    guard halves.count == 2, minutes.count == 2 else { return nil }
    self.init(start: minutes[0], end: minutes[1])
  }

  /// Whether a minute of the day lies in the window.
  public func contains(_ minute: Int) -> Bool {
    start < end ? (start..<end).contains(minute) : minute >= start || minute < end
  }

  /// `19:00-06:00`.
  public var text: String { Self.clock(start) + "-" + Self.clock(end) }

  private static func minute(_ clock: Substring) -> Int? {
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { ("0"..."9").contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private static func clock(_ minute: Int) -> String {
    [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
