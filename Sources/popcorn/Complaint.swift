import ArgumentParser
import Contract
import Terminal

/// Says in one line on standard error what went wrong, and answers with the exit code to throw.
func complaint(_ line: String, _ code: Contract.ExitCode) -> ArgumentParser.ExitCode {
  standardError(line + "\n")
  return ArgumentParser.ExitCode(code.rawValue)
}
