import Files

/// The walk along the chain.
struct AuditWalk {
  private(set) var report = AuditReport(records: 0, head: .empty, breaks: [])
  private let remembered: [AuditHead]
  private var hashes: [Int: String]
  private var cases: [String: AuditedCase] = [:]

  init(remembered: [AuditHead]) {
    self.remembered = remembered.filter { $0.seq > 0 }
    hashes = Dictionary(self.remembered.map { ($0.seq, "") }) { first, _ in first }
  }

  mutating func meet(seq: Int, line: String, hash: String, label: String?) {
    let expected = report.head.seq + 1
    if seq > expected { report.breaks.append(.missing(expected...(seq - 1))) }
    let computed = Digest(of: line.utf8).description
    let record: AuditRecord? = try? CanonicalJSON.decode(line)
    if computed != hash || record?.seq != seq || record?.caseLabel != label {
      report.breaks.append(.edited(seq: seq))
    }
    if seq == expected, record?.previous != report.head.hash { report.breaks.append(.unlinked(seq: seq)) }
    if let record, let label = record.caseLabel { note(record, of: label) }
    if hashes[seq] != nil { hashes[seq] = computed }
    report.records += 1
    report.head = AuditHead(seq: seq, hash: computed)
  }

  mutating func compareWithRemembered() {
    for head in remembered {
      if head.seq > report.head.seq {
        report.breaks.append(.truncated(head))
      } else if hashes[head.seq] != head.hash {
        report.breaks.append(.rewritten(head))
      }
    }
  }

  private mutating func note(_ record: AuditRecord, of label: String) {
    if let after = record.after { cases[label, default: AuditedCase(label)].state = after }
    switch record.event {
    case .caseCreated: cases[label]?.scan = AuditedCase.scan(record.facts)
    case .labelAdded: cases[label]?.masks.insert(AuditedCase.mask(record.facts))
    default: break
    }
  }

  /// Compares a case that there is with what was recorded of it.
  mutating func compare(with found: AuditedCase) {
    let recorded = cases.removeValue(forKey: found.label)
    if recorded?.state != found.state { report.breaks.append(.stateDiffers(case: found.label)) }
    guard let recorded else { return }
    if recorded.scan != found.scan { report.breaks.append(.scanDiffers(case: found.label)) }
    if recorded.masks != found.masks { report.breaks.append(.labelsDiffer(case: found.label)) }
  }

  /// After all cases that there are were compared.
  mutating func findMissingCases() {
    for label in cases.keys.sorted() { report.breaks.append(.caseMissing(case: label)) }
  }
}

/// What the chain says of a case, or the tables do.
struct AuditedCase {
  let label: String
  var state = ""
  /// The digests of its scan, as facts of the record that made it.
  var scan: [String: String] = [:]
  /// Its expert masks, as facts of the records that added them. None is ever changed or removed.
  var masks: Set<[String: String]> = []

  init(_ label: String) { self.label = label }

  static func scan(_ facts: [String: String]) -> [String: String] {
    facts.filter { ["input_sha256", "voxel_sha256", "canonical_sha256"].contains($0.key) }
  }

  static func mask(_ facts: [String: String]) -> [String: String] {
    facts.filter { ["rater", "revision", "mask_sha256", "input_sha256"].contains($0.key) }
  }
}

extension Ledger {
  /// The cases that there are, by label.
  func auditedCases() throws(LedgerFault) -> [AuditedCase] {
    var masks: [Int: Set<[String: String]>] = [:]
    _ = try database.rows("SELECT case_id, rater, revision, digest, input_digest FROM labels") { row in
      masks[row.integer(0), default: []].insert([
        "rater": row.text(1), "revision": String(row.integer(2)), "mask_sha256": row.text(3),
        "input_sha256": row.text(4),
      ])
    }
    return try database.rows(
      "SELECT id, label, state, input_digest, voxel_digest, canonical_digest FROM cases ORDER BY label"
    ) { row in
      var found = AuditedCase(row.text(1))
      found.state = row.text(2)
      found.scan = ["input_sha256": row.text(3), "voxel_sha256": row.text(4), "canonical_sha256": row.text(5)]
      found.masks = masks[row.integer(0)] ?? []
      return found
    }
  }
}
