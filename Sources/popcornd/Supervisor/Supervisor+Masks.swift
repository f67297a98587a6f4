import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What becomes of an expert's mask or a brain mask that popcorn-admit has read.
extension Supervisor {
  /// The cases that a mask may belong to. What it was before a person moved it into release/, and a table, leave no doubt. A
  /// scan that its name leads to comes before the case that its header or name has of us, which is for a mask alone; where they
  /// differ a person decides. None: its scan is still to come, or to be decided on.
  func candidates(for arrival: Arrival) throws(LedgerFault) -> [Case] {
    if let taken = try ledger.mask(beforeRelease: arrival.file, in: arrival.inbox)?.decision.caseLabel {
      return [try ledger.case(taken)]
    }
    guard !arrival.isScanUndecided else { return [] }
    let name = arrival.name
    var cases = try casesOfScans(beside: arrival)
    if name.isTabled || !name.partners.isEmpty, cases.isEmpty { return [] }
    if !name.isTabled { cases.merge(try ownCases(of: arrival)) { first, _ in first } }
    if cases.isEmpty {
      for label in try labels(thatAre: arrival) { cases[label.caseLabel] = try ledger.case(label.caseLabel) }
    }
    return cases.values.sorted { $0.label < $1.label }
  }

  /// The cases of the scans that a table or its name gives a mask, by their labels.
  private func casesOfScans(beside arrival: Arrival) throws(LedgerFault) -> [String: Case] {
    var cases: [String: Case] = [:]
    for scan in arrival.name.partners {
      let decisions = try ledger.decisions(inbox: arrival.inbox, path: scan)
      guard let label = decisions.first(where: { $0.decision.role == .scan })?.decision.caseLabel else { continue }
      cases[label] = try ledger.case(label)
    }
    return cases
  }

  /// The cases of ours that a mask's header and name have.
  private func ownCases(of arrival: Arrival) throws(LedgerFault) -> [String: Case] {
    var cases: [String: Case] = [:]
    for label in [arrival.verdict.ownCase, arrival.name.ownCase].compactMap({ $0 }) {
      do { cases[label] = try ledger.case(label) } catch LedgerFault.notFound { continue }
    }
    return cases
  }

  /// The expert masks that a copy in release/ is, where no name tells: a person wants one of before back. An empty mask
  /// is like any other.
  private func labels(thatAre arrival: Arrival) throws(LedgerFault) -> [ExpertLabel] {
    guard arrival.file.tree == .release, arrival.name.role == .label, let canonical = arrival.canonical,
      arrival.verdict.foreground.map({ $0 > 0 }) == true
    else { return [] }
    return try ledger.labels(withMask: canonical)
  }

  /// Which expert drew a mask of a case with these labels. Where no name tells, whoever drew it before.
  private func rater(of arrival: Arrival, among labels: [ExpertLabel]) -> String {
    guard arrival.file.tree == .release, arrival.formerPath == nil else { return arrival.name.rater }
    let raters = Set(labels.filter { $0.digest == arrival.canonical }.map(\.rater))
    return raters.count == 1 ? raters.first ?? "" : arrival.name.rater
  }

