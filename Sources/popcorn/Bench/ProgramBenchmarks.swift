import Contract
import Files
import Glibc
import Processes
import SystemPackage

/// A foreign file judged and copied plainly by `popcorn-admit`, one process a file as the service has it.
final class IntakeBenchmark: Benchmark {
  private let scan: BenchmarkScan
  private let program: FilePath
  let work: Work

  init(_ scan: BenchmarkScan) throws {
    self.scan = scan
    program = try neighbour("popcorn-admit")
    let voxels = scan.preparation.size.reduce(1, *)
    work = Work(bytes: Double(scan.packed + 4 * voxels))
  }

  func run() throws {
    let (input, output) = (open(scan.scan.scan, O_RDONLY), open("/dev/null", O_WRONLY))
    defer { for descriptor in [input, output] where descriptor >= 0 { close(descriptor) } }
    try runToEnd(program, ["--personal-data", "ignore"], descriptors: [input, output, output])
  }
}

/// The supervisor with an empty inbox: from its start over its ledger, folders and worker to its end.
final class StartBenchmark: Benchmark {
  private let folder: TemporaryFolder
  private let program: FilePath
  let work = Work()

  init() throws {
    program = try neighbour("popcornd")
    folder = try TemporaryFolder("popcorn-start")
    let names = ["inbox", "outbox", "state", "run"]
    for name in names { _ = try Directory(making: folder.path.appending(name)) }
    let settings = names.map { name in
      let path = "\"\(folder.file(name))\""
      let section = name == "outbox" ? "output" : name
      return "[\(section)]\npath = \(name == "inbox" ? "[\(path)]" : path)\n"
    }
    try writeDurably(Array(settings.joined().utf8), to: folder.file("popcornd.toml"))
  }

  func run() throws {
    let (input, output) = (open("/dev/null", O_RDONLY), open("/dev/null", O_WRONLY))
    defer { for descriptor in [input, output] where descriptor >= 0 { close(descriptor) } }
    let configuration = folder.file("popcornd.toml")
    try runToEnd(program, ["--once", "--config", configuration], descriptors: [input, output, output])
  }
}

/// The program of ours beside this one, or where a package puts it.
private func neighbour(_ name: String) throws -> FilePath {
  let found = Programs().find(name)
  guard access(found.string, X_OK) == 0 else {
    throw Fault(.noInput, "\(name) is neither beside this program nor on PATH: `make` builds it")
  }
  return found
}

private func runToEnd(_ program: FilePath, _ arguments: [String], descriptors: [Int32]) throws {
  let process: ChildProcess
  do {
    process = try ChildProcess(program, arguments, descriptors: descriptors.map(FileDescriptor.init(rawValue:)))
  } catch {
    throw Fault(.software, "\(program) cannot be started: \(error)")
  }
  let ending = process.wait {}
  guard ending == .exited(0) else { throw Fault(.software, "\(program) \(ending.words)") }
}
