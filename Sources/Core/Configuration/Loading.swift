import Contract

extension Settings {
  /// Reads the configuration of which `file` is the main file: `popcornd.toml`, or `NAME.toml` of a study.
  ///
  /// The vendor's defaults come first where `file` lies in `/etc/popcornd`, then `file`, then `file.d/*.toml` in name order;
  /// later files win, key by key. Throws every mistake of all files, not the first alone. Folders must not lie in each other,
  /// through links neither; where `resolvesLinks` is false only their names tell, and no share is asked, which may hang.
  public static func load(_ file: String, resolvesLinks: Bool = true) throws(ConfigurationFailure) -> Settings {
    try load(
      ConfigurationFiles.read(file), instance: ConfigurationFiles.instance(of: file), resolvesLinks: resolvesLinks)
  }

  /// As much of the configuration as can be read; what is wrong in it keeps its default. For finding a service that goes
  /// on with what it had while its configuration is being changed. Throws where a file cannot be read at all.
  public static func loadLeniently(_ file: String) throws(ConfigurationFailure) -> Settings {
    read(try ConfigurationFiles.read(file), instance: ConfigurationFiles.instance(of: file)).settings
  }

  /// Reads the configuration of files that were read already; later ones win. `instance` is the study's name.
  public static func load(
    _ texts: [ConfigurationText], instance: String? = nil, resolvesLinks: Bool = true
  ) throws(ConfigurationFailure) -> Settings {
    let (settings, mistakes) = read(texts, instance: instance)
    let all = mistakes + settings.contradictions(resolvesLinks: resolvesLinks)
    guard all.isEmpty else { throw ConfigurationFailure(all) }
    return settings
  }

  private static func read(
    _ texts: [ConfigurationText], instance: String?
  ) -> (settings: Settings, mistakes: [ConfigurationMistake]) {
    var settings = Settings()
    var mistakes: [ConfigurationMistake] = []
    if let instance { settings.take(instance: instance) }
    for text in texts { mistakes += settings.take(text) }
    return (settings, mistakes)
  }

  /// The main file of a study's configuration: `/etc/popcornd/NAME.toml`.
  public static func file(of instance: String?) -> String {
    ConfigurationFiles.siteFolder + "/" + (instance.map { $0 + ".toml" } ?? ConfigurationFiles.defaultName)
  }

  /// A study of its own has its own share, state and sockets; systemd's worker serves all of them.
  private mutating func take(instance: String) {
    self.instance = instance
    let keys = ConfigurationKeys.table
    let defaults: [(any ConfigurationRow, ConfigurationLiteral)] = [
      (keys.inbox.path, .list([.text("/srv/popcornd/\(instance)/inbox")])),
      (keys.output.path, .text("/srv/popcornd/\(instance)/outbox")),
      (keys.state.path, .text("/var/lib/popcornd/studies/\(instance)")),
      (keys.run.path, .text("/run/popcornd/studies/\(instance)")),
      (keys.run.workerSocket, .text("/run/popcornd/worker.sock")),
    ]
    for (row, literal) in defaults { _ = set(row, to: literal, from: .instance(instance)) }
  }

  /// Takes what a file says; what is wrong in it is left out and returned.
  private mutating func take(_ text: ConfigurationText) -> [ConfigurationMistake] {
    files.append(text.file)
    let document: Document
    do {
      document = try Document(text.text, file: text.file)
    } catch {
      return error.mistakes
    }
    var mistakes: [ConfigurationMistake] = []
    for section in document.sections where !ConfigurationKeys.sections.contains(section.name) {
      let near = Nearest.section(to: section.name).map { "did you mean [\($0)]?" }
      let words = near ?? "sections are " + ConfigurationKeys.sections.joined(separator: ", ")
      mistakes.append(
        ConfigurationMistake(file: text.file, line: section.line, key: "[\(section.name)]", "unknown section; \(words)")
      )
    }
    for entry in document.entries where entry.section.isEmpty || ConfigurationKeys.sections.contains(entry.section) {
      if let words = take(entry, from: .file(text.file, line: entry.line)) {
        let path = [entry.section, entry.name].filter { !$0.isEmpty }.joined(separator: ".")
        mistakes.append(ConfigurationMistake(file: text.file, line: entry.line, key: path, words))
      }
    }
    return mistakes.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
      .map(\.element)
  }

  /// Takes one key; says what is wrong with it.
  private mutating func take(_ entry: Document.Entry, from origin: Origin) -> String? {
    guard let row = ConfigurationKeys.rows.first(where: { $0.section == entry.section && $0.name == entry.name })
    else {
      if entry.section.isEmpty, ConfigurationKeys.sections.contains(entry.name) {
        return "is a section and is written [\(entry.name)]"
      }
      let problem = entry.section.isEmpty ? "stands outside of every section" : "unknown key"
      return problem + (Nearest.key(to: entry.name, under: entry.section).map { "; did you mean \($0)?" } ?? "")
    }
    guard set(row, to: entry.literal, from: origin) else {
      let found = "expected \(row.expectation); found \(entry.literal.kindName)\(Settings.shown(entry.literal))"
      return found + (row.hint(for: entry.literal).map { "; \($0)" } ?? "")
    }
    return nil
  }

  private static func shown(_ literal: ConfigurationLiteral) -> String {
    if case .other = literal { return "" }
    let text = literal.description
    return ": " + (text.count > 80 ? text.prefix(77) + "..." : text)
  }
}
