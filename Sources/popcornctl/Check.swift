import ArgumentParser
import Contract
import Files
import FoundationEssentials
import Processes
import SystemPackage

struct Check: Command {
  static let configuration = CommandConfiguration(
    abstract: "What would become of files, without dropping them. Nothing is kept.")
  @OptionGroup var study: Study
  @Argument(help: "The files.") var files: [String]
  @Option(help: "What they are: scan, label or brain.") var role = "scan"
  @Flag(help: "As JSON.") var json = false

  func act() async throws -> Contract.ExitCode {
    guard let role = FileRole(rawValue: role) else { throw Failure("\(role) is no role: scan, label or brain", .usage) }
    let runner = AdmitRunner(try study.settings())
    var code = Contract.ExitCode.success
    var lines: [Line] = []
    for file in files {
      let verdict = try await judge(file, as: role, with: runner)
      lines.append(Line(file: file, verdict: verdict))
      switch verdict.outcome {
      case .accept: break
      case .wait, .hold: if code == .success { code = .wouldHold }
      case .reject: code = .wouldReject
      }
      if !json { say(verdict, of: file) }
    }
    if json { try printJSON(lines) }
    return code
  }

  private func judge(_ path: String, as role: FileRole, with runner: AdmitRunner) async throws -> Verdict {
    let source: FileDescriptor
    do {
      source = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw Failure("\(path) cannot be read: \(error)", .noInput)
    }
    defer { try? source.close() }
    let voxels = otherHalf(of: path)
    defer { try? voxels?.close() }
    // What was taken is not kept: the copy goes where nothing stays.
    let nowhere = try FileDescriptor.open("/dev/null", .writeOnly, options: [.closeOnExec])
    defer { try? nowhere.close() }
    switch await runner.judge(source, voxels: voxels, as: role, into: nowhere) {
    case .judged(let verdict): return verdict
    case .died(let ending, _): throw Failure("popcorn-admit \(ending.words)", .software)
    }
  }

  /// The `.img` beside a `.hdr`.
  private func otherHalf(of path: String) -> FileDescriptor? {
    guard path.lowercased().hasSuffix(".hdr") else { return nil }
    return [".img", ".IMG"].lazy.compactMap { ending in
      try? FileDescriptor.open(FilePath(path.dropLast(4) + ending), .readOnly, options: [.closeOnExec, .nonBlocking])
    }.first
  }

  private func say(_ verdict: Verdict, of file: String) {
    let word =
      switch verdict.outcome {
      case .accept: "would be accepted"
      case .wait: "is not whole yet"
      case .hold: "would be held"
      case .reject: "would be rejected"
      }
    print("\(file): \(word)" + (verdict.reason.map { " (\($0.rawValue))" } ?? ""))
    if let reason = verdict.reason {
      print("  \(reason.explanation(with: verdict.numbers))")
      print("  What to do: \(reason.remedy)")
    }
    if let geometry = verdict.geometry {
      let grid = geometry.size.map { String($0) }.joined(separator: " x ")
      let edges = geometry.spacing.map { String(($0 * 1000).rounded() / 1000) }.joined(separator: " x ")
      print("  \(grid) voxels of \(edges) mm, \(verdict.axisCodes ?? "?")")
    }
    for note in verdict.normalisations + verdict.warnings { print("  noted: \(note)") }
  }

  private struct Line: Encodable {
    let file: String
    let verdict: Verdict
  }
}
