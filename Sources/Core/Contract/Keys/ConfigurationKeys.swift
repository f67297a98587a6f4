/// Every key that a configuration file can have, by section. This is the one table: the reading code, `etc/popcornd.toml`,
/// `popcornctl config` and the manual all come from it.
public struct ConfigurationKeys: Sendable {
  /// `[inbox]`
  public let inbox = InboxKeys()
  /// `[accept]`
  public let accept = AcceptKeys()
  /// `[popcorn]`
  public let popcorn = PopcornKeys()
  /// `[resources]`
  public let resources = ResourceKeys()
  /// `[output]`
  public let output = OutputKeys()
  /// `[state]`
  public let state = StateKeys()
  /// `[run]`
  public let run = RunKeys()
  /// `[log]`
  public let log = LogKeys()
  /// `[metrics]`
  public let metrics = MetricsKeys()

  /// The table.
  public static let table = ConfigurationKeys()

  /// All rows, in the order in which they are declared.
  public static let rows: [any ConfigurationRow] = Mirror(reflecting: table).children.flatMap { section in
    Mirror(reflecting: section.value).children.compactMap { $0.value as? any ConfigurationRow }
  }

  /// The sections, in the order in which they are declared.
  public static let sections: [String] = rows.reduce(into: []) { sections, row in
    if sections.last != row.section { sections.append(row.section) }
  }

  /// What a section is about, in one line.
  public static let sectionSentences = [
    "inbox": "Where files are dropped, and how they are noticed.",
    "accept": "What a file must be to be taken.",
    "popcorn": "The method, and when it trains. Defaults are the paper's where it has one, but for the recipe.",
    "resources": "What the service may take of the machine.",
    "output": "What leaves the service, and where to.",
    "state": "What must not be lost.",
    "run": "Sockets and programs.",
    "log": "What logs say.",
    "metrics": "Figures for a monitoring system.",
  ]
}
