import Contract
import Files
import SystemPackage

/// When a dropped file is quiet enough to be read. Sightings and events in, actions out; time is handed in as monotonic
/// nanoseconds, so that nothing here waits, polls or fails to be tested.
///
/// The caller's loop: `hint` for each event, `saw` for each file of a rescan, `act(at:)` when `nextWake` has come;
/// it does
/// what the actions say and answers a `.look` with `saw`, `lost` or `unclear`, an `.admit` with `judged`.
public struct Settling: Sendable {
  /// Hints of a tenth of a second make one look.
  private static let gathering: UInt64 = 100_000_000
  /// Looks that fail in a row before a file is forgotten.
  private static let mostFailedLooks = 5

  /// How patient to be; may change at a reload.
  public var patience: Patience
  private var entries: [FilePath: Entry] = [:]
  private var ready: [Ready] = []
  private var givenUp: [SeenFile] = []
  private var turnedAway = false
  private var admitted = 0
  private var wake: UInt64?

  /// Follows nothing yet.
  public init(patience: Patience = Patience()) { self.patience = patience }

  /// Files followed now: each is taken or given up by itself. One that may not be read or cannot be looked at is none of
  /// them.
  public var count: Int { entries.count }

  /// Files that are being taken: they settle, stand in line or are read. One that waits for another attempt is none of
  /// them, and neither is one that cannot be looked at or goes on changing.
  public var pending: Int { entries.values.count { isPending($0) } }

  /// Files that were not whole at their last attempt: for the status.
  public var incompleteCount: Int { entries.values.count { $0.incompleteSince != nil } }

  /// When `act(at:)` has something to do; nil while nothing is due.
  public var nextWake: UInt64? {
    if !givenUp.isEmpty { return 0 }
    if !ready.isEmpty, admitted < patience.admissions { return 0 }
    if turnedAway, entries.count <= patience.activeFiles / 2 { return 0 }
    return wake
  }
}

// What comes in.
extension Settling {
  /// Something happened at `path` (relative to the inbox).
  public mutating func hint(_ path: FilePath, at now: UInt64) {
    guard var entry = entries[path] else {
      if let entry = newEntry(at: now) { keep(entry, path, due: now) }
      return
    }
    if entry.phase == .admitting {
      entry.wasTouched = true
      entries[path] = entry
    } else {
      if entry.phase == .ready { unready(path) }
      entry.phase = .waiting
      entry.since = now
      entry.notBefore = now + settle(entry)
      // Soon rather than at the end of the settle time: what is seen then is what has to stay unchanged.
      keep(entry, path, due: min(entry.due ?? .max, now + Self.gathering))
    }
  }

  /// `file` lies there now. `isKnown` asks whether this path, inode, size and time have been dealt with: the ledger has it, or
  /// it was `.refused` and would be again.
  public mutating func saw(_ file: SeenFile, at now: UInt64, isKnown: (SeenFile) -> Bool) {
    guard var entry = entries[file.path] ?? newEntry(at: now) else { return }
    let isNew = entry.file == nil
    guard entry.phase != .admitting else {
      if let old = entry.file, !file.isUnchanged(since: old) { entry.wasTouched = true }
      entries[file.path] = entry
      return
    }
    entry.failedLooks = 0
    if let old = entry.file, file.isUnchanged(since: old) {
      entry.file = file
      return settleFurther(entry, file, at: now)
    }
    if isKnown(file) { return forget(file.path) }
    if entry.phase == .ready { unready(file.path) }
    entry.file = file
    if now > entry.lastChange + patience.longestUnrest { entry.restlessSince = now }
    entry.lastChange = now
    entry.attempts = 0
    entry.incompleteSince = nil
    // A copy that goes on for long is looked at less often; its close is an event on a local disk.
    let growing = isNew ? 0 : min((now - entry.since) / 8, 60_000_000_000)
    startSettling(entry, file.path, at: now, for: max(settle(entry), growing))
  }

