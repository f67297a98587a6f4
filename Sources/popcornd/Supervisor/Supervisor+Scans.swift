import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What becomes of a scan that popcorn-admit has read.
extension Supervisor {
  func ruleScan(
    _ arrival: Arrival, _ isReleased: Bool
  ) throws(LedgerFault) -> Ruling {
    let verdict = arrival.verdict
    guard let canonical = arrival.canonical, let geometry = verdict.geometry,
      let voxels = verdict.voxelDigest.flatMap({ Digest(hexadecimal: $0) }),
      let input = verdict.inputDigest.flatMap({ Digest(hexadecimal: $0) })
    else { return .again }
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
    let isLabeled = InboxTree(holding: arrival.home) == .labeled
    var warnings = verdict.warnings
    if arrival.name.contrast != .flair { warnings.append("CONTRAST_ASSUMED") }
    let created = try ledger.create(
      NewCase(
        subjectKey: arrival.name.subject.key, session: arrival.name.subject.session, voxelDigest: voxels,
        inputDigest: input,
        canonicalDigest: canonical, geometry: geometry, axisCodes: verdict.axisCodes ?? "",
        contrast: arrival.name.contrast == .flair ? .flair : .assumed, normalisations: verdict.normalisations,
        warnings: warnings), as: isLabeled ? .waiting : .accepted, by: arrival.file.owner)
    if isReleased { try ledger.overrule(created.label) }
    if !isLabeled { effects.events.append(.arrived(id: created.label)) }
    try announce(arrival, as: created.label)
    effects.say.append { journal in
      journal.say(
        .caseAccepted, "Case \(created.label) is accepted",
        [.caseLabel: created.label, .state: created.state.rawValue, .digest: input.description])
      if !warnings.isEmpty {
        let remarks = (verdict.normalisations + warnings).joined(separator: ", ")
        journal.say(
          .caseNormalised, "Case \(created.label) is taken with a remark: \(remarks)",
          [.caseLabel: created.label, .reason: remarks])
      }
    }
    let names = OutputNames(of: created)
    let receipt = Receipt(
      .accepted, notes: verdict.normalisations + warnings, caseLabel: created.label,
      maskPath: outboxName.pushing(isLabeled ? names.expert() : names.mask(.draft)),
      lines: isLabeled ? ["It came before its expert mask, which belongs into labeled/."] : [])
    return try close(arrival, .accepted, nil, [], created.label, .done, receipt)
  }

  /// The masks that wait for this scan are looked at again. Where its name was another case's before, so are those that are
  /// held: they may not have fitted that one because they are this one's.
  func announce(_ arrival: Arrival, as label: String) throws(LedgerFault) {
    effects.scan = (arrival.inbox, arrival.home)
    let former = try ledger.decisions(inbox: arrival.inbox, path: arrival.home).map(\.decision)
    guard former.contains(where: { $0.role == .scan && $0.caseLabel.map { $0 != label } == true }) else { return }
    effects.held = Set(
      try ledger.openDecisions(in: arrival.inbox).map(\.decision).filter { decision in
        decision.outcome == .held && decision.role != .scan && !FileName(of: decision.path).isVoxelHalf
      }.map(\.path))
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
    try announce(arrival, as: same.label)
    if isReleased, same.state == .held {
      try release(same, isOverruled: true, by: arrival.file.owner)
      effects.goesOn.append(same.label)
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
}
