import ArgumentParser
import Contract
import SystemPackage

/// Says in one line on standard error what went wrong, and answers with the exit code to throw.
func complaint(_ line: String, _ code: Contract.ExitCode) -> ArgumentParser.ExitCode {
  // Nobody is left to tell when standard error fails.
  _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
  return ArgumentParser.ExitCode(code.rawValue)
}