  /// Nothing lies there any more, or nothing that is ours to take.
  public mutating func lost(_ path: FilePath) {
    guard var entry = entries[path] else { return }
    if entry.phase == .admitting {
      entry.wasTouched = true
      entries[path] = entry
    } else {
      forget(path)
    }
  }

  /// It cannot be told what lies at `path`: the share is busy or not readable. It is looked at again later, and forgotten
  /// where that goes on: the next scan shows it if it can.
  public mutating func unclear(_ path: FilePath, at now: UInt64) {
    guard var entry = entries[path], entry.phase != .admitting else { return }
    entry.failedLooks += 1
    guard entry.failedLooks < Self.mostFailedLooks else { return forget(path) }
    if entry.phase == .ready { unready(path) }
    startSettling(entry, path, at: now, for: pause(entry))
  }

  /// Everything was listed: what is not there is lost.
  public mutating func keep(_ isThere: (FilePath) -> Bool) {
    for path in Array(entries.keys) where !isThere(path) { lost(path) }
  }

  /// The inbox is gone: everything is forgotten but what is with popcorn-admit; a scan follows when it is back.
  public mutating func inboxIsGone() {
    for (path, entry) in entries where entry.phase != .admitting { entries[path] = nil }
    ready = []
    givenUp = []
    turnedAway = false
    wake = nil
  }

  /// What came of `.admit`.
  public mutating func judged(_ path: FilePath, _ judgement: Judgement, at now: UInt64) {
    guard var entry = entries[path], entry.phase == .admitting else { return }
    admitted -= 1
    let wasTouched = entry.wasTouched
    entry.wasTouched = false
    switch judgement {
    case .settled, .refused:
      forget(path)
      if wasTouched { hint(path, at: now) }
    case .unsure(let due) where !wasTouched:
      entry.incompleteSince = nil
      entry.attempts += 1
      startSettling(entry, path, at: now, for: max(settle(entry), due > now ? due - now : 0))
    case .incomplete, .transient, .unsure:
      entry.incompleteSince = judgement == .incomplete ? entry.incompleteSince ?? entry.lastChange : nil
      entry.attempts += 1
      if wasTouched { return startSettling(entry, path, at: now, for: settle(entry)) }
      entry.phase = .waiting
      entry.notBefore = now + pause(entry)
      let deadline = entry.incompleteSince.map { max(now + settle(entry), $0 + patience.incompleteTimeout) }
      keep(entry, path, due: min(entry.notBefore, deadline ?? .max))
    }
  }
}

// What goes out.
extension Settling {
  /// What is due now, looks and admissions each in bytewise order of path, but tables of pairs are admitted first and masks
  /// last.
  public mutating func act(at now: UInt64) -> [Action] {
    var actions: [Action] = []
    if let wake, wake <= now { actions = takeDue(at: now) }
    actions += givenUp.map(Action.giveUp)
    givenUp = []
    while admitted < patience.admissions, let next = ready.popLast() {
      guard var entry = entries[next.path], let file = entry.file else { continue }
      entry.phase = .admitting
      entries[next.path] = entry
      admitted += 1
      actions.append(.admit(file))
    }
    if turnedAway, entries.count <= patience.activeFiles / 2 {
      turnedAway = false
      actions.append(.rescan)
    }
    return actions
  }

  private mutating func takeDue(at now: UInt64) -> [Action] {
    var looks: [(bytes: [UInt8], path: FilePath)] = []
    wake = nil
    for (path, entry) in entries {
      guard let due = entry.due else { continue }
      if due <= now {
        looks.append((path.rawBytes, path))
      } else {
        wake = min(wake ?? due, due)
      }
    }
    looks.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for (_, path) in looks { entries[path]?.due = nil }
    return looks.map { .look($0.path) }
  }
}

