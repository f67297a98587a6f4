import ArgumentParser
import Contract
import Files
import FoundationEssentials
import Glibc
import Imaging
import SystemPackage
import Terminal

/// Reads one foreign file from standard input and answers: the verdict as one line of JSON on standard error, the
/// canonical copy of what is taken on standard output. Exit status 0 whenever there is a verdict.
@main struct Admit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "popcorn-admit",
    abstract: "Judge one NIfTI file and copy it plainly.",
    discussion: """
      The file comes on standard input (the .img of a pair on descriptor 3). What is taken leaves on standard output \
      as NIfTI written anew; the verdict is one line of JSON on standard error. The program gives up all rights to \
      files, network and children before it reads.
      """)

  static func main() { start() }

  @Option(help: "What the file is meant to be: scan, label or brain.")
  var role = FileRole.scan
  @Option(help: "Largest file, bytes.")
  var maxBytes = IntakeLimits().maximumBytes
  @Option(help: "Most voxels.")
  var maxVoxels = IntakeLimits().maximumVoxels
  @Option(help: "Most memory, bytes, that the header may ask for; more is held.")
  var maxMemory = 12 << 30
  @Option(help: "Smallest voxel edge, mm.")
  var minVoxelMm = IntakeLimits().minimumVoxelMm
  @Option(help: "Largest voxel edge, mm.")
  var maxVoxelMm = IntakeLimits().maximumVoxelMm
  @Option(help: "Least field of view along each axis, mm.")
  var minFovMm = IntakeLimits().minimumFovMm
  @Option(help: "A scan without orientation: hold, assume-ras or reject.")
  var unknownOrientation = UnknownOrientation.hold
  @Option(help: "A mask without a lesion: hold or accept.")
  var emptyLabels = EmptyLabels.hold
  @Option(help: "Values of a mask that are lesion, such as 1,2,4; without it a mask has one value besides 0.")
  var lesionValues = LesionValues(numbers: [])
  @Option(help: "A header that may name a person: hold, warn or ignore.")
  var personalData = PersonalData.hold
  @Flag(help: "A person wants the file taken as it is: doubts that only a person can judge do not hold it.")
  var released = false
  @Flag(help: "Compare two masks of ours, the other on descriptor 3; nothing is copied.")
  var compare = false
  @Option(help: "Processor time, seconds, after which the kernel ends the program.")
  var maxSeconds = 300

  func validate() throws {
    guard maxBytes > 0, maxVoxels > 0, maxMemory > 0, maxSeconds > 0 else {
      throw ValidationError("--max-bytes, --max-voxels, --max-memory and --max-seconds must be positive.")
    }
    guard minVoxelMm >= 0, maxVoxelMm >= minVoxelMm, minFovMm >= 0 else {
      throw ValidationError("--min-voxel-mm, --max-voxel-mm and --min-fov-mm must be lengths in order.")
    }
  }

  private var limits: IntakeLimits {
    var limits = IntakeLimits()
    limits.maximumBytes = maxBytes
    limits.maximumVoxels = maxVoxels
    limits.maximumMemory = maxMemory
    limits.minimumVoxelMm = minVoxelMm
    limits.maximumVoxelMm = maxVoxelMm
    limits.minimumFovMm = minFovMm
    limits.unknownOrientation = unknownOrientation
    limits.emptyLabels = emptyLabels
    limits.lesionValues = lesionValues.numbers
    limits.personalData = personalData
    return limits
  }

  func run() throws {
    // libcrypto reads its configuration and the JSON coder its tables at first use: while files may still be opened.
    _ = Digest(of: [])
    _ = try line(Verdict(.accept))
    do {
      try Confinement(memory: maxMemory, seconds: maxSeconds).enter()
    } catch {
      say("popcorn-admit: \(error)\n")
      throw ExitCode(Contract.ExitCode.software.rawValue)
    }
    let (verdict, canonical) = judge()
    if let canonical {
      do {
        try canonical.withUnsafeBytes { try DurableFile.writeAll($0, to: .standardOutput, path: "output") }
      } catch {
        say("popcorn-admit: \(error)\n")
        throw ExitCode(Contract.ExitCode.ioError.rawValue)
      }
    }
    say(try line(verdict) + "\n")
  }

  private func judge() -> (Verdict, [UInt8]?) {
    if compare { return (comparison(), nil) }
    let admission = Admission(role: role, limits: released ? limits.released : limits)
    do throws(FileFault) {
      if let verdict = doubt(aboutMemoryFor: [.standardInput]) { return (verdict, nil) }
      let file = try BoundedReader.read(.standardInput, limit: maxBytes)
      let answer = admission.judge(file)
      guard answer.verdict.reason == .pairHalf else { return answer }
      let second = FileDescriptor(rawValue: 3)
      if let verdict = doubt(aboutMemoryFor: [.standardInput, second]) { return (verdict, nil) }
      return admission.judge(file, voxels: try BoundedReader.read(second, limit: maxBytes, path: "pair"))
    } catch {
      return (Self.verdict(on: error, maxBytes: maxBytes), nil)
    }
  }

  /// What is said of files that take more memory than is allowed before anything is made of them; nil where they do not. It is
  /// asked before they are read: the kernel refuses the memory, and that would be the end of this program. What is larger than
  /// any file may be is told so by whoever reads it.
  private func doubt(aboutMemoryFor files: [FileDescriptor]) -> Verdict? {
    let sizes = files.map { file in
      var status = stat()
      return fstat(file.rawValue, &status) == 0 ? Int(status.st_size) : 0
    }
    let need = sizes.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
    guard need > maxMemory, sizes.allSatisfy({ $0 <= maxBytes }) else { return nil }
    var verdict = Verdict(.hold)
    verdict.take(.memory(need, allowed: maxMemory))
    verdict.isReleasable = false
    return verdict
  }

  private func comparison() -> Verdict {
    do {
      let files = [FileDescriptor.standardInput, FileDescriptor(rawValue: 3)]
      if let verdict = doubt(aboutMemoryFor: files) { return verdict }
      let masks = try files.map { file in
        try NiftiFile.decode(try BoundedReader.read(file, limit: maxBytes, path: "mask")).volume
      }
      guard let overlap = Verdict.Overlap(of: masks[0], and: masks[1]) else {
        return Verdict(.hold, reason: .labelShape)
      }
      var verdict = Verdict(.accept)
      verdict.overlap = overlap
      return verdict
    } catch let fault as FileFault {
      return Self.verdict(on: fault, maxBytes: maxBytes)
    } catch let rejection as Rejection {
      return Verdict(rejection.outcome, reason: rejection.reason)
    } catch {
      return Verdict(.hold, reason: .ioError)
    }
  }

  private static func verdict(on fault: FileFault, maxBytes: Int) -> Verdict {
    switch fault.errno {
    case .fileTooLarge:
      var verdict = Verdict(.reject, reason: .tooLarge)
      verdict.numbers = [.init("allowed", "\(maxBytes) B")]
      return verdict
    case .badFileDescriptor: return Verdict(.wait, reason: .pairHalf)
    default:
      var verdict = Verdict(.wait, reason: .ioError)
      verdict.numbers = [.init("errno", "\(fault.errno.rawValue)")]
      return verdict
    }
  }

  private func line(_ verdict: Verdict) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(verdict), as: UTF8.self)
  }

  private func say(_ text: String) {
    let bytes = Array(text.utf8)
    // Nobody is left to tell where standard error is gone.
    try? bytes.withUnsafeBytes { try DurableFile.writeAll($0, to: .standardError, path: "verdict") }
  }
}

/// A list of whole numbers from 1 on, as an argument.
struct LesionValues: ExpressibleByArgument {
  let numbers: [Int]
  var defaultValueDescription: String { numbers.map { String($0) }.joined(separator: ",") }

  init(numbers: [Int]) { self.numbers = numbers }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Int($0) }.filter { $0 > 0 }
    guard numbers.count == parts.count else { return nil }
  }
}

extension FileRole: ExpressibleByArgument {}
extension UnknownOrientation: ExpressibleByArgument {}
extension EmptyLabels: ExpressibleByArgument {}
extension PersonalData: ExpressibleByArgument {}
