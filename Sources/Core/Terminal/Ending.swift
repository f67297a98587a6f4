import ArgumentParser
import Contract

extension ParsableCommand {
  /// What `@main` does, ended by the house's table of exit codes.
  public static func start(_ arguments: [String]? = nil) {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      end(with: error)
    }
  }
}

extension AsyncParsableCommand {
  /// What `@main` does, ended by the house's table of exit codes.
  public static func start(_ arguments: [String]? = nil) async {
    do {
      var command = try await asyncParseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }
}

extension ParsableArguments {
  /// Ends the program with what the parser says of the error. Its own code for wrong usage, EX_USAGE, is not in the
  /// table of exit codes: `usage` is.
  fileprivate static func end(with error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    standardError(fullMessage(for: error) + "\n")
    exit(withError: ArgumentParser.ExitCode(Contract.ExitCode.usage.rawValue))
  }
}
