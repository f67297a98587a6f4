import ArgumentParser
import Contract
import Terminal

/// The compute tool, and the service's worker.
@main struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "popcorn", abstract: "Segment lesions on FLAIR scans, and learn from scans that nobody delineated.",
    version: Version.text,
    subcommands: [
      SegmentCommand.self, TrainCommand.self, StudyCommand.self, EvaluateCommand.self, PhantomCommand.self,
      WorkerCommand.self,
      BenchCommand.self, ParityCommand.self,
    ])

  static func main() { start() }
}
