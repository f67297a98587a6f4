import Contract
import Files
import FoundationEssentials
import Glibc
import SystemPackage

/// The built popcorn-admit, run with files on its descriptors.
struct AdmitProcess {
  let verdict: Verdict?
  let output: [UInt8]
  /// As wait(2) has it: 0 for exit status 0.
  let status: Int32
  let errorText: String

  /// Programs lie beside the bundle of the tests, which is the program that runs now.
  static var program: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = FilePath(String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    return own.removingLastComponent().appending("popcorn-admit").string
  }

  /// Runs it on `input` (and `second` on descriptor 3).
  static func run(_ arguments: [String] = [], input: [UInt8], second: [UInt8]? = nil) throws -> AdmitProcess {
    let file = try anonymousFile(input)
    defer { close(file) }
    return try run(arguments, on: file, second: second)
  }

  /// Runs it on an open file, which stays open.
  static func run(_ arguments: [String] = [], on stdin: Int32, second: [UInt8]? = nil) throws -> AdmitProcess {
    let (stdout, stderr) = (try anonymousFile([]), try anonymousFile([]))
    let descriptors = [stdin, stdout, stderr] + (try second.map { [try anonymousFile($0)] } ?? [])
    let process = try spawn(arguments, descriptors: descriptors)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    defer { for descriptor in descriptors.dropFirst() { close(descriptor) } }
    let text = try contents(of: stderr)
    return AdmitProcess(
      verdict: try? JSONDecoder().decode(Verdict.self, from: Data(text)), output: try contents(of: stdout),
      status: status, errorText: String(decoding: text, as: UTF8.self))
  }

  /// Starts it with these descriptors as its 0, 1, 2 (and 3), and no other.
  static func spawn(_ arguments: [String], descriptors: [Int32]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // First far away, then into place: the targets may be among the sources.
    for (place, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(100 + place))
    }
    for place in descriptors.indices { posix_spawn_file_actions_adddup2(&actions, Int32(100 + place), Int32(place)) }
    for place in descriptors.indices { posix_spawn_file_actions_addclose(&actions, Int32(100 + place)) }
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let answer = posix_spawn(&process, program, &actions, nil, &words, environ)
    guard answer == 0 else { throw Errno(rawValue: answer) }
    return process
  }

  static func anonymousFile(_ content: [UInt8]) throws -> Int32 {
    var name = Array("/tmp/popcorn-admit-test-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw Errno(rawValue: errno) }
    unlink(name)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    try content.withUnsafeBytes { try DurableFile.writeAll($0, to: FileDescriptor(rawValue: file), path: "input") }
    lseek(file, 0, SEEK_SET)
    return file
  }

  private static func contents(of file: Int32) throws -> [UInt8] {
    lseek(file, 0, SEEK_SET)
    return try BoundedReader.read(FileDescriptor(rawValue: file), limit: 1 << 30)
  }
}
