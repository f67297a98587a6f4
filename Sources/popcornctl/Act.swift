import ArgumentParser
import Contract

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Starts and stops training.", subcommands: [Now.self, Pause.self, Resume.self])

  struct Now: Command {
    static let configuration = CommandConfiguration(abstract: "Start a cycle, whatever the triggers say.")
    @OptionGroup var study: Study
    func act() async throws -> Contract.ExitCode { try Service(study).tell(.trainNow) }
  }

  struct Pause: Command {
    static let configuration = CommandConfiguration(abstract: "Stop at a checkpoint, and start no cycle.")
    @OptionGroup var study: Study
    func act() async throws -> Contract.ExitCode { try Service(study).tell(.trainPause) }
  }

  struct Resume: Command {
    static let configuration = CommandConfiguration(abstract: "Train again.")
    @OptionGroup var study: Study
    func act() async throws -> Contract.ExitCode { try Service(study).tell(.trainResume) }
  }
}

struct Retry: Command {
  static let configuration = CommandConfiguration(abstract: "Try a held or rejected case again.")
  @OptionGroup var study: Study
  @Argument(help: "The case's label.") var id: String
  func act() async throws -> Contract.ExitCode { try Service(study).tell(.retry(id: id)) }
}

struct Hold: Command {
  static let configuration = CommandConfiguration(abstract: "Put a case aside until it is released.")
  @OptionGroup var study: Study
  @Argument(help: "The case's label.") var id: String
  func act() async throws -> Contract.ExitCode { try Service(study).tell(.hold(id: id)) }
}

struct Release: Command {
  static let configuration = CommandConfiguration(abstract: "Let a held case go on.")
  @OptionGroup var study: Study
  @Argument(help: "The case's label.") var id: String
  func act() async throws -> Contract.ExitCode { try Service(study).tell(.release(id: id)) }
}

struct Reload: Command {
  static let configuration = CommandConfiguration(abstract: "Have the service read its configuration again.")
  @OptionGroup var study: Study
  func act() async throws -> Contract.ExitCode { try Service(study).tell(.reload) }
}
