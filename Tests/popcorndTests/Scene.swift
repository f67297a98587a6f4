import Contract
import Files
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// A study in a temporary folder, with fakes in place of popcorn-admit and the worker: their "images" are lines of JSON.
final class Scene: Sendable {
  let folder: FilePath

  init(
    triggerQuiet: String = "500ms", settle: String = "100ms", afterAccept: String = "move",
    pairTimeout: String = "1d",
    admitTimeout: String = "10min"
  ) throws {
    var template = Array("/tmp/popcornd-scene-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    folder = FilePath(try #require(made))
    for name in ["root/inbox/unlabeled", "root/inbox/labeled", "drop"] { try Scene.make(folder.appending(name)) }
    guard mkdir(folder.appending("state").string, 0o700) == 0 else { throw Errno(rawValue: errno) }
    // The same key in every run: labels, held-out subjects and hashes are the same.
    try write([UInt8](repeating: 7, count: 32), at: "state/install.key")
    let configuration = """
      [inbox]
      path = ["\(folder)/root/inbox"]
      settle = "\(settle)"
      rescan = "2s"
      poll = "1s"
      watch = "\(Scene.watcher == nil ? "poll" : "auto")"
      incomplete_timeout = "3s"
      after_accept = "\(afterAccept)"
      pair_timeout = "\(pairTimeout)"
      [popcorn]
      trigger_arrivals = 4
      trigger_quiet = "\(triggerQuiet)"
      trigger_quiet_expert = "\(triggerQuiet)"
      select_per_step = 3
      [output]
      path = "\(folder)/root/outbox"
      [state]
      path = "\(folder)/state"
      [run]
      path = "\(folder)/run"
      worker = ["\(Scene.fixture("fake-worker.py"))"]
      worker_socket = "none"
      admit = ["\(Scene.fixture("fake-admit.py"))"]
      watch = ["\(Scene.watcher ?? "popcorn-watch")"]
      [resources]
      threads = 1
      min_free = "1M"
      admit_timeout = "\(admitTimeout)"
      """
    try write(Array(configuration.utf8), at: "popcornd.toml")
  }

  deinit { Scene.removeTree(folder.string) }

  /// The watcher that the Makefile has built; without it the scene polls.
  static var watcher: String? {
    getenv("POPCORN_WATCH").map { String(cString: $0) }.flatMap { access($0, X_OK) == 0 ? $0 : nil }
  }

  /// A program of ours that was built with the tests.
  static func program(_ name: String) -> FilePath {
    FilePath(CommandLine.arguments[0]).removingLastComponent().appending(name)
  }

  private static func fixture(_ name: String) -> String {
    FilePath(#filePath).removingLastComponent().appending("Fixtures").appending(name).string
  }

  /// The bytes of a fake image.
  static func image(_ voxels: String, length: Int = 0, more: String = "") -> [UInt8] {
    let head = Array("{\"voxels\":\"\(voxels)\",\"size\":[9,9,9],\"length\":\(length)\(more)}\n".utf8)
    return head + [UInt8](repeating: 32, count: max(0, length - head.count))
  }

  func path(_ name: String) -> FilePath { folder.appending(name) }

  func write(_ bytes: [UInt8], at name: String) throws {
    try Scene.make(path(name).removingLastComponent())
    let file = try FileDescriptor.open(
      path(name), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }

  func read(_ name: String) -> String? {
    (try? BoundedReader.read(path(name), limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Four labeled subjects and six scans, as whoever drops everything before the start.
  func dropCohort() throws {
    for number in 1...4 {
      try write(Scene.image("L\(number)"), at: "root/inbox/labeled/lab\(number)_FLAIR.nii.gz")
      try write(Scene.image("M\(number)"), at: "root/inbox/labeled/lab\(number)_mask.nii.gz")
    }
    for number in 1...6 {
      try write(Scene.image("U\(number)"), at: "root/inbox/unlabeled/un\(number)_FLAIR.nii.gz")
    }
  }

  /// Has the fake worker know a variable.
  func tellWorker(_ variable: String) throws {
    let configuration = try #require(read("popcornd.toml"))
    let worker = try #require(configuration.split(separator: "\n").first { $0.hasPrefix("worker = ") })
    let told = worker.replacing("[\"", with: "[\"/usr/bin/env\", \"\(variable)\", \"")
    try write(Array(configuration.replacing(worker, with: told).utf8), at: "popcornd.toml")
  }

  /// What lies on a shelf, without the month; receipts only, or everything but them.
  func shelf(_ name: String, receipts: Bool = false) -> [String] {
    // A receipt appears under its name when it is whole.
    files(beneath: "root/\(name)").filter { $0.hasSuffix(".txt") == receipts && !$0.contains("/.popcornd-tmp-") }
      .map { String($0.dropFirst(8)) }
  }

  /// Starts popcornd.
  func start(once: Bool = false, fault: String? = nil, steps: Int = 3) throws -> Running {
    let arguments = ["--config", path("popcornd.toml").string] + (once ? ["--once"] : [])
    let environment = ["FAKE_STEPS=\(steps)"] + (fault.map { ["POPCORND_FAULT=\($0)"] } ?? [])
    return try Running(Scene.program("popcornd"), arguments, environment, log: path("log"))
  }

  /// What popcornctl prints.
  func ask(_ words: String...) async throws -> (status: Int32, text: String) {
    let running = try Running(
      Scene.program("popcornctl"), words + ["--config", path("popcornd.toml").string], [], log: path("answer"))
    let status = try await running.end()
    return (status, read("answer") ?? "")
  }

  /// How the service says that it goes; nothing where it has not started yet.
  func status() async throws -> ServiceStatus {
    let text = try await ask("status", "--json").text
    return (try? JSONDecoder().decode(ServiceStatus.self, from: Data(text.utf8))) ?? ServiceStatus()
  }

  /// How many cases are in a state.
  func cases(in state: String) async throws -> Int {
    try await ask("dump").text.split(separator: "\n").count { $0.contains(" state=\(state)") }
  }

  /// The names of all files beneath a folder, sorted.
  func files(beneath name: String) -> [String] {
    Scene.tree(path(name).string).map { String($0.dropFirst(path(name).string.count + 1)) }.sorted()
  }

  /// Waits until something is so.
  func wait(_ limit: Duration = .seconds(30), for words: String, until isSo: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if try await isSo() { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("\(words) did not come; log:\n\(read("log") ?? "")")
  }

  static func make(_ path: FilePath) throws {
    var made = ""
    for part in path.string.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }
  }

  private static func tree(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name != ".", name != ".." else { continue }
      let path = "\(folder)/\(name)"
      if entry.pointee.d_type == UInt8(DT_DIR) { found += tree(path) } else { found.append(path) }
    }
    return found
  }

  private static func removeTree(_ folder: String) {
    guard folder.hasPrefix("/tmp/popcornd-scene-"), let stream = opendir(folder) else { return }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name != ".", name != ".." else { continue }
      let path = "\(folder)/\(name)"
      if entry.pointee.d_type == UInt8(DT_DIR) { removeTree(path) } else { unlink(path) }
    }
    closedir(stream)
    rmdir(folder)
  }
}

/// A process that a test has started.
struct Running: Sendable {
  let process: pid_t

  init(_ program: FilePath, _ arguments: [String], _ additions: [String], log: FilePath) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, log.string, O_WRONLY | O_CREAT | (descriptor == 1 ? O_TRUNC : O_APPEND), 0o600)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let kept = ["PATH", "HOME", "LD_LIBRARY_PATH"].compactMap { (name: String) -> String? in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    var words: [UnsafeMutablePointer<CChar>?] = ([program.string] + arguments).map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = (kept + additions).map { strdup($0) } + [nil]
    defer { for word in words + environment { free(word) } }
    var process = pid_t()
    let answer = posix_spawn(&process, program.string, &actions, nil, &words, &environment)
    guard answer == 0 else { throw Errno(rawValue: answer) }
    self.process = process
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// How it ended: its exit status, or the negative of the signal. The limit is for what hangs: beside tests that compute, on
  /// two processors, a start takes its time.
  func end(within limit: Duration = .seconds(240)) async throws -> Int32 {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) == process {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : -signal
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    kill(process, SIGKILL)
    // A child that nobody has waited for keeps the watch over exit tests from its sleep.
    waitpid(process, nil, 0)
    Issue.record("a process did not end")
    return -SIGKILL
  }
}
