// What a study was begun as: the keys of the configuration that the meaning of its results hangs on.

extension Ledger {
  private static let studyKeysFact = "study_keys"

  /// The keys' paths (`popcorn.patch_size`) with their values, as they were when the first case came; nil while there is
  /// none, and where an earlier version kept nothing.
  public func studyKeys() throws(LedgerFault) -> [String: String]? {
    try counts().isEmpty ? nil : keptStudyKeys()
  }

  /// Keeps the keys of the study from now on; a change is in the audit chain.
  public func keepStudyKeys(_ keys: [String: String], by actor: UInt32) throws(LedgerFault) {
    guard try keptStudyKeys() != keys else { return }
    try transaction { () throws(LedgerFault) in
      try setMeta(Ledger.studyKeysFact, to: try CanonicalJSON.encode(keys))
      try record(.configurationChanged, facts: keys, by: actor)
    }
  }

  private func keptStudyKeys() throws(LedgerFault) -> [String: String]? {
    guard let text = try meta(Ledger.studyKeysFact) else { return nil }
    let keys: [String: String] = try CanonicalJSON.decode(text)
    return keys
  }
}
