import Contract
import Files

/// Who is trained on, who is drawn from, who judges: the lists of a cycle's order, each sorted by label so that they
/// do not depend on the order of arrival.
public struct Membership: Sendable {
  /// T without the held-out.
  public var trainingSet: [CaseReference]
  /// U without time points of the held-out.
  public var pool: [CaseReference]
  /// The held-out expert cases.
  public var holdout: [CaseReference]
}

/// Which part a subject with an expert label plays.
public enum SubjectRole: String, Codable, Sendable {
  /// Its cases may be trained on.
  case training
  /// Its cases judge, and are never trained on.
  case holdout
}

/// The choice of held-out subjects.
enum Holdout {
  /// The roles of all `subjects`: those of `standing` stay; of the others the first in `rank` are held out until
  /// `share` of all is, at least one and never all. Who was `trained` on (as a pseudo-label) becomes a judge only
  /// where nobody else is left.
  static func roles(
    of subjects: Set<String>, share: Double, standing: [String: SubjectRole], trained: Set<String>,
    rank: (String) -> Digest
  ) -> [String: SubjectRole] {
    var roles = standing.filter { subjects.contains($0.key) }
    let wanted = min(max(1, Int((share * Double(subjects.count)).rounded())), max(0, subjects.count - 1))
    var held = roles.values.count { $0 == .holdout }
    let new = subjects.subtracting(roles.keys).sorted { rank($0) < rank($1) }
    for subject in new.filter({ !trained.contains($0) }) + new.filter(trained.contains) {
      let isNeeded = trained.contains(subject) ? held == 0 && wanted > 0 : held < wanted
      roles[subject] = isNeeded ? .holdout : .training
      if isNeeded { held += 1 }
    }
    return roles
  }
}

extension Ledger {
  /// Gives each subject with an expert label that has no part yet its part, for cycle `number`; answers the held-out
  /// subjects. `share` is 0…1; at least one subject is held out as long as there are two. Deterministic in the set of
  /// subjects and the install key.
  @discardableResult
  public func assignHoldout(share: Double, cycle number: Int, by actor: UInt32) throws(LedgerFault) -> Set<String> {
    guard let pseudonyms else { throw .conflict("the ledger is open for reading only") }
    return try transaction { () throws(LedgerFault) in
      let subjects = Set(try cases(in: .expert).map(\.subject))
      let standing = try subjectRoles()
      let trained = try database.rows(
        "SELECT DISTINCT c.subject FROM selections s JOIN cases c ON c.id = s.case_id"
      ) { row in row.text(0) }
      let roles = Holdout.roles(
        of: subjects, share: share, standing: standing, trained: Set(trained), rank: pseudonyms.holdoutRank)
      let new = roles.filter { standing[$0.key] == nil }.sorted { $0.key < $1.key }
      for (subject, role) in new {
        try database.run(
          "INSERT INTO subjects (subject, role, since_cycle) VALUES (?, ?, ?)", .text(subject), .text(role.rawValue),
          .integer(number))
      }
      if !new.isEmpty {
        try append(
          .holdoutAssigned, case: nil, before: nil, after: nil, reason: nil,
          facts: [
            "cycle": String(number), "holdout": String(new.count { $0.value == .holdout }),
            "training": String(new.count { $0.value == .training }),
          ], by: actor)
      }
      return Set(roles.filter { $0.value == .holdout }.keys)
    }
  }

  /// Takes the parts back that cycle `number` gave, of which nothing was learned: the next cycle gives them anew.
  public func takeBackRoles(ofCycle number: Int) throws(LedgerFault) {
    try database.run("DELETE FROM subjects WHERE since_cycle = ?", .integer(number))
  }

  /// The part of each subject that has one.
  public func subjectRoles() throws(LedgerFault) -> [String: SubjectRole] {
    let roles = try database.rows("SELECT subject, role FROM subjects") {
      row throws(LedgerFault) in (row.text(0), try row.word(1, SubjectRole.self))
    }
    return Dictionary(uniqueKeysWithValues: roles)
  }

  /// How many subjects have an expert label: what `min_expert` counts.
  public func expertSubjectCount() throws(LedgerFault) -> Int {
    try database.first("SELECT count(DISTINCT subject) FROM cases WHERE state = 'expert'") { $0.integer(0) } ?? 0
  }

