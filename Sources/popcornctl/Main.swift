import ArgumentParser
import Configuration
import Contract
import Files
import Glibc
import Ledger
import SystemPackage
import Terminal

@main struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "popcornctl", abstract: "Looks at a popcornd service and tells it what to do.", version: Version.text,
    subcommands: [
      Status.self, Queue.self, CaseGroup.self, Explain.self, Check.self, Train.self, Audit.self, Models.self,
      ConfigGroup.self, Retry.self, Hold.self, Release.self, Reload.self, Dump.self,
    ])

  static func main() async { await start() }
}

/// Which service is meant.
struct Study: ParsableArguments {
  @Option(help: "The service's configuration file.") var config: String?
  @Option(help: "The study: its configuration is /etc/popcornd/NAME.toml.") var instance: String?

  /// The configuration's main file.
  var file: String { config ?? Settings.file(of: instance) }

  /// The configuration. Ends the program with `configuration` where it is wrong.
  func settings() throws -> Settings {
    do { return try Settings.load(file, resolvesLinks: false) } catch { throw Failure("\(error)", .configuration) }
  }

  /// Where the service listens, also while its configuration is wrong.
  var controlSocket: FilePath {
    get throws {
      do { return FilePath(try Settings.loadLeniently(file).controlSocket) } catch {
        throw Failure("\(error)", .configuration)
      }
    }
  }

  /// The ledger, for reading: beside a running service or without one.
  func ledger() throws -> Ledger {
    let path = FilePath(try settings().state.path)
    guard access(path.string, F_OK) == 0 else {
      throw Failure("there is no state in \(path): the service has never run, or you may not look", .notFound)
    }
    let database = StateDirectory.ledgerPath(in: path).string
    guard access(database, F_OK) == 0 || errno != ENOENT else {
      throw Failure("there is no ledger in \(path) yet: popcornd has not run with this configuration", .notFound)
    }
    guard access(database, R_OK) == 0 || errno != EACCES else {
      throw Failure("you may not read the ledger in \(path): that takes the service's user or root", .noPermission)
    }
    do { return try Ledger(reading: path) } catch { throw Failure("\(error)", .ioError) }
  }
}

/// Why a command could not do what was asked, and what the program exits with.
struct Failure: Error {
  let words: String
  let exit: Contract.ExitCode

  init(_ words: String, _ exit: Contract.ExitCode) {
    self.words = words
    self.exit = exit
  }
}

/// A command of ours: failures are one line on standard error and their exit code.
protocol Command: AsyncParsableCommand {
  /// Does what was asked; answers what the program exits with.
  func act() async throws -> Contract.ExitCode
}

extension Command {
  mutating func run() async throws {
    var code: Contract.ExitCode
    do {
      code = try await act()
    } catch let failure as Failure {
      complain(failure.words)
      code = failure.exit
    } catch let fault as LedgerFault {
      complain(fault.description)
      code = fault.exitCode
    } catch let fault as FileFault {
      complain(fault.description)
      code = LedgerFault.file(fault).exitCode
    }
    if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
  }
}

/// One line on standard error.
func complain(_ words: String) { standardError("popcornctl: \(words)\n") }
