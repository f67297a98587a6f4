import Contract
import Files

extension Ledger {
  /// The final facts as text, a line each, sorted: without times, folders, numbers that depend on the order of
  /// arrival, or anything that a retry repeats. Two runs over the same files with the same key and build end with the
  /// same text, however often one of them was killed.
  public func canonicalDump() throws(LedgerFault) -> String {
    try database.snapshot { () throws(LedgerFault) in
      var lines = try dumpCases() + dumpLabels() + dumpMasks() + dumpSelections()
      lines += try dumpGenerations() + dumpSubjects() + dumpFiles() + dumpOutputs()
      return (["popcornd ledger \(Schema.versions.count)"] + Set(lines).sorted()).joined(separator: "\n") + "\n"
    }
  }

  private func dumpCases() throws(LedgerFault) -> [String] {
    try cases().map { known in
      let geometry = Digest(of: CompactText.encode(known.geometry).utf8)
      return "case \(known.label) subject=\(known.subject) session=\(known.session ?? "-") "
        + "voxels=\(known.voxelDigest) input=\(known.inputDigest) canonical=\(known.canonicalDigest) "
        + "brain=\(Ledger.word(known.brainDigest)) geometry=\(geometry) contrast=\(known.contrast.rawValue) "
        + "state=\(known.state.rawValue) reason=\(known.reason?.rawValue ?? "-")"
    }
  }

  private func dumpLabels() throws(LedgerFault) -> [String] {
    try database.rows("SELECT \(ExpertLabel.columns) FROM labels l JOIN cases c ON c.id = l.case_id") {
      row throws(LedgerFault) in
      let expert = try ExpertLabel(row)
      return "label \(expert.caseLabel) rater=\(expert.rater) revision=\(expert.revision) mask=\(expert.digest) "
        + "input=\(expert.inputDigest) foreground=\(expert.foreground)"
    }
  }

  /// The newest mask alone: how many older ones there were depends on when a crash came.
  private func dumpMasks() throws(LedgerFault) -> [String] {
    try newestMasks().map { mask in
      "mask \(mask.caseLabel) generation=\(mask.generation) kind=\(mask.kind.rawValue) mask=\(mask.figures.maskDigest) "
        + "probability=\(mask.figures.probabilityDigest ?? "-") latent=\(Ledger.word(mask.latentDigest))"
    }
  }

  private func dumpSelections() throws(LedgerFault) -> [String] {
    try database.rows("SELECT \(Selection.columns) FROM selections s JOIN cases c ON c.id = s.case_id") {
      row throws(LedgerFault) in
      let selection = try Selection(row)
      return "selection \(selection.caseLabel) cycle=\(selection.cycle) step=\(selection.step) rank=\(selection.rank) "
        + "proximity=\(selection.proximity.sum) mask=\(selection.mask) reference=\(selection.referenceMask)"
    }
  }

  private func dumpGenerations() throws(LedgerFault) -> [String] {
    let current = try currentGeneration()?.number
    let published = try generations().map { generation throws(LedgerFault) in
      "generation \(generation.number) cycle=\(generation.cycle) base=\(generation.base.map { String($0) } ?? "-") "
        + "model=\(generation.model) optimizer=\(generation.optimizer) gate=\(try CanonicalJSON.encode(generation.gate)) "
        + "current=\(generation.number == current)"
    }
    let refused = try attempts().map { attempt in "attempt cycle=\(attempt.cycle) model=\(Ledger.word(attempt.model))" }
    let cycles = try cycles().map { cycle in "cycle \(cycle.number) state=\(cycle.state.rawValue)" }
    return published + refused + cycles
  }

  private func dumpSubjects() throws(LedgerFault) -> [String] {
    try subjectRoles().map { subject, role in "subject \(subject) role=\(role.rawValue)" }
  }

  private func dumpFiles() throws(LedgerFault) -> [String] {
    try database.rows(
      "SELECT f.digest, f.role, f.outcome, f.reason, c.label FROM files f LEFT JOIN cases c ON c.id = f.case_id"
    ) { row in
      "file \(row.textIfAny(0) ?? "-") role=\(row.text(1)) outcome=\(row.text(2)) reason=\(row.textIfAny(3) ?? "-") "
        + "case=\(row.textIfAny(4) ?? "-")"
    }
  }

  /// But for masks of earlier generations that are kept: see `dumpMasks()`.
  private func dumpOutputs() throws(LedgerFault) -> [String] {
    try outputs().compactMap { output in
      guard !OutputNames.isKept(output.path) else { return nil }
      return output.digest.map { "output \(output.path) digest=\($0)" }
    }
  }

  private static func word(_ digest: Digest?) -> String { digest?.description ?? "-" }
}
