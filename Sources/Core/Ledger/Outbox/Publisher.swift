import Contract
import Files
import SystemPackage

/// What belongs into the outbox, from the ledger's facts: the supervisor calls it after each change, and for all cases
/// at the start. Everything is idempotent: what is there already costs a reading.
public struct Publisher {
  private let ledger: Ledger
  private let store: Store
  private let outbox: Outbox
  /// Of how many earlier generations masks lie beside the newest one.
  public var keptGenerations = 0

  /// A publisher of `ledger`'s facts and `store`'s files.
  public init(ledger: Ledger, store: Store, outbox: Outbox) {
    self.ledger = ledger
    self.store = store
    self.outbox = outbox
  }

  /// Writes a case's files: its newest automatic mask (as draft or pseudo, as its state is now), the probability map,
  /// older masks that are kept, its experts' masks, their sidecars; removes what is no longer so, such as `desc-draft` of
  /// a scan that was selected. Answers what came of each path; `.edited` ones were left alone.
  @discardableResult
  public func publish(case label: String) throws(LedgerFault) -> [FilePath: Outbox.Outcome] {
    let known = try ledger.case(label)
    var outcomes: [FilePath: Outbox.Outcome] = [:]
    switch known.state {
    case .accepted, .drafted, .pseudo: try publishAutomatic(known, &outcomes)
    case .expert: try publishExpert(known, &outcomes)
    case .held, .waiting, .rejected: return [:]
    case .withdrawn: break
    }
    for output in try ledger.outputs(of: label) where outcomes[output.path] == nil {
      outcomes[output.path] = try outbox.remove(output.path)
    }
    return outcomes
  }

  /// The cases of which the outbox lacks a file, as far as the ledger knows: after a crash, or when it was full.
  public func incomplete() throws(LedgerFault) -> [String] {
    var labels: [String] = []
    let kept = try ledger.keptGenerations(keptGenerations)
    for known in try ledger.cases() {
      let expected: Set<String>
      switch known.state {
      case .accepted, .drafted, .pseudo:
        let masks = try publishedMasks(of: known.label, kept)
        guard let newest = masks.last else { continue }
        expected = Set(masks.map(\.figures.maskDigest) + [newest.figures.probabilityDigest].compactMap { $0 })
      case .expert: expected = Set(try ledger.currentLabels(of: known.label).map(\.digest.description))
      case .waiting, .held, .rejected, .withdrawn: continue
      }
      let outputs = try ledger.outputs(of: known.label)
      let there = Set(outputs.filter { $0.digest == $0.intended }.compactMap(\.digest?.description))
      let paths = Set(outputs.map(\.path))
      let path = try ledger.maskPath(of: known)
      if !expected.isSubset(of: there) || !outputs.contains(where: { $0.path == path })
        || outputs.contains(where: { $0.digest != $0.intended || isAlone($0.path, among: paths) })
      {
        labels.append(known.label)
      }
    }
    return labels
  }

  /// Looks for all that was published, and answers what is to be done about what is not there. Where the folder is the one
  /// that was written into until now, somebody has removed it: that is noted, and it comes back with the case's next
  /// mask. Another folder at the same path, a share that was mounted late or a folder made anew, never had it: that is
  /// forgotten, and its cases are unfinished, as are those of which it has an earlier state of ours. Call it before the
  /// dataset's own files are written.
  public func survey() throws(LedgerFault) -> OutboxSurvey {
    let outputs = try ledger.outputs()
    let missing = try outbox.missing(of: outputs)
    let known = try ledger.meta(OutboxSurvey.placeFact)
    let (place, isFurnished) = (outbox.place, outbox.isFurnished)
    var survey = OutboxSurvey()
    if isFurnished, place != nil, place == known {
      let removed = missing.filter { $0.isWritten && $0.missing == nil && $0.caseLabel != nil }
      try ledger.transaction { () throws(LedgerFault) in
        for output in removed { try ledger.noteMissing(output, by: outbox.actor) }
      }
      survey.removed = Set(removed.compactMap(\.caseLabel)).sorted()
    } else {
      // What somebody had removed stays away, unless everything is to be written anew.
      let lost = missing.filter { !isFurnished || $0.missing == nil }
      let outdated = isFurnished ? outbox.outdated(outputs, published: try ledger.publishedDigests()) : []
      let mark = try outbox.markPlace()
      try ledger.transaction { () throws(LedgerFault) in
        try ledger.forget(lost, by: outbox.actor)
        for (output, found) in outdated { try ledger.noteOutdated(output, found: found) }
        try ledger.setMeta(OutboxSurvey.placeFact, to: mark)
      }
      (survey.lost, survey.outdated) = (lost.count, outdated.count)
      survey.unfinished = (lost + outdated.map(\.output)).compactMap(\.caseLabel)
    }
    let absent = Set(missing.map(\.path))
    for output in outputs where output.missing != nil && !absent.contains(output.path) { try ledger.noteBack(output) }
    survey.unfinished = Set(survey.unfinished + (try incomplete())).sorted()
    return survey
  }

