import Contract

// A study stays what it was begun as: masks and models of other settings do not go together.
extension Settings {
  private static var studyRows: [any ConfigurationRow] { ConfigurationKeys.rows.filter { $0.change == .study } }

  /// The keys that the meaning of results hangs on, by path, with their values as TOML writes them.
  public var studyKeys: [String: String] {
    Dictionary(uniqueKeysWithValues: Settings.studyRows.map { ($0.path, literal(of: $0).description) })
  }

  /// Throws where a key has another value than `begun`, the `studyKeys` that the study was begun with, has for it. A key
  /// that `begun` does not know came with a later version. `mainFile` is named where a value is the default.
  public func stay(inStudyOf begun: [String: String], mainFile: String?) throws(ConfigurationFailure) {
    let mistakes = Settings.studyRows.compactMap { row -> ConfigurationMistake? in
      let given = literal(of: row).description
      guard let kept = begun[row.path], kept != given else { return nil }
      let words = "and the study was begun with \(kept)"
      guard case .file(let file, let line) = origin(of: row) else {
        return ConfigurationMistake(file: mainFile, line: nil, key: row.path, "is \(given) by default, \(words)")
      }
      return ConfigurationMistake(file: file, line: line, key: row.path, "is \(given), \(words)")
    }
    guard !mistakes.isEmpty else { return }
    throw ConfigurationFailure(mistakes + [ConfigurationMistake(file: nil, line: nil, Settings.wayOn)])
  }

  private static let wayOn = """
    The masks and models of this study hang on these keys. Set them back, or begin a new study: a configuration file of \
    its own (NAME.toml for popcornd@NAME.service), or other paths for inbox, output and state.
    """
}
