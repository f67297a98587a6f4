import SystemPackage

/// Which intakes have something to do, and which of them do not answer: a share that hangs holds up its own inbox, and
/// nobody waits for that. Time is what `now` says, in seconds of a clock that never goes back.
struct RollCall: Sendable {
  /// Whoever has something to do and has been silent for so long is asked whether he is there.
  static let interval = 10.0
  /// Whoever has not answered for so long is not waited for.
  static let patience = 50.0

  private struct Presence: Sendable {
    /// Files that are being taken; nil before the first word.
    var busy: Int?
    /// What it was sent to do and has not done.
    var errands = 0
    /// When it was heard last.
    var heard: Double
    /// When it was asked, and has not answered.
    var asked: Double?
    var isMissing = false

    var isAwaited: Bool { !isMissing && (busy != 0 || errands > 0) }
    /// When something is to be done about its silence.
    var due: Double { asked.map { max($0, heard) + RollCall.patience } ?? heard + RollCall.interval }
  }

  private var inboxes: [FilePath: Presence] = [:]

  /// Whether somebody who answers has something to do.
  var isBusy: Bool { inboxes.values.contains { $0.isAwaited } }

  /// When to call next; nil while nobody has anything to do.
  var due: Double? { inboxes.values.filter { $0.isAwaited }.map(\.due).min() }

  /// The intake of an inbox begins.
  mutating func enrol(_ inbox: FilePath, at now: Double) { inboxes[inbox] = Presence(heard: now) }

  /// It is sent to do something.
  mutating func sent(_ inbox: FilePath) { inboxes[inbox]?.errands += 1 }

  /// It has done that. Answers whether it had been missing.
  mutating func returned(_ inbox: FilePath, at now: Double) -> Bool {
    inboxes[inbox]?.errands -= 1
    return heard(inbox, at: now)
  }

  /// It is taking so many files. Answers whether it had been missing.
  mutating func taking(_ inbox: FilePath, _ busy: Int, at now: Double) -> Bool {
    inboxes[inbox]?.busy = busy
    return heard(inbox, at: now)
  }

  /// It answers. Answers whether it had been missing.
  mutating func answered(_ inbox: FilePath, at now: Double) -> Bool {
    inboxes[inbox]?.asked = nil
    return heard(inbox, at: now)
  }

  /// Whom to ask now, and who has turned out to be missing.
  mutating func call(at now: Double) -> (ask: [FilePath], missing: [FilePath]) {
    var ask: [FilePath] = []
    var missing: [FilePath] = []
    for (inbox, presence) in inboxes where presence.isAwaited && presence.due <= now {
      if presence.asked == nil {
        inboxes[inbox]?.asked = now
        ask.append(inbox)
      } else {
        inboxes[inbox]?.isMissing = true
        missing.append(inbox)
      }
    }
    return (ask, missing)
  }

  private mutating func heard(_ inbox: FilePath, at now: Double) -> Bool {
    let wasMissing = inboxes[inbox]?.isMissing == true
    inboxes[inbox]?.heard = now
    inboxes[inbox]?.isMissing = false
    return wasMissing
  }
}