  /// Whether an image lacks its sidecar: a crash may come between the two.
  private func isAlone(_ path: FilePath, among paths: Set<FilePath>) -> Bool {
    path.string.hasSuffix(".nii.gz") && !paths.contains(OutputNames.sidecar(of: path))
  }

  /// Writes `lesions.tsv`. Answers what came of it.
  @discardableResult
  public func publishTable() throws(LedgerFault) -> [FilePath: Outbox.Outcome] {
    let path: FilePath = "lesions.tsv"
    return [path: try outbox.publish(Array(try LesionTable(ledger).document.utf8), at: path)]
  }

  /// The masks of a case that lie in the outbox: the newest, before it those of earlier generations that are kept.
  private func publishedMasks(of label: String, _ kept: Set<Int>) throws(LedgerFault) -> [AutomaticMask] {
    let masks = try ledger.masks(of: label)
    return masks.dropLast().filter { kept.contains($0.generation) && $0.retired == nil } + masks.suffix(1)
  }

  /// Removes masks of generations that are not kept any more, with their sidecars, where their case was not published
  /// since. Answers what could not be removed, which keeps nothing else from going.
  @discardableResult
  public func removeOutdated() throws(LedgerFault) -> [FileFault] {
    let kept = try ledger.keptGenerations(keptGenerations)
    let outdated = try ledger.outputs().filter { output in
      output.edited == nil && OutputNames.isKept(output.path) && output.generation.map { !kept.contains($0) } == true
    }
    var faults: [FileFault] = []
    for output in outdated {
      do { try outbox.remove(output.path) } catch {
        guard case .file(let fault) = error else { throw error }
        faults.append(fault)
      }
    }
    return faults
  }

  /// Writes each generation's card, the weights of those whose weights are kept, `SHA256SUMS`, `CURRENT`, and
  /// `descriptions.tsv`, which explains the names of masks of each. Answers what came of each path.
  @discardableResult
  public func publishModels() throws(LedgerFault) -> [FilePath: Outbox.Outcome] {
    var outcomes: [FilePath: Outbox.Outcome] = [:]
    let generations = try ledger.generations()
    let current = try ledger.currentGeneration()?.number
    var sums = ""
    for generation in generations {
      let (path, card) = (OutputNames.model(generation.number), OutputNames.card(generation.number))
      if generation.retired == nil {
        outcomes[path] = try outbox.publish(
          generation.model, .weights, of: store, at: path, generation: generation.number)
        sums += "\(generation.model)  \(path.lastComponent?.string ?? "")\n"
      } else {
        outcomes[path] = try outbox.remove(path)
      }
      outcomes[card] = try outbox.publish(
        Array(ModelCard(generation).document.utf8), at: card, generation: generation.number)
    }
    let earlier = try ledger.keptGenerations(keptGenerations).filter { $0 != current }.sorted()
    var texts: [(path: FilePath, text: String)] = [("descriptions.tsv", Dataset.descriptions(with: earlier))]
    if let current {
      let name = OutputNames.model(current).lastComponent?.string ?? ""
      texts += [("models/SHA256SUMS", sums), ("models/CURRENT", "\(name)\n")]
    }
    for (path, text) in texts { outcomes[path] = try outbox.publish(Array(text.utf8), at: path) }
    return outcomes
  }

  private func publishAutomatic(
    _ known: Case, _ outcomes: inout [FilePath: Outbox.Outcome]
  ) throws(LedgerFault) {
    let masks = try publishedMasks(of: known.label, try ledger.keptGenerations(keptGenerations))
    guard let newest = masks.last else { return }
    let names = OutputNames(of: known)
    let kind: MaskKind = known.state == .pseudo ? .pseudo : .draft
    let sidecar = try sidecar(newest, kind, known)
    try publish(
      newest.figures.maskDigest, sidecar(false), known, newest.generation, at: names.mask(kind), &outcomes)
    if let probability = newest.figures.probabilityDigest {
      try publish(probability, sidecar(true), known, newest.generation, at: names.probability, &outcomes)
    }
    for mask in masks.dropLast() {
      try publish(
        mask.figures.maskDigest, try self.sidecar(mask, mask.kind, known)(false), known, mask.generation,
        at: names.mask(mask.kind, keptOf: mask.generation), &outcomes)
    }
  }

