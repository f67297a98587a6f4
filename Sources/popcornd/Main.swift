import ArgumentParser
import Configuration
import Contract
import Files
import Ledger
import Terminal

@main struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "popcornd",
    abstract: "Turns a folder of MS scans into lesion masks, and the masks into a better model.",
    version: Version.text)

  @Option(help: "The configuration file.") var config: String?
  @Option(help: "The study: its configuration is /etc/popcornd/NAME.toml.") var instance: String?
  @Flag(help: "Take what is there, run what is due, and leave.") var once = false
  @Flag(help: "Read the configuration, say what is wrong with it, and leave.") var checkConfig = false

  static func main() async { await start() }

  func validate() throws {
    if config != nil, instance != nil { throw ValidationError("--config and --instance both name a configuration.") }
    if once, checkConfig { throw ValidationError("--once and --check-config do not go together.") }
  }

  mutating func run() async throws {
    let file = config ?? Settings.file(of: instance)
    do {
      // A start asks the shares later, and waits for none of them long.
      let settings = try Settings.load(file, resolvesLinks: checkConfig)
      if checkConfig { return }
      let code = try await Daemon(settings: settings, configurationFile: file, isOnce: once).run()
      if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
    } catch let failure as ConfigurationFailure {
      try Main.fail("\(failure)", .configuration)
    } catch let trouble as Folders.Trouble {
      try Main.fail(trouble.description, trouble.exit)
    } catch let fault as LedgerFault {
      try Main.fail(fault.description, fault.exitCode)
    } catch let fault as FileFault where fault.errno == .addressInUse {
      try Main.fail("\(fault): another service listens there; give this one its own [run] path", .temporaryFailure)
    } catch let fault as FileFault {
      try Main.fail(fault.description, LedgerFault.file(fault).exitCode)
    }
  }

  private static func fail(_ words: String, _ code: Contract.ExitCode) throws -> Never {
    standardError("popcornd: \(words)\n")
    throw ArgumentParser.ExitCode(code.rawValue)
  }
}
