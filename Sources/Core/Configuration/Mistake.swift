/// One thing wrong in a configuration file: where it stands, and what to write instead.
public struct ConfigurationMistake: Hashable, Sendable, CustomStringConvertible {
  /// The file; nil where no file is at fault.
  public let file: String?
  /// The line, from 1; nil where the whole file is at fault.
  public let line: Int?
  /// Section and name as written: `popcorn.treshold`.
  public let key: String?
  /// What is wrong and what is expected.
  public let words: String

  /// A mistake.
  public init(file: String?, line: Int?, key: String? = nil, _ words: String) {
    self.file = file
    self.line = line
    self.key = key
    self.words = words
  }

  /// `FILE:LINE: KEY: what is wrong`.
  public var description: String {
    let place = [file, line.map(String.init)].compactMap(\.self).joined(separator: ":")
    return [place, key ?? "", words].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}

/// All that is wrong with a configuration, in the order of the files. The program exits with `ExitCode.configuration`.
public struct ConfigurationFailure: Error, Sendable, CustomStringConvertible {
  /// The mistakes, at least one.
  public let mistakes: [ConfigurationMistake]

  /// A failure.
  public init(_ mistakes: [ConfigurationMistake]) { self.mistakes = mistakes }

  /// One line a mistake.
  public var description: String { mistakes.map(\.description).joined(separator: "\n") }
}