extension Settling {
  /// `waiting` is both: for quiet, and for the end of the pause after an attempt.
  private enum Phase: Sendable { case waiting, ready, admitting }

  private struct Entry: Sendable {
    var file: SeenFile?
    var phase = Phase.waiting
    /// First heard of, or hinted at last.
    var since: UInt64
    /// New bytes were seen last.
    var lastChange: UInt64
    /// New bytes have been seen again and again.
    var restlessSince: UInt64
    /// Not to be admitted earlier.
    var notBefore: UInt64
    /// When to look again.
    var due: UInt64?
    var attempts = 0
    /// Looks in a row that could not tell what lies there.
    var failedLooks = 0
    var incompleteSince: UInt64?
    /// Something happened to it while popcorn-admit had it.
    var wasTouched = false
  }

  private struct Ready: Sendable {
    let order: [UInt8]
    let path: FilePath
  }

  private func isPending(_ entry: Entry) -> Bool {
    guard entry.phase == .waiting else { return entry.failedLooks == 0 }
    let isRestless = entry.lastChange > entry.restlessSince + patience.longestUnrest
    return entry.failedLooks == 0 && entry.attempts == 0 && !isRestless
  }

  private func settle(_ entry: Entry) -> UInt64 {
    entry.file?.isRemote == true ? patience.settleRemote : patience.settleLocal
  }

  private func pause(_ entry: Entry) -> UInt64 {
    min(patience.longestPause, settle(entry) << UInt64(min(entry.attempts + entry.failedLooks, 20)))
  }

  private mutating func newEntry(at now: UInt64) -> Entry? {
    guard entries.count < patience.activeFiles else {
      turnedAway = true
      return nil
    }
    return Entry(since: now, lastChange: now, restlessSince: now, notBefore: now)
  }

  private mutating func startSettling(_ entry: Entry, _ path: FilePath, at now: UInt64, for time: UInt64) {
    var entry = entry
    entry.phase = .waiting
    entry.notBefore = now + time
    keep(entry, path, due: now + time)
  }

  private mutating func settleFurther(_ entry: Entry, _ file: SeenFile, at now: UInt64) {
    var entry = entry
    if entry.phase == .ready {
      entries[file.path] = entry
    } else if let since = entry.incompleteSince, now >= since + patience.incompleteTimeout {
      forget(file.path)
      givenUp.append(file)
    } else if now >= entry.notBefore {
      entry.phase = .ready
      entry.due = nil
      entries[file.path] = entry
      let order = Self.order(of: file.path)
      ready.insert(Ready(order: order, path: file.path), at: placeAmongReady(order))
    } else {
      keep(entry, file.path, due: entry.due ?? entry.notBefore)
    }
  }

  private mutating func keep(_ entry: Entry, _ path: FilePath, due: UInt64) {
    var entry = entry
    entry.due = due
    entries[path] = entry
    wake = min(wake ?? due, due)
  }

  private mutating func forget(_ path: FilePath) {
    if entries.removeValue(forKey: path)?.phase == .ready { unready(path) }
    if entries.isEmpty { wake = nil }
  }

  private mutating func unready(_ path: FilePath) {
    let place = placeAmongReady(Self.order(of: path))
    if place < ready.count, ready[place].path == path { ready.remove(at: place) }
  }

  /// A table says what others are: it goes before them. A mask goes after the scans, so that it finds its own decided on.
  private static func order(of path: FilePath) -> [UInt8] {
    let turn: UInt8 = FileName(of: path).isPairsTable ? 0 : FileRole(named: path) == .scan ? 1 : 2
    return [turn] + path.rawBytes
  }

  /// `ready` is sorted downwards: the next in line is its last.
  private func placeAmongReady(_ order: [UInt8]) -> Int {
    var low = 0
    var high = ready.count
    while low < high {
      let middle = (low + high) / 2
      if order.lexicographicallyPrecedes(ready[middle].order) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
