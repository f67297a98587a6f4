import ArgumentParser
import Files
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

  /// Throws `Fault` where a folder for some twenty files and folders, that an option names, is one of scans.
  func refuse(_ folder: String, for option: String, example: String) throws {
    guard !folder.isEmpty else { throw Fault(.usage, "\(option) '' names no folder") }
    let (place, root) = (linkless(absolute(folder)), linkless(absolute(data)))
    let parts = ["labeled", "unlabeled", "test", "truth", "brainmasks"]
    if place == root || parts.contains(where: { place.starts(with: linkless(root.appending($0))) })
      || (try? Directory(place.appending("labeled"))) != nil
    {
      throw Fault(.usage, "\(option) \(folder) is a folder of scans: name another, \(root.appending(example)) for one")
    }
  }

  /// The same options on another command line.
  var words: [String] { ["--data=\(absolute(data))"] + patternWords }

  /// The pattern alone.
  var patternWords: [String] { subjectPattern.map { ["--subject-pattern=\($0)"] } ?? [] }
}