  /// The sidecar of a mask, or where it is told so of its probability map.
  private func sidecar(
    _ mask: AutomaticMask, _ kind: MaskKind, _ known: Case
  ) throws(LedgerFault) -> (_ isProbability: Bool) -> String {
    let generation = try ledger.generation(mask.generation)
    let selection = kind == .pseudo ? try ledger.selections(of: known.label).last : nil
    let kinds = try selection.map { taken throws(LedgerFault) in try neighbourKinds(of: taken) } ?? [:]
    return { isProbability in
      Sidecar.automatic(
        mask, as: kind, of: known, by: generation, selection: selection, kinds: kinds, isProbability: isProbability
      ).document
    }
  }

  private func publishExpert(_ known: Case, _ outcomes: inout [FilePath: Outbox.Outcome]) throws(LedgerFault) {
    for label in try ledger.currentLabels(of: known.label) {
      try publish(
        label.digest.description, Sidecar.expert(label, of: known).document, known, nil,
        at: OutputNames(of: known).expert(rater: label.rater), &outcomes)
    }
  }

  private func publish(
    _ image: String, _ sidecar: String, _ known: Case, _ generation: Int?, at path: FilePath,
    _ outcomes: inout [FilePath: Outbox.Outcome]
  ) throws(LedgerFault) {
    guard let digest = Digest(hexadecimal: image) else { throw .damaged("a mask's digest is not one") }
    // The image last: whoever finds it finds its sidecar too, and a crash in between leaves an image that is missing, not
    // one that an older sidecar speaks of.
    let beside = OutputNames.sidecar(of: path)
    outcomes[beside] = try outbox.publish(
      Array(sidecar.utf8), at: beside, case: known.label, generation: generation)
    outcomes[path] = try outbox.publish(
      digest, .image, of: store, at: path, case: known.label, generation: generation)
  }

  private func neighbourKinds(of selection: Selection) throws(LedgerFault) -> [String: MaskReference.Kind] {
    var kinds: [String: MaskReference.Kind] = [:]
    for near in selection.proximity.nearest {
      // What the neighbour was at that time: an expert's label that came later does not change it.
      let wasSelected = try ledger.selections(of: near.id).contains { $0.cycle <= selection.cycle }
      kinds[near.id] = wasSelected ? .pseudo : .expert
    }
    return kinds
  }
}

extension Ledger {
  /// The path of the mask that a case's owner should look at, beneath the outbox; nil where there is none yet.
  public func maskPath(of known: Case) throws(LedgerFault) -> FilePath? {
    let names = OutputNames(of: known)
    return switch known.state {
    case .expert: try currentLabels(of: known.label).first.map { names.expert(rater: $0.rater) }
    case .pseudo: names.mask(.pseudo)
    case .accepted, .drafted: names.mask(.draft)
    case .held, .waiting, .rejected, .withdrawn: nil
    }
  }
}

/// The card beside a generation's weights.
public struct ModelCard: Sendable {
  private let generation: Generation

  /// The card of a generation.
  public init(_ generation: Generation) { self.generation = generation }

  /// The file's text: no time, no path, no case that is not a pseudonym.
  public var document: String {
    let worker = generation.worker
    return JSONText.object([
      ("Generation", .integer(generation.number)), ("Cycle", .integer(generation.cycle)),
      ("Base", generation.base.map { .integer($0) } ?? .null), ("ModelSHA256", .string(generation.model.description)),
      ("Gate", .string(generation.words)),
      (
        "HeldOut",
        .array(
          generation.gate.map { seen in
            .object([
              ("Case", .string(seen.id)), ("DiceBefore", seen.before.map { .number($0) } ?? .null),
              ("DiceAfter", .number(seen.after)),
            ])
          })
      ),
      (
        "Worker",
        .object([
          ("Version", .string(worker.version)), ("ISA", .string(worker.isa)), ("Threads", .integer(worker.threads)),
          ("oneDNN", .string(worker.oneDNN)),
        ])
      ),
      ("Statement", .string("Research software. Not for diagnosis.")),
    ]).document
  }
}
