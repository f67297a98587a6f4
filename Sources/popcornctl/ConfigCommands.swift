import ArgumentParser
import Configuration
import Contract
import Ledger
import SystemPackage
import Terminal

struct ConfigGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "The configuration.", subcommands: [Show.self, Check.self, Cat.self])

  struct Show: Command {
    static let configuration = CommandConfiguration(abstract: "Every key with its value.")
    @OptionGroup var study: Study
    @Flag(help: "The defaults instead.") var defaults = false
    @Flag(help: "Only what differs from the defaults.") var changed = false
    @Flag(help: "As JSON.") var json = false

    func act() async throws -> Contract.ExitCode {
      let settings = defaults ? Settings() : try study.settings()
      let rows = ConfigurationKeys.rows.filter { !changed || settings.isChanged($0) }
      if json {
        try printJSON(
          rows.map {
            Line(key: $0.path, value: settings.literal(of: $0).description, isChanged: settings.isChanged($0))
          })
        return .success
      }
      var section = ""
      for row in rows {
        if row.section != section {
          try standardOutput(section.isEmpty ? "[\(row.section)]" : "\n[\(row.section)]")
          section = row.section
        }
        try standardOutput("\(row.name) = \(settings.literal(of: row))")
      }
      return .success
    }

    private struct Line: Encodable {
      let key: String
      let value: String
      let isChanged: Bool
    }
  }

  struct Check: Command {
    static let configuration = CommandConfiguration(abstract: "What is wrong with it: file, line, key.")
    @OptionGroup var study: Study
    @Argument(help: "The file; the service's own without one.") var file: String?

    func act() async throws -> Contract.ExitCode {
      do {
        let settings = try Settings.load(file ?? study.file)
        try Check.compareWithStudy(settings, mainFile: file ?? study.file)
        try standardOutput("\(settings.files.joined(separator: ", ")): nothing wrong")
        return .success
      } catch {
        throw Failure("\(error)", .configuration)
      }
    }

    /// With the ledger of its state directory, where there is one and the asker may read it.
    private static func compareWithStudy(_ settings: Settings, mainFile: String) throws(ConfigurationFailure) {
      guard let begun = try? Ledger(reading: FilePath(settings.state.path)).studyKeys() else { return }
      try settings.stay(inStudyOf: begun, mainFile: mainFile)
    }
  }

  struct Cat: Command {
    static let configuration = CommandConfiguration(abstract: "Which file and line set what.")
    @OptionGroup var study: Study

    func act() async throws -> Contract.ExitCode {
      let settings = try study.settings()
      let rows = ConfigurationKeys.rows.map { row in
        [row.path, settings.literal(of: row).description, Cat.words(settings.origin(of: row))]
      }
      try standardOutput(Table(["KEY", "VALUE", "FROM"], rows).text())
      return .success
    }

    private static func words(_ origin: Settings.Origin) -> String {
      switch origin {
      case .standard: "default"
      case .instance(let name): "study \(name)"
      case .file(let file, let line): file + (line.map { ":\($0)" } ?? "")
      case .program: "program"
      }
    }
  }
}