  func ruleLabel(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    guard let canonical = arrival.canonical, let geometry = verdict.geometry,
      let input = verdict.inputDigest.flatMap({ Digest(hexadecimal: $0) })
    else { return .again }
    let candidates = try candidates(for: arrival)
    guard let known = candidates.first else { return try wait(arrival, .waitingPair) }
    if candidates.count > 1 || arrival.name.isDisputed && !isReleased {
      return try holdAmbiguous(arrival, candidates)
    }
    guard let distance = known.geometry.cornerDisplacement(to: geometry) else {
      return try refuseShape(arrival, geometry, known)
    }
    let number = Verdict.Number.misplacement(distance)
    let before = try ledger.labels(of: known.label)
    let rater = rater(of: arrival, among: before)
    // What was taken before was looked at then.
    let isDoubtful = !isReleased && !before.contains { $0.rater == rater && $0.digest == canonical }
    if distance > settings.accept.geometryWarnMm, isDoubtful {
      return try hold(arrival, .labelGeometry, [number])
    }
    if known.state == .withdrawn { return try refuse(arrival, .withdrawn, []) }
    if isDoubtful, try ledger.isOurs(verdict, of: known.label) { return try hold(arrival, .unedited, []) }
    if isDoubtful, let overlap = arrival.overlap, overlap.dice < Agreement.leastDice {
      let dice = (overlap.dice * 1000).rounded() / 1000
      return try hold(
        arrival, .labelDisagrees, [Verdict.Number("case", known.label), Verdict.Number("dice", String(dice))])
    }
    let label: ExpertLabel
    do {
      label = try ledger.promote(
        known.label,
        with: NewLabel(
          rater: rater, digest: canonical, inputDigest: input, owner: arrival.file.owner,
          foreground: verdict.foreground ?? 0, lesionCount: verdict.lesionCount, largestMl: verdict.largestLesionMl),
        isAdmin: arrival.file.owner == 0 || arrival.file.owner == own || Administrators.include(arrival.file.owner),
        isReleased: isReleased, by: arrival.file.owner)
    } catch LedgerFault.notOwner {
      return try hold(arrival, .noPermission, [Verdict.Number("case", known.label)])
    }
    let isNew = !before.contains { $0.rater == label.rater && $0.revision == label.revision }
    let notes =
      verdict.normalisations + verdict.warnings
      + (distance > settings.accept.geometryToleranceMm ? ["LABEL_GEOMETRY:\(number.value)"] : [])
    if isNew { try promoted(known, label) }
    let receipt = Receipt(
      isNew ? .accepted : .duplicate, notes: notes, caseLabel: known.label,
      maskPath: outboxName.pushing(
        OutputNames(of: known).expert(rater: label.rater)),
      lines: isNew ? [] : wayBack(to: label, among: before))
    return try close(
      arrival, isNew ? .accepted : .duplicate, nil, [], known.label, isNew ? .done : .duplicates, receipt)
  }

  /// That a newer revision counts, and how the one that came again is made to.
  private func wayBack(to label: ExpertLabel, among labels: [ExpertLabel]) -> [String] {
    guard let newest = labels.last(where: { $0.rater == label.rater }), newest.revision > label.revision else {
      return []
    }
    return [
      "It is revision \(label.revision) of the expert's mask. Revision \(newest.revision) is newer and counts.",
      "To have this one count again, move it into inbox/release/.",
    ]
  }

  private func promoted(_ known: Case, _ label: ExpertLabel) throws(LedgerFault) {
    effects.events += [
      .left(id: known.label), .expertLabel, .expertSubjects(try ledger.expertSubjectCount()), try recount(),
    ]
    effects.publish.append(known.label)
    if known.state == .held { effects.goesOn.append(known.label) }
    let kind: MessageKind = label.revision > 1 ? .caseRevised : .casePromoted
    let words = label.revision > 1 ? "has revision \(label.revision) of its expert mask" : "has an expert mask"
    effects.say.append { journal in
      journal.say(
        kind, "Case \(known.label) \(words)",
        [.caseLabel: known.label, .stateBefore: known.state.rawValue, .state: CaseState.expert.rawValue])
    }
  }

  func ruleBrain(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    guard let canonical = arrival.canonical, let geometry = arrival.verdict.geometry else { return .again }
    let candidates = try candidates(for: arrival)
    guard let known = candidates.first else { return try wait(arrival, .waitingPair) }
    if candidates.count > 1 { return try holdAmbiguous(arrival, candidates) }
    guard let distance = known.geometry.cornerDisplacement(to: geometry) else {
      return try refuseShape(arrival, geometry, known)
    }
    if distance > settings.accept.geometryWarnMm, !isReleased {
      return try hold(arrival, .labelGeometry, [.misplacement(distance)])
    }
    if known.brainDigest != canonical {
      try ledger.setBrain(canonical, of: known.label)
      try useBrain(of: known, by: arrival.file.owner)
    }
    return try close(
      arrival, .accepted, nil, [], known.label, .done, Receipt(.accepted, caseLabel: known.label))
  }

  /// A draft that was made, or is being made, without the brain mask is made again; what was held for want of it goes on.
  private func useBrain(of known: Case, by actor: UInt32) throws(LedgerFault) {
    switch known.state {
    case .accepted: effects.events.append(.undrafted(id: known.label))
    case .drafted, .pseudo:
      effects.events.append(.outdated(id: known.label, isInPool: known.state == .drafted))
    case .held where known.reason == .noBrain:
      try release(known, isOverruled: false, by: actor)
      effects.goesOn.append(known.label)
    default: break
    }
  }

  private func refuseShape(_ arrival: Arrival, _ found: GridGeometry, _ known: Case) throws(LedgerFault) -> Ruling {
    let shapes = Verdict.Number.shapes(ofLabel: found, scan: known.geometry)
    return try refuse(arrival, .labelShape, shapes + [Verdict.Number("case", known.label)])
  }
}
