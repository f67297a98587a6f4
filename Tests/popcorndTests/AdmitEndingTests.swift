import Configuration
import Contract
import Glibc
import SystemPackage
import Testing

@testable import Processes

/// What is held against a file of which its reader says nothing.
@Suite struct AdmitEndingTests {
  /// What comes of a reading by a shell that runs `script`.
  private func outcome(of script: String) async throws -> AdmitRunner.Outcome {
    var settings = Settings()
    settings.run.admit = ["/bin/sh", "-c", script]
    let file = try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? file.close() }
    let copy = try FileDescriptor.open("/dev/null", .writeOnly)
    defer { try? copy.close() }
    return await AdmitRunner(settings).judge(file, as: .scan, into: copy)
  }

  /// Wrong usage, as now and as before; no confinement; no output; no program. Whatever the file, it would be the same.
  @Test(arguments: [2, 64, 70, 74, 126, 127]) func aReaderThatCouldReadNothingSaysNothingOfTheFile(
    status: Int
  ) async throws {
    let outcome = try await outcome(of: "exit \(status)")
    guard case .died(.unstartable(let why), let isHeldAgainstFile) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(why.contains("status \(status)") && !isHeldAgainstFile)
  }

  @Test(arguments: ["exit 0", "exit 1", "kill -SEGV $$", "kill -SYS $$"]) func whatItDiesOfIsHeldAgainstTheFile(
    script: String
  ) async throws {
    let outcome = try await outcome(of: script)
    guard case .died(let ending, let isHeldAgainstFile) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    if case .unstartable(let why) = ending { Issue.record("\(why)") }
    #expect(isHeldAgainstFile)
  }

  @Test func aVerdictCountsWhateverTheStatus() async throws {
    let verdict = #"{"outcome":"accept","numbers":[],"normalisations":[],"warnings":[]}"#
    let outcome = try await outcome(of: "echo '\(verdict)' >&2; exit 74")
    guard case .judged(let judged) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(judged.outcome == .accept)
  }
}
