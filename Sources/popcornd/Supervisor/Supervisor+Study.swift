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

  /// What a reload did not take, and when it will count; nil where it took everything.
  static func words(ofPending pending: [Settings.Difference]) -> String? {
    let causes: [(ConfigurationChange, String)] = [
      (.restart, "needs a restart to count"), (.study, "counts only for a new study"),
    ]
    let parts = causes.compactMap { change, words -> String? in
      let keys = pending.filter { $0.row.change == change }.map(\.row.path)
      return keys.isEmpty ? nil : "\(words): \(keys.joined(separator: ", "))"
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
