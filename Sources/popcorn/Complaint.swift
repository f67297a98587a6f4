import ArgumentParser
import Contract
import SystemPackage

/// Says in one line on standard error what went wrong, and answers with the exit code to throw.
func complaint(_ line: String, _ code: Contract.ExitCode) -> ArgumentParser.ExitCode {
  // Nobody is left to tell when standard error fails.
  _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
  return ArgumentParser.ExitCode(code.rawValue)
}

extension Double {
  /// The number with that many decimals.
  func decimals(_ count: Int) -> String {
    guard isFinite else { return "\(self)" }
    let scale = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(self) * scale).rounded()
    guard scaled < 1e15 else { return "\(self)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(count + 1 - digits.count, 0)) + digits
    let sign = self < 0 && scaled > 0 ? "-" : ""
    return sign + padded.dropLast(count) + (count > 0 ? "." + padded.suffix(count) : "")
  }
}
