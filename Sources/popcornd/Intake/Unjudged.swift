import Contract
import Glibc
import Processes
import SystemPackage
import Watch

/// Readings that came to no judgement: how often each file had one, and what the last said. A new state of a file begins
/// anew. Kept in memory only: after a start everything is read again.
struct Unjudged: Sendable {
  /// A file that its reader dies of is held at this many deaths.
  static let mostDeaths = 2
  /// A file whose reader is killed from outside, or that the disk will not give, is held at this many tries.
  static let mostTries = 5
  /// A file whose end is all zeros may have been reserved, and is believed when it has stayed so for so long, ns.
  static let longestFilling: UInt64 = 60_000_000_000

  private struct Trials: Sendable {
    /// The file, or header and voxels of a pair.
    let parts: [SeenFile]
    var deaths = 0
    var kills = 0
    var faults = 0
    var lastWord: Verdict?
    /// It was not whole for the first time.
    var since: UInt64?
  }

  private var trials: [FilePath: Trials] = [:]

  /// Whether there is none.
  var isEmpty: Bool { trials.isEmpty }

  /// Whether a file, in whatever state, had a reading that came to nothing.
  func knows(_ path: FilePath) -> Bool { trials[path] != nil }

  /// Forgets a file.
  mutating func forget(_ path: FilePath) { trials[path] = nil }

  /// Forgets all but these.
  mutating func keep(_ isToStay: (FilePath) -> Bool) { trials = trials.filter { isToStay($0.key) } }

  /// The reader died; answers what is to be said of the file once it is clear, nil while it is to be tried again.
  mutating func died(
    of parts: [SeenFile], _ ending: Ending, isHeldAgainstFile: Bool, limit: Duration
  ) -> Verdict? {
    // No reader, no word about a file.
    if case .unstartable = ending { return nil }
    return change(parts) { trials in
      if isHeldAgainstFile { trials.deaths += 1 } else { trials.kills += 1 }
      guard trials.deaths >= Self.mostDeaths || trials.kills >= Self.mostTries else { return nil }
      let reason: ReasonCode =
        switch ending {
        case .overdue: .workerDeadline
        case .signaled(SIGKILL) where isHeldAgainstFile: .memory
        default: .workerCrashed
        }
      var verdict = Verdict(.hold, reason: reason)
      switch reason {
      case .workerDeadline: verdict.numbers = [Verdict.Number("limit", DurationText.write(limit))]
      case .workerCrashed: verdict.numbers = [Verdict.Number("error", "popcorn-admit \(ending.words)")]
      default: break
      }
      verdict.numbers.append(Verdict.Number("tries", String(trials.deaths + trials.kills)))
      return verdict
    }
  }

  /// The file could not be read; answers what is to be said of it at last.
  mutating func failed(on parts: [SeenFile], _ verdict: Verdict) -> Verdict? {
    change(parts) { trials in
      trials.faults += 1
      guard trials.faults >= Self.mostTries else { return nil }
      var verdict = verdict
      verdict.outcome = .hold
      verdict.numbers.append(Verdict.Number("tries", String(trials.faults)))
      return verdict
    }
  }

  /// The file is not whole; answers since when that is known of it as it is.
  mutating func waits(for parts: [SeenFile], _ verdict: Verdict, at now: UInt64) -> UInt64 {
    change(parts) { trials in
      trials.lastWord = verdict
      let since = trials.since ?? now
      trials.since = since
      return since
    }
  }

  /// What is to be said of a file that did not become whole: the last reading's numbers and digests are still true.
  func lastWord(on parts: [SeenFile]) -> Verdict {
    let known = parts.first.flatMap { trials[$0.path] }.flatMap { Self.isSame($0.parts, parts) ? $0.lastWord : nil }
    var verdict = known ?? Verdict(.wait)
    let isEmpty = parts.contains { $0.size == 0 }
    let reason = isEmpty ? .emptyFile : verdict.reason == .incomplete ? .truncated : verdict.reason ?? .truncated
    verdict.reason = reason
    verdict.outcome = reason.outcome == .hold ? .hold : .reject
    return verdict
  }

  private mutating func change<Answer>(_ parts: [SeenFile], _ change: (inout Trials) -> Answer) -> Answer {
    let path = parts.first?.path ?? ""
    var mine = trials[path].flatMap { Self.isSame($0.parts, parts) ? $0 : nil } ?? Trials(parts: parts)
    defer { trials[path] = mine }
    return change(&mine)
  }

  private static func isSame(_ a: [SeenFile], _ b: [SeenFile]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.isUnchanged(since: $1) }
  }
}
