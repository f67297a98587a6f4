import Contract
import Files
import Ledger
import Processes
import SystemPackage
import Watch

// What becomes of a dropped file: state, file record and audit in one transaction, before anything is done to the file.
extension Supervisor {
  /// Decides about a file that popcorn-admit has read.
  func decide(_ arrival: Arrival) -> Ruling {
    admitDeaths[arrival.file.path] = nil
    effects = Effects()
    do {
      let ruling = try ledger.transaction { () throws(LedgerFault) in try rule(arrival) }
      FaultPoint.commit.pass()
      apply(effects)
      return ruling
    } catch {
      report(error, in: "taking a file")
      return .again
    }
  }

  /// What a decision changes outside of the ledger, once it is written.
  struct Effects {
    var events: [Scheduler.Event] = []
    var publish: [String] = []
    var reconsider: [PairIndex.Waiting] = []
    /// The scan for which they are looked at again.
    var scan = FilePath("")
    var index: [(inout PairIndex) -> Void] = []
    var say: [(Journal) -> Void] = []
  }

  private func apply(_ effects: Effects) {
    for change in effects.index { change(&index) }
    for say in effects.say { say(journal) }
    for event in effects.events { tell(event) }
    for id in effects.publish { publish(id) }
    for file in effects.reconsider {
      guard let intake = intakes[file.inbox] else { continue }
      let scan = effects.scan
      reconsidering += 1
      Task {
        await intake.reconsider(file.path, scan: scan)
        reconsidered()
      }
    }
    isStatusStale = true
    noteIntake()
    beat()
  }

  private func reconsidered() {
    reconsidering -= 1
    noteIntake()
    if reconsidering == 0 { beat() }
  }

  /// Tells the scheduler whether files are being taken: a cycle must not begin between a scan and its mask.
  func noteIntake() {
    tell(.intake(isBusy: reconsidering > 0 || pending.count < intakes.count || pending.values.contains { $0 > 0 }))
  }

