import Contract
import Files

/// Nothing may be learned from and judged on, and nothing may be learned from twice as two things.
extension DataFolder {
  /// Throws `Fault` where a person or a scan is on both sides of a split, which would make every figure too good, and where a
  /// labeled scan lies in the pool too.
  /// - Parameter digests: of scans, by their paths: of their bytes, or of their voxels.
  func refuseOverlap(_ digests: [String: Digest]) throws {
    let (trainingSet, holdout) = split()
    try refusePersons(of: test, "in test", among: labeled + unlabeled)
    try refuseTwice(test, "in test/", among: labeled + unlabeled, digests)
    try refuseTwice(holdout, "held out", among: trainingSet, digests)
    try refuseTwice(labeled, "in labeled/", among: unlabeled, digests)
  }

  /// Throws `Fault` where somebody held out has another scan in the pool. Who is held out follows from names.
  func refuseHeldOutInPool() throws { try refusePersons(of: split().holdout, "held out", among: unlabeled) }

  /// The pool without scans of those who are held out, and these.
  var poolBesideHoldout: (pool: [CaseReference], leftOut: [CaseReference]) {
    let held = Set(split().holdout.map(\.subject))
    return (unlabeled.filter { !held.contains($0.subject) }, unlabeled.filter { held.contains($0.subject) })
  }

  private func refusePersons(of judged: [CaseReference], _ part: String, among learned: [CaseReference]) throws {
    let bySubject = Dictionary(learned.map { ($0.subject, $0.id) }) { first, _ in first }
    for scan in judged {
      guard let other = bySubject[scan.subject], other != scan.id else { continue }
      throw Fault(
        .dataError,
        "\(scan.id) is \(part) and \(other), of the same person '\(scan.subject)', is learned from: take one of them out, or "
          + "say by --subject-pattern how names tell persons")
    }
  }

  private func refuseTwice(
    _ scans: [CaseReference], _ place: String, among others: [CaseReference], _ digests: [String: Digest]
  ) throws {
    let byName = Dictionary(others.map { ($0.id, $0) }) { first, _ in first }
    let byContent = Dictionary(others.compactMap { scan in digests[scan.scan].map { ($0, scan) } }) { first, _ in first
    }
    let twice = scans.compactMap { scan in
      (byName[scan.id] ?? digests[scan.scan].flatMap { byContent[$0] }).map { (scan, $0) }
    }
    guard let (scan, other) = twice.first else { return }
    let more = twice.count > 1 ? ", and so are \(twice.count - 1) more" : ""
    throw Fault(
      .dataError,
      scan.id == other.id
        ? "\(scan.id) is \(place) and is \(other.scan) too\(more): take one of them out, or rename what is another scan"
        : "\(scan.id), \(place), and \(other.id) are the same scan\(more): take one of them out")
  }
}
