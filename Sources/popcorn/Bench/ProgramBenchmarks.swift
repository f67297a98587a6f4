import CLinux
import Contract
import Files
import Glibc
import SystemPackage

/// A foreign file judged and copied plainly by `popcorn-admit`, one process a file as the service has it.
final class IntakeBenchmark: Benchmark {
  private let scan: BenchmarkScan
  private let program: String
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
  private let program: String
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
private func neighbour(_ name: String) throws -> String {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
  let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
  let here = FilePath(String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
  let home = here.removingLastComponent()
  let prefix = home.removingLastComponent()
  let places = [home, prefix.appending("lib/popcornd"), prefix.appending("sbin")].map { $0.appending(name).string }
  guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
    throw Fault(.noInput, "\(name) is in none of \(places.joined(separator: ", ")): `make` builds it")
  }
  return found
}

private func runToEnd(_ program: String, _ arguments: [String], descriptors: [Int32]) throws {
  var words = ([program] + arguments).map { strdup($0) } + [nil]
  var changes: [UnsafeMutablePointer<CChar>?] = [nil]
  defer { for word in words { free(word) } }
  let process = linux_spawn(program, &words, &changes, descriptors, Int32(descriptors.count))
  guard process > 0 else { throw Fault(.software, "\(program) cannot be started (errno \(errno))") }
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  guard status == 0 else { throw Fault(.software, "\(program) ended with status \(status >> 8)") }
}
