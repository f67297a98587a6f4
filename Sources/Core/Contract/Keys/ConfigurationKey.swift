/// How a key's value is read from a file and written back, and how it is described.
public struct ConfigurationKind<Value: Sendable & Equatable>: Sendable {
  /// What is expected, with range and example: `a duration such as "5min", 1s to 1d`.
  public let expectation: String
  /// The value of a literal; nil where it is of another type, malformed or out of range.
  public let read: @Sendable (ConfigurationLiteral) -> Value?
  /// The literal of a value: what `read` takes back to an equal one.
  public let write: @Sendable (Value) -> ConfigurationLiteral
  /// What is wrong with a text that `read` does not take, or what was probably meant; nil where nothing can be said.
  public let hint: @Sendable (String) -> String?

  /// A kind of value.
  public init(
    _ expectation: String, read: @escaping @Sendable (ConfigurationLiteral) -> Value?,
    write: @escaping @Sendable (Value) -> ConfigurationLiteral,
    hint: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.expectation = expectation
    self.read = read
    self.write = write
    self.hint = hint
  }
}

/// When a changed value counts.
public enum ConfigurationChange: String, Sendable, CaseIterable {
  /// At the next reload.
  case reload
  /// At the next start.
  case restart
  /// It changes the meaning of old results: only for a new study.
  case study
}

/// A key of the configuration, whatever its type: a row of the table.
public protocol ConfigurationRow: Sendable {
  /// The section it stands under: `popcorn`.
  var section: String { get }
  /// Its name in snake_case: `trigger_arrivals`.
  var name: String { get }
  /// What it does, in a sentence or two.
  var sentence: String { get }
  /// When a changed value counts.
  var change: ConfigurationChange { get }
  /// What values it takes.
  var expectation: String { get }
  /// Its default, as a literal.
  var standardLiteral: ConfigurationLiteral { get }
  /// The value of a literal, to be stored under `path`; nil where the literal does not fit.
  func value(of literal: ConfigurationLiteral) -> (any Sendable)?
  /// What is wrong with a literal that does not fit, or what was probably meant; nil where nothing can be said.
  func hint(for literal: ConfigurationLiteral) -> String?
  /// The literal of a stored value.
  func literal(of value: any Sendable) -> ConfigurationLiteral?
}

extension ConfigurationRow {
  /// Section and name: `popcorn.trigger_arrivals`.
  public var path: String { section + "." + name }
}

/// A key of the configuration: type, range, default and sentence stand here and nowhere else.
public struct ConfigurationKey<Value: Sendable & Equatable>: ConfigurationRow {
  /// The section it stands under.
  public let section: String
  /// Its name in snake_case.
  public let name: String
  /// How its values are read and written.
  public let kind: ConfigurationKind<Value>
  /// Its default.
  public let standard: Value
  /// When a changed value counts.
  public let change: ConfigurationChange
  /// What it does.
  public let sentence: String

  /// A key whose changed value counts at the next reload.
  public init(
    _ section: String, _ name: String, _ kind: ConfigurationKind<Value>, default standard: Value, _ sentence: String
  ) {
    self.init(section, name, kind, default: standard, .reload, sentence)
  }

  /// A key.
  public init(
    _ section: String, _ name: String, _ kind: ConfigurationKind<Value>, default standard: Value,
    _ change: ConfigurationChange, _ sentence: String
  ) {
    self.section = section
    self.name = name
    self.kind = kind
    self.standard = standard
    self.change = change
    self.sentence = sentence
  }

  /// What values it takes.
  public var expectation: String { kind.expectation }
  /// Its default, as a literal.
  public var standardLiteral: ConfigurationLiteral { kind.write(standard) }
  /// The value of a literal; nil where it does not fit.
  public func value(of literal: ConfigurationLiteral) -> (any Sendable)? { kind.read(literal) }
  /// What is wrong with a literal that does not fit, or what was probably meant.
  public func hint(for literal: ConfigurationLiteral) -> String? {
    if case .text(let text) = literal { kind.hint(text) } else { nil }
  }
  /// The literal of a stored value.
  public func literal(of value: any Sendable) -> ConfigurationLiteral? { (value as? Value).map(kind.write) }
}