  private func rule(_ arrival: Arrival) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    let isReleased = arrival.file.tree == .release
    switch verdict.outcome {
    case .wait: return Ruling(judgement: .incomplete)
    case .reject: return try refuse(arrival, verdict.reason ?? .notNifti, verdict.numbers)
    case .hold where !isReleased || arrival.canonical == nil:
      return try hold(arrival, verdict.reason ?? .ioError, verdict.numbers)
    case .hold, .accept: break
    }
    switch arrival.name.role {
    case .scan: return try ruleScan(arrival, isReleased)
    case .label: return try ruleLabel(arrival, isReleased)
    case .brain: return try ruleBrain(arrival, isReleased)
    }
  }

  // MARK: scans

  private func ruleScan(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    guard let canonical = arrival.canonical, let geometry = verdict.geometry,
      let voxels = verdict.voxelDigest.flatMap({ Digest(hexadecimal: $0) }),
      let input = verdict.inputDigest.flatMap({ Digest(hexadecimal: $0) })
    else { return .again }
    if verdict.ownCase != nil, !isReleased { return try hold(arrival, .ownOutput, []) }
    let known = try ledger.cases(withVoxels: voxels)
    if let same = known.first(where: { isNear($0.geometry, geometry) }) {
      return try ruleKnown(arrival, same, isReleased)
    }
    if let other = known.first, !isReleased {
      return try hold(arrival, .sameVoxelsOtherGeometry, [Verdict.Number("case", other.label)])
    }
    if !isReleased, let words = doubt(about: arrival.name.contrast) {
      return try hold(arrival, .notFLAIR, words)
    }
    let isLabeled = arrival.file.tree == .labeled
    var warnings = verdict.warnings
    if arrival.name.contrast != .flair { warnings.append("CONTRAST_ASSUMED") }
    let created = try ledger.create(
      NewCase(
        subjectKey: arrival.name.subject.key, session: arrival.name.subject.session, voxelDigest: voxels,
        inputDigest: input,
        canonicalDigest: canonical, geometry: geometry, axisCodes: verdict.axisCodes ?? "",
        contrast: arrival.name.contrast == .flair ? .flair : .assumed, normalisations: verdict.normalisations,
        warnings: warnings), as: isLabeled ? .waiting : .accepted, by: arrival.file.owner)
    if !isLabeled { effects.events.append(.arrived(id: created.label)) }
    announce(arrival)
    effects.say.append { journal in
      journal.say(
        .caseAccepted, "Case \(created.label) is accepted",
        [.caseLabel: created.label, .state: created.state.rawValue, .digest: input.description])
    }
    let names = OutputNames(of: created)
    let receipt = Receipt(
      .accepted, notes: verdict.normalisations + warnings, caseLabel: created.label,
      maskPath: outboxName.pushing(isLabeled ? names.expert() : names.mask(.draft)),
      lines: isLabeled ? ["It waits for its expert mask in labeled/."] : [])
    return try close(arrival, .accepted, nil, [], created.label, .done, receipt)
  }

  /// The masks that wait for this scan are looked at again.
  private func announce(_ arrival: Arrival) {
    effects.scan = arrival.file.path
    effects.reconsider += index.waiting(in: arrival.inbox).map { PairIndex.Waiting(inbox: arrival.inbox, path: $0) }
  }

  /// Why a scan is not taken as a FLAIR; nil where it is.
  private func doubt(about contrast: Watch.Contrast) -> [Verdict.Number]? {
    switch contrast {
    case .flair: nil
    case .other(let word): [Verdict.Number("contrast", word)]
    case .unknown: settings.accept.assumeFLAIR == .hold ? [] : nil
    }
  }

  /// A scan that is a case already.
  private func ruleKnown(
    _ arrival: Arrival, _ same: Case, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    if same.state == .withdrawn { return try refuse(arrival, .withdrawn, []) }
    announce(arrival)
    if isReleased, same.state == .held {
      try release(same, by: arrival.file.owner)
      let receipt = Receipt(.accepted, notes: ["RELEASED"], caseLabel: same.label)
      return try close(arrival, .accepted, nil, [], same.label, .done, receipt)
    }
    effects.say.append { journal in
      journal.say(.caseDuplicate, "A file is the scan of case \(same.label) again", [.caseLabel: same.label])
    }
    let numbers = [Verdict.Number("case", same.label)]
    let receipt = Receipt(
      .duplicate, reason: .duplicate, explanation: ReasonCode.duplicate.explanation(with: numbers),
      remedy: ReasonCode.duplicate.remedy, caseLabel: same.label,
      maskPath: try ledger.maskPath(of: same).map { outboxName.pushing($0) })
    return try close(arrival, .duplicate, .duplicate, numbers, same.label, .duplicates, receipt)
  }

  private func isNear(_ a: GridGeometry, _ b: GridGeometry) -> Bool {
    (a.cornerDisplacement(to: b) ?? .infinity) <= settings.accept.geometryToleranceMm
  }

  // MARK: masks

  /// The cases that a mask may belong to: by its header, by its name, by the scan beside it.
  private func candidates(for arrival: Arrival) throws(LedgerFault) -> [Case] {
    for label in [arrival.verdict.ownCase, arrival.name.ownCase].compactMap({ $0 }) {
      do { return [try ledger.case(label)] } catch LedgerFault.notFound { continue }
    }
    var cases: [String: Case] = [:]
    for scan in arrival.name.partners {
      let decisions = try ledger.decisions(inbox: arrival.inbox, path: scan)
      guard let label = decisions.first(where: { $0.decision.role == .scan })?.decision.caseLabel else { continue }
      cases[label] = try ledger.case(label)
    }
    return cases.values.sorted { $0.label < $1.label }
  }

  private func ruleLabel(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    guard let canonical = arrival.canonical, let geometry = verdict.geometry,
      let input = verdict.inputDigest.flatMap({ Digest(hexadecimal: $0) })
    else { return .again }
    let candidates = try candidates(for: arrival)
    guard let known = candidates.first else { return try wait(arrival) }
    if candidates.count > 1 || arrival.name.isDisputed && !isReleased {
      return try holdAmbiguous(arrival, candidates)
    }
    guard let distance = known.geometry.cornerDisplacement(to: geometry) else {
      return try refuse(arrival, .labelShape, shapes(geometry, known))
    }
    let number = misplacement(distance)
    if distance > settings.accept.geometryWarnMm, !isReleased {
      return try hold(arrival, .labelGeometry, [number])
    }
    if known.state == .withdrawn { return try refuse(arrival, .withdrawn, []) }
    if !isReleased, try ledger.outputs(of: known.label).contains(where: { $0.digest == input && $0.generation != nil })
    {
      return try hold(arrival, .unedited, [])
    }
    let before = try ledger.labels(of: known.label)
    let label: ExpertLabel
    do {
      label = try ledger.promote(
        known.label,
        with: NewLabel(
          rater: arrival.name.rater, digest: canonical, inputDigest: input, owner: arrival.file.owner,
          foreground: verdict.foreground ?? 0), isAdmin: arrival.file.owner == 0 || arrival.file.owner == own,
        by: arrival.file.owner)
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
        OutputNames(of: known).expert(rater: label.rater)))
    return try close(
      arrival, isNew ? .accepted : .duplicate, nil, [], known.label, isNew ? .done : .duplicates, receipt)
  }

  private func promoted(_ known: Case, _ label: ExpertLabel) throws(LedgerFault) {
    effects.events += [
      .left(id: known.label), .expertLabel, .expertSubjects(try ledger.expertSubjectCount()),
    ]
    effects.publish.append(known.label)
    let kind: MessageKind = label.revision > 1 ? .caseRevised : .casePromoted
    let words = label.revision > 1 ? "has revision \(label.revision) of its expert mask" : "has an expert mask"
    effects.say.append { journal in
      journal.say(
        kind, "Case \(known.label) \(words)",
        [.caseLabel: known.label, .stateBefore: known.state.rawValue, .state: CaseState.expert.rawValue])
    }
  }

  private func ruleBrain(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    guard let canonical = arrival.canonical, let geometry = arrival.verdict.geometry else { return .again }
    let candidates = try candidates(for: arrival)
    guard let known = candidates.first else { return try wait(arrival) }
    if candidates.count > 1 { return try holdAmbiguous(arrival, candidates) }
    guard let distance = known.geometry.cornerDisplacement(to: geometry) else {
      return try refuse(arrival, .labelShape, shapes(geometry, known))
    }
    if distance > settings.accept.geometryWarnMm, !isReleased {
      return try hold(arrival, .labelGeometry, [misplacement(distance)])
    }
    if known.brainDigest != canonical {
      try ledger.setBrain(canonical, of: known.label)
      // A draft that was made without the brain mask is made again.
      if known.state == .drafted || known.state == .pseudo {
        effects.events.append(.outdated(id: known.label, isInPool: known.state == .drafted))
      }
    }
    return try close(
      arrival, .accepted, nil, [], known.label, .done, Receipt(.accepted, caseLabel: known.label))
  }

  private func misplacement(_ distance: Double) -> Verdict.Number {
    Verdict.Number("distance", "\((distance * 1000).rounded() / 1000) mm")
  }

  private func shapes(_ found: GridGeometry, _ known: Case) -> [Verdict.Number] {
    let text = { (size: [Int]) in size.map { String($0) }.joined(separator: "x") }
    return [
      Verdict.Number("label", text(found.size)), Verdict.Number("scan", text(known.geometry.size)),
      Verdict.Number("case", known.label),
    ]
  }

  // MARK: outcomes

  private func wait(_ arrival: Arrival) throws(LedgerFault) -> Ruling {
    let file = PairIndex.Waiting(inbox: arrival.inbox, path: arrival.file.path)
    effects.index.append { $0.add(file) }
    return try close(arrival, .waiting, .waitingPair, [], nil, nil, nil)
  }

  private func holdAmbiguous(
    _ arrival: Arrival, _ candidates: [Case]
  ) throws(LedgerFault) -> Ruling {
    let list = candidates.map(\.label).joined(separator: ", ")
    return try hold(arrival, .pairAmbiguous, [Verdict.Number("candidates", list)])
  }

  private func hold(
    _ arrival: Arrival, _ reason: ReasonCode, _ numbers: [Verdict.Number]
  ) throws(LedgerFault) -> Ruling {
    effects.say.append { $0.say(.caseHeld, "A file is held: \(reason.rawValue)", [.reason: reason.rawValue]) }
    let receipt = Receipt(
      .held, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy, numbers: numbers,
      notes: arrival.verdict.normalisations + arrival.verdict.warnings,
      lines: ["To release it as it is, move it into inbox/release/."])
    return try close(arrival, .held, reason, numbers, nil, nil, receipt)
  }

  private func refuse(
    _ arrival: Arrival, _ reason: ReasonCode, _ numbers: [Verdict.Number]
  ) throws(LedgerFault) -> Ruling {
    effects.say.append { $0.say(.caseRejected, "A file is rejected: \(reason.rawValue)", [.reason: reason.rawValue]) }
    let receipt = Receipt(
      .rejected, reason: reason, explanation: reason.explanation(with: numbers), remedy: reason.remedy,
      numbers: numbers)
    return try close(arrival, .rejected, reason, numbers, nil, .rejected, receipt)
  }

  /// Records the decision, in place of an earlier one about this very file where it waited.
  private func close(
    _ arrival: Arrival, _ outcome: FileOutcome, _ reason: ReasonCode?, _ numbers: [Verdict.Number], _ label: String?,
    _ shelf: Shelf?, _ receipt: Receipt?
  ) throws(LedgerFault) -> Ruling {
    let month = Timestamp.now.month
    let move = shelf.flatMap { arrival.mayMove ? FileMove.planned($0.plan(month: month)) : nil } ?? .none
    let earlier = try ledger.decision(inbox: arrival.inbox, path: arrival.file.path, stamp: arrival.stamp)
    if outcome != .waiting {
      let file = PairIndex.Waiting(inbox: arrival.inbox, path: arrival.file.path)
      effects.index.append { $0.remove(file) }
    }
    let number: Int
    if let earlier, earlier.decision.outcome == .waiting || earlier.decision.outcome == .held {
      number = earlier.number
      if outcome != earlier.decision.outcome || reason != earlier.decision.reason || label != earlier.decision.caseLabel
      {
        try ledger.revise(
          number, outcome: outcome, reason: reason, caseLabel: label, move: move, by: arrival.file.owner)
      }
    } else {
      number = try ledger.record(
        FileDecision(
          inbox: arrival.inbox, path: arrival.file.path, stamp: arrival.stamp, role: arrival.name.role,
          digest: arrival.verdict.inputDigest.flatMap { Digest(hexadecimal: $0) }, outcome: outcome, reason: reason,
          numbers: numbers, caseLabel: label, move: move), by: arrival.file.owner)
    }
    return Ruling(
      record: number, shelf: move == .none ? nil : shelf, month: month, receipt: receipt, judgement: .settled)
  }
}