  /// The lists of a cycle's order, with paths in `store`. Ask after `assignHoldout`, in the same transaction.
  public func membership(in store: Store) throws(LedgerFault) -> Membership {
    let roles = try subjectRoles()
    var membership = Membership(trainingSet: [], pool: [], holdout: [])
    for known in try cases().sorted(by: { $0.label < $1.label }) {
      let isHeldOut = roles[known.subject] == .holdout
      switch known.state {
      case .expert where isHeldOut: membership.holdout.append(try reference(to: known, in: store))
      case _ where isHeldOut: break
      case .expert, .pseudo: membership.trainingSet.append(try reference(to: known, in: store))
      case .accepted, .drafted: membership.pool.append(try reference(to: known, in: store))
      default: break
      }
    }
    return membership
  }

  /// A case as the worker sees it: its files in `store`, its expert masks or its pseudo-label.
  public func reference(to known: Case, in store: Store) throws(LedgerFault) -> CaseReference {
    var masks: [MaskReference] = []
    switch known.state {
    case .expert:
      masks = try currentLabels(of: known.label).map { expert in
        MaskReference(
          kind: .expert, path: store.path(expert.digest, .image).string,
          rater: expert.rater.isEmpty ? nil : expert.rater)
      }
    case .pseudo:
      masks = try selections(of: known.label).suffix(1).map { selection in
        MaskReference(
          kind: .pseudo, path: store.path(selection.referenceMask, .image).string, onReferenceGrid: true)
      }
    default: break
    }
    return CaseReference(
      id: known.label, subject: known.subject, scan: store.path(known.canonicalDigest, .image).string,
      brain: known.brainDigest.map { store.path($0, .image).string }, masks: masks,
      isReleased: known.isReleased ? true : nil)
  }

  /// Records how near the pool is to the training set under `generation`, in place of what was known.
  public func setProximities(_ figures: [ProximityFigures], generation: Int) throws(LedgerFault) {
    try transaction { () throws(LedgerFault) in
      try database.run("DELETE FROM proximities")
      for near in figures {
        try database.run(
          """
          INSERT INTO proximities (case_id, generation, sum, nearest)
          SELECT id, ?, ?, ? FROM cases WHERE label = ?
          """,
          .integer(generation), .real(near.sum), .text(CompactText.encode(near.nearest)), .text(near.id))
      }
    }
  }

  /// How many cases of the pool arrived after `moment`, all where it is nil, and when the oldest of them did.
  public func poolArrivals(after moment: Timestamp?) throws(LedgerFault) -> (count: Int, oldest: Timestamp?) {
    try database.first(
      "SELECT count(*), min(arrived) FROM cases WHERE state IN ('accepted', 'drafted') AND (?1 IS NULL OR arrived > ?1)",
      .integer(moment.map { Int($0.milliseconds) })
    ) { row in (row.integer(0), row.integerIfAny(1).map { Timestamp(milliseconds: Int64($0)) }) } ?? (0, nil)
  }

  /// The queue as people are shown it. `newest` are the newest masks of all cases.
  public static func entries(
    of queue: [(case: Case, proximity: ProximityFigures?)], newest masks: [AutomaticMask]
  ) -> [QueueEntry] {
    let newest = Dictionary(masks.map { ($0.caseLabel, $0.generation) }) { first, _ in first }
    return queue.enumerated().map { place, entry in
      QueueEntry(
        id: entry.case.label, state: entry.case.state, rank: place + 1, proximity: entry.proximity?.sum,
        generation: newest[entry.case.label])
    }
  }

  /// The pool in proximity order: nearest first, ties by content, then those of which nothing is known yet.
  public func queue() throws(LedgerFault) -> [(case: Case, proximity: ProximityFigures?)] {
    let order = try database.rows(
      """
      SELECT \(Case.columns), p.sum, p.nearest FROM cases c LEFT JOIN proximities p ON p.case_id = c.id \
      WHERE c.state IN ('accepted', 'drafted') ORDER BY p.sum IS NULL, p.sum, c.content
      """
    ) { row throws(LedgerFault) -> (case: Case, proximity: ProximityFigures?) in
      let known = try Case(row)
      guard let sum = row.realIfAny(Case.columnCount) else { return (case: known, proximity: nil) }
      let nearest = try CompactText.neighbours(row.text(Case.columnCount + 1))
      return (case: known, proximity: ProximityFigures(id: known.label, sum: sum, nearest: nearest))
    }
    return order
  }
}
