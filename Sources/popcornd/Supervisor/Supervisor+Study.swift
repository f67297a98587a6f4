import Configuration
import Contract
import Ledger

// The keys of the configuration that are only for a new study.
extension Supervisor {
  /// Throws `ConfigurationFailure` where the configuration is that of another study than the ledger's. Before the first
  /// case there is none yet, and what is configured is what it will be begun with.
  func holdToStudy() throws {
    let given = settings.studyKeys
    guard let begun = try ledger.studyKeys() else { return try ledger.keepStudyKeys(given, by: own) }
    try settings.stay(inStudyOf: begun, mainFile: configurationFile)
    // Keys that the version that began it did not have are held to from now on.
    try ledger.keepStudyKeys(begun.merging(given) { kept, _ in kept }, by: own)
  }

  /// What a reload did not take, and what will come of it; nil where it took everything.
  func words(ofPending pending: [Settings.Difference]) throws(LedgerFault) -> String? {
    let begun = try ledger.studyKeys()
    let isOfAnother = { (difference: Settings.Difference) in begun.map { $0[difference.row.path] != nil } ?? false }
    let (other, later) = (pending.filter(isOfAnother), pending.filter { !isOfAnother($0) })
    var parts: [String] = []
    if !later.isEmpty { parts.append("needs a restart to count: \(Self.keys(of: later))") }
    if !other.isEmpty {
      parts.append(
        "is of another study and has to be set back, or the next start is refused: \(Self.keys(of: other))")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func keys(of differences: [Settings.Difference]) -> String {
    differences.map(\.row.path).joined(separator: ", ")
  }
}
