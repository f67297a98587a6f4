import Contract

/// What the service is told: a value for every key, typed, with where it comes from.
///
/// `settings.inbox.rescan` is a `Duration`, `settings.popcorn.selectPerStep` an `Int`: names and types are those of
/// `ConfigurationKeys`, so that a key exists in one place only.
public struct Settings: Sendable {
  /// Where a value comes from.
  public enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// The table.
    case standard
    /// What follows from the study's name: its own state, share and sockets.
    case instance(String)
    /// A file, and the line in it.
    case file(String, line: Int?)
    /// The program itself: a command line option, a test.
    case program

    /// `/etc/popcornd/popcornd.toml:12`, `default`.
    public var description: String {
      switch self {
      case .standard: "default"
      case .instance(let name): "default of study \(name)"
      case .file(let file, let line): line.map { "\(file):\($0)" } ?? file
      case .program: "program"
      }
    }
  }

  /// The values of a section, read and written by the names of its keys.
  @dynamicMemberLookup
  public struct Section<Keys: Sendable>: Sendable {
    fileprivate let keys: Keys
    fileprivate var values: [String: any Sendable]

    /// The value of a key; its default where nothing was said.
    public subscript<Value>(dynamicMember key: KeyPath<Keys, ConfigurationKey<Value>>) -> Value {
      get {
        let key = keys[keyPath: key]
        return values[key.path] as? Value ?? key.standard
      }
      set { values[keys[keyPath: key].path] = newValue }
    }
  }

  private var values: [String: any Sendable] = [:]
  private var origins: [String: Origin] = [:]
  /// The study's name; nil for the default study.
  public internal(set) var instance: String?
  /// The files that were read, in order.
  public internal(set) var files: [String] = []

  /// The defaults.
  public init() {}

  /// `[inbox]`
  public var inbox: Section<InboxKeys> {
    get { section(\.inbox) }
    set { values = newValue.values }
  }
  /// `[accept]`
  public var accept: Section<AcceptKeys> {
    get { section(\.accept) }
    set { values = newValue.values }
  }
  /// `[popcorn]`
  public var popcorn: Section<PopcornKeys> {
    get { section(\.popcorn) }
    set { values = newValue.values }
  }
  /// `[resources]`
  public var resources: Section<ResourceKeys> {
    get { section(\.resources) }
    set { values = newValue.values }
  }
  /// `[output]`
  public var output: Section<OutputKeys> {
    get { section(\.output) }
    set { values = newValue.values }
  }
  /// `[state]`
  public var state: Section<StateKeys> {
    get { section(\.state) }
    set { values = newValue.values }
  }
  /// `[run]`
  public var run: Section<RunKeys> {
    get { section(\.run) }
    set { values = newValue.values }
  }
  /// `[log]`
  public var log: Section<LogKeys> {
    get { section(\.log) }
    set { values = newValue.values }
  }
  /// `[metrics]`
  public var metrics: Section<MetricsKeys> {
    get { section(\.metrics) }
    set { values = newValue.values }
  }

  private func section<Keys>(_ keys: KeyPath<ConfigurationKeys, Keys>) -> Section<Keys> {
    Section(keys: ConfigurationKeys.table[keyPath: keys], values: values)
  }

  /// Sets the value of a row from a literal. False, and nothing is changed, where the literal does not fit.
  mutating func set(_ row: any ConfigurationRow, to literal: ConfigurationLiteral, from origin: Origin) -> Bool {
    guard let value = row.value(of: literal) else { return false }
    values[row.path] = value
    origins[row.path] = origin
    return true
  }

  /// The value of a row, as a literal.
  public func literal(of row: any ConfigurationRow) -> ConfigurationLiteral {
    values[row.path].flatMap(row.literal) ?? row.standardLiteral
  }

  /// Where the value of a row comes from.
  public func origin(of row: any ConfigurationRow) -> Origin {
    origins[row.path] ?? (values[row.path] == nil ? .standard : .program)
  }

  /// Whether the value of a row is another than its default.
  public func isChanged(_ row: any ConfigurationRow) -> Bool { literal(of: row) != row.standardLiteral }
}

extension Settings: Equatable {
  /// Whether all values are equal; where they come from does not matter.
  public static func == (a: Settings, b: Settings) -> Bool {
    ConfigurationKeys.rows.allSatisfy { a.literal(of: $0) == b.literal(of: $0) }
  }
}
