/// What the worker answers.
public enum WorkerReply: Codable, Sendable {
  /// At its start, and when it was told how many threads to use: who it is.
  case ready(WorkerIdentity)
  /// A draft is written.
  case drafted(MaskFigures)
  /// The pool, nearest first.
  case ordered([ProximityFigures])
  /// Training goes on.
  case progress(TrainingProgress)
  /// The cycle is done; its result also lies in the cycle's directory as `result.json`.
  case trained(CycleResult)
  /// Training stopped at a checkpoint.
  case paused
  /// The cycle cannot begin: these of its labelled and held-out cases no training can use.
  case unusable([UnusableCase])
  /// The request could not be met. `reason` is held against the case only where it names one.
  case failed(reason: ReasonCode?, text: String)
}

/// Who the worker is: recorded with every generation, because "byte for byte" holds for the same.
public struct WorkerIdentity: Codable, Sendable, Equatable {
  /// Version of popcorn.
  public var version: String
  /// The processor's instruction set in use: `avx512`, `avx2`, `generic`.
  public var isa: String
  /// Threads of the engine.
  public var threads: Int
  /// Version of oneDNN.
  public var oneDNN: String
  /// Who the worker is.
  public init(version: String, isa: String, threads: Int, oneDNN: String) {
    self.version = version
    self.isa = isa
    self.threads = threads
    self.oneDNN = oneDNN
  }
}

/// A case that no training can use, for a reason that lies in its files.
public struct UnusableCase: Codable, Sendable, Equatable {
  /// The case's label.
  public var id: String
  /// What is held against it.
  public var reason: ReasonCode
  /// What was found.
  public var text: String
  /// A case that cannot be used.
  public init(id: String, reason: ReasonCode, text: String) {
    (self.id, self.reason, self.text) = (id, reason, text)
  }
}
