import ArgumentParser
import Watch

/// The data folder of a command, and how its names tell persons apart.
struct DataOptions: ParsableArguments {
  @Option(help: "The data folder.")
  var data: String
  @Option(
    help:
      """
      How a person is read from a scan's name where BIDS does not say it: a pattern with {subject} in it, such as \
      '{subject}_v{session}_*'. Without: what is left of the name when a time point at its end is taken off.
      """)
  var subjectPattern: String?

  func validate() throws {
    if let subjectPattern, SubjectPattern(subjectPattern) == nil {
      throw ValidationError(
        "--subject-pattern \(subjectPattern): {subject} is needed once, {session} and * may be, with text between them."
      )
    }
  }

  /// Reads names. Throws what `DataFolder.init` does.
  func folder() throws -> DataFolder { try DataFolder(absolute(data), subjects: pattern) }

  var pattern: SubjectPattern? { subjectPattern.flatMap(SubjectPattern.init) }

  /// The same options on another command line.
  var words: [String] { ["--data=\(absolute(data))"] + patternWords }

  /// The pattern alone.
  var patternWords: [String] { subjectPattern.map { ["--subject-pattern=\($0)"] } ?? [] }
}
