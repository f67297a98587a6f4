import Contract
import Glibc

/// Who is at the other end, as the kernel tells it.
struct Peer: Sendable, Equatable {
  let user: uid_t
  let groups: [gid_t]
}

/// Who may ask what. Root and the one who runs the service may ask everything, others by their groups: the status has
/// the labels of cases in it, as the folder status/ has, and is for those who may look into that.
struct Rights: Sendable {
  /// The group of those who may look: `popcornd-view`; nil where there is none.
  var viewers: gid_t?
  /// The group of those who may look and change things: `popcornd-admin`; nil where there is none.
  var administrators: gid_t?

  /// As this machine's groups have it.
  static var here: Rights {
    Rights(viewers: Groups.number(of: "popcornd-view"), administrators: Administrators.group)
  }

  func allow(_ request: ControlRequest, to peer: Peer) -> Bool {
    if peer.user == 0 || peer.user == geteuid() { return true }
    let groups = [administrators, request.changesState ? nil : viewers].compactMap { $0 }
    return groups.contains { peer.groups.contains($0) }
  }

  /// Whether a peer may ask anything.
  func know(_ peer: Peer) -> Bool { allow(.status, to: peer) }

  /// What is said to whom a request is not allowed.
  static func words(against request: ControlRequest) -> String {
    request.changesState
      ? "only members of popcornd-admin may do this" : "only members of popcornd-view or popcornd-admin may see this"
  }
}

/// Requests that were not allowed, to be recorded together.
struct Refusal: Sendable, Equatable {
  /// What was asked.
  let verb: String
  /// By whom.
  let user: uid_t
  /// How often, since the last of the kind that was recorded.
  let times: Int
}

/// Decides which refusals are recorded. The first is at once; whoever goes on gets one record a minute that says how
/// often, so that nobody can fill the ledger with them.
struct Refusals: Sendable {
  private struct Kind: Hashable {
    let verb: String
    let user: uid_t
  }
  private struct Count {
    var recorded: Double
    var unrecorded = 0
  }

  private var counts: [Kind: Count] = [:]
  private static let pause = 60.0
  private static let mostKinds = 256

  /// Takes a refusal at `now` of the clock; answers what is to be recorded, nil where nothing is yet.
  mutating func take(_ verb: String, by user: uid_t, at now: Double) -> Refusal? {
    let kind = Kind(verb: verb, user: user)
    let known = counts[kind]
    let times = 1 + (known?.unrecorded ?? 0)
    if let known, now - known.recorded < Self.pause {
      counts[kind]?.unrecorded = times
      return nil
    }
    if counts.count >= Self.mostKinds { counts = counts.filter { now - $0.value.recorded < Self.pause } }
    guard counts.count < Self.mostKinds else { return nil }
    counts[kind] = Count(recorded: now)
    return Refusal(verb: verb, user: user, times: times)
  }
}
