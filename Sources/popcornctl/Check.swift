import ArgumentParser
import Configuration
import Contract
import Files
import Glibc
import Ledger
import Processes
import SystemPackage
import Terminal
import Watch

struct Check: Command {
  static let configuration = CommandConfiguration(
    abstract: "What would become of files, were they dropped together. Nothing is kept.",
    discussion: """
      What a file is its name says, as in an inbox: NAME_mask.nii.gz is an expert's mask, NAME_brainmask.nii.gz a brain \
      mask, any other image a scan. Where the ledger can be read, it is said what the study has already. Whether \
      a scan's brain is found (NO_BRAIN), and how far a mask differs from the draft, shows only after the drop. \
      Exit 5: at least one would be held, or waits; 6: rejected.
      """)
  @OptionGroup var study: Study
  @Argument(help: "The files.") var files: [String]
  @Option(help: "What all of them are, whatever their names say: scan, label or brain.") var role: String?
  @Flag(help: "As JSON.") var json = false

  func act() async throws -> Contract.ExitCode {
    let role = try role.map { word throws(Failure) -> FileRole in
      guard let role = FileRole(rawValue: word) else {
        throw Failure("\(word) is no role: scan, label or brain", .usage)
      }
      return role
    }
    let settings = try study.settings()
    let paths = files.map { Check.place(of: $0) }
    let foresight = Foresight(paths, as: role, settings: settings, ledger: Check.ledger(of: settings))
    let runner = AdmitRunner(settings)
    var readings: [Foresight.Reading] = []
    for path in paths where foresight.passingOver(path) == nil {
      let role = foresight.role(of: path)
      let verdict = try await read(path, as: role, with: runner)
      readings.append(Foresight.Reading(path: path, role: role, verdict: verdict))
    }
    var outlooks: [Outlook] = []
    for (file, path) in zip(files, paths) {
      if let words = foresight.passingOver(path) {
        outlooks.append(Outlook(file: file, words: words))
      } else if let reading = readings.first(where: { $0.path == path }) {
        let verdict = try foresight.verdict(on: reading, among: readings)
        outlooks.append(Outlook(file: file, role: reading.role, verdict: verdict))
      }
    }
    if json { try printJSON(outlooks) } else { for outlook in outlooks { try standardOutput(outlook.text) } }
    return Check.code(for: outlooks.map(\.becomes))
  }

  private static func code(for ends: [Outlook.End]) -> Contract.ExitCode {
    if ends.contains(.rejected) { return .wouldReject }
    return ends.contains(.held) || ends.contains(.waits) ? .wouldHold : .success
  }

  private func read(_ path: FilePath, as role: FileRole, with runner: AdmitRunner) async throws -> Verdict {
    if FileName(of: path).isVoxelHalf {
      var verdict = Verdict(.wait, reason: .pairHalf)
      verdict.numbers = [Verdict.Number("missing", "the .hdr file")]
      return verdict
    }
    let source: FileDescriptor
    do {
      source = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw Failure("\(path) cannot be read: \(error)", .noInput)
    }
    defer { try? source.close() }
    var voxels: FileDescriptor?
    for half in Check.otherHalves(of: path) where voxels == nil {
      voxels = try? FileDescriptor.open(half, .readOnly, options: [.closeOnExec, .nonBlocking])
    }
    defer { try? voxels?.close() }
    // What was taken is not kept: the copy goes where nothing stays.
    let nowhere = try FileDescriptor.open("/dev/null", .writeOnly, options: [.closeOnExec])
    defer { try? nowhere.close() }
    switch await runner.judge(source, voxels: voxels, as: role, into: nowhere) {
    case .judged(let verdict): return verdict
    case .died(let ending, _): throw Failure("popcorn-admit \(ending.words)", .software)
    }
  }

  /// The file's place, of a pair the header's: names of folders say something too.
  private static func place(of file: String) -> FilePath {
    var here = FilePath("/")
    if let folder = getcwd(nil, 0) {
      here = FilePath(String(cString: folder))
      free(folder)
    }
    let place = here.pushing(FilePath(file)).lexicallyNormalized()
    guard FileName(of: place).isVoxelHalf else { return place }
    return otherHalves(of: place).first { access($0.string, F_OK) == 0 } ?? place
  }

  /// Where the other half of a `.hdr`/`.img` pair may lie.
  private static func otherHalves(of path: FilePath) -> [FilePath] {
    FileName(of: path).otherHalf.map {
      path.removingLastComponent().appending(FilePath(rawBytes: $0.bytes).components)
    }
  }

  /// The ledger, where there is one; it is said where it may not be read.
  private static func ledger(of settings: Settings) -> Ledger? {
    let state = FilePath(settings.state.path)
    do {
      if access(StateDirectory.ledgerPath(in: state).string, R_OK) == 0 { return try Ledger(reading: state) }
      if errno == EACCES { complain("the ledger may not be read: what the study has already is not told") }
    } catch {
      complain("what the study has already is not told: \(error)")
    }
    return nil
  }
}
