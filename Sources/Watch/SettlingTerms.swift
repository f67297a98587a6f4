import SystemPackage

// What goes between `Settling` and its caller.
extension Settling {
  /// How patient to be. All in nanoseconds.
  public struct Patience: Sendable {
    /// Quiet time on a local disk.
    public var settleLocal: UInt64 = 2_000_000_000
    /// Quiet time on a network file system.
    public var settleRemote: UInt64 = 10_000_000_000
    /// The longest pause between two attempts on an incomplete file.
    public var longestPause: UInt64 = 600_000_000_000
    /// How long a file may stay incomplete without a new byte (`incomplete_timeout`).
    public var incompleteTimeout: UInt64 = 3_600_000_000_000
    /// How long others wait for a file that goes on changing; as long a rest begins that time anew. It is taken once it is
    /// quiet all the same.
    public var longestUnrest: UInt64 = 300_000_000_000
    /// Files followed at the same time; more wait in their folder for the next rescan.
    public var activeFiles = 2048
    /// Files with popcorn-admit at the same time.
    public var admissions = 1

    /// The defaults of the configuration.
    public init() {}
  }

  /// What is to be done now.
  public enum Action: Sendable, Hashable {
    /// Look at this path and answer with `saw`, `lost` or `unclear`.
    case look(FilePath)
    /// Settled: give it to popcorn-admit and answer with `judged`.
    case admit(SeenFile)
    /// It stayed incomplete too long: reject it. It is forgotten here; new bytes begin a new attempt.
    case giveUp(SeenFile)
    /// There is room again for what was turned away: scan the inbox.
    case rescan
  }

  /// What came of an admission, as far as it matters here.
  public enum Judgement: Sendable, Hashable {
    /// Accepted, held or rejected, and written in the ledger: the file is known.
    case settled
    /// Not whole yet: try again later, give up after the time-out.
    case incomplete
    /// It reads as whole, and may only have been reserved as it is: try again at this time, or when it has changed.
    case unsure(until: UInt64)
    /// Busy, or a fault of the host: try again later, without end.
    case transient
    /// It may not be read, and its owner was told: it is forgotten, so that others have its place. It is as good as known to
    /// whoever scans, and is tried again where `saw` is told that it is not any more.
    case refused
  }
}
