import Files
import SystemPackage

/// Whether the install key is the one that the ledger's cases and people were named with. With another, a person who comes
/// again would be somebody new, and could be trained on and held out at once.
enum InstallKey {
  /// What is kept of the key in the ledger, to know it again.
  private static let fact = "install_key"

  /// The labels under the key of a state directory, which is made for a ledger that has no case. Throws `.foreignKey` where
  /// the ledger has cases and the key is not there, or is another.
  static func pseudonyms(in directory: Directory, of database: Connection) throws(LedgerFault) -> Pseudonyms {
    let hasCases = try database.first("SELECT 1 FROM cases LIMIT 1") { row in row.integer(0) } != nil
    let path = directory.path.appending(Pseudonyms.keyName.components)
    let pseudonyms: Pseudonyms
    do {
      pseudonyms = try Pseudonyms(keyIn: directory, mayBeMade: !hasCases)
    } catch .file(let fault) where fault.errno == .noSuchFileOrDirectory {
      throw .foreignKey(path, isMissing: true)
    }
    let mark = pseudonyms.mark.description
    let known = try database.first("SELECT value FROM meta WHERE key = ?", .text(fact)) { row in row.text(0) }
    if known == mark { return pseudonyms }
    // A ledger of an earlier version has none: its key was never said to be another.
    guard known == nil || !hasCases else { throw .foreignKey(path, isMissing: false) }
    try database.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", .text(fact), .text(mark))
    return pseudonyms
  }
}
