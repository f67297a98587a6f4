import Files
import Glibc
import RefusedCalls
import SystemPackage
import Testing

@testable import Watch

/// popcorn-watch as the Makefile built it, or compiled here, once for all tests; nil where libinotifytools is missing.
private let program: FilePath? = {
  if let built = getenv("POPCORN_WATCH") { return FilePath(platformString: built) }
  let source = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .appending("Sources/popcorn-watch/watch.c")
  guard let folder = try? TemporaryFolder() else { return nil }
  let out = folder.path.appending("popcorn-watch")
  let options = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
  let status = spawn("cc", options + ["-o", out.string, source.string, "-linotifytools"])
  atexit { compiled = nil }
  compiled = folder
  return status == 0 ? out : nil
}()

/// Keeps the compiled program until the end of the process.
nonisolated(unsafe) private var compiled: TemporaryFolder?

private let isBuildable = access("/usr/include/inotifytools/inotifytools.h", R_OK) == 0

/// A running popcorn-watch and what it has said so far.
private final class Watcher {
  let process: pid_t
  private(set) var records: [WatchRecord] = []
  private(set) var damaged = 0
  private var decoder = WatchRecordDecoder()
  private var output: Int32

  init(_ roots: [FilePath]) throws {
    let program = try #require(program)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var vector: [UnsafeMutablePointer<CChar>?] = ([program] + roots).map { strdup($0.string) } + [nil]
    defer { for word in vector { free(word) } }
    var process: pid_t = 0
    guard posix_spawn(&process, program.string, &actions, nil, &vector, environ) == 0 else { throw Errno.noSuchProcess }
    close(ends[1])
    output = ends[0]
    self.process = process
    try wait("it is ready") { $0 == .ready }
  }

  deinit {
    kill(process, SIGKILL)
    if output >= 0 { close(output) }
    waitpid(process, nil, 0)
  }

  /// Reads until a record is as wanted, some seconds at most.
  func wait(_ what: String, _ isWanted: (WatchRecord) -> Bool) throws {
    var read = 0
    for _ in 0..<200 {
      while read < records.count {
        read += 1
        if isWanted(records[read - 1]) { return }
      }
      take(milliseconds: 50)
    }
    Issue.record("never came: \(what)")
  }

  func take(milliseconds: Int32) {
    var source = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    guard poll(&source, 1, milliseconds) > 0 else { return }
    usleep(2000)  // more at a time
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(output, &bytes, bytes.count)
    if count > 0 { records += decoder.decode(bytes.prefix(count)) }
    damaged = decoder.damaged
  }

  /// All that comes within the time.
  func drain(milliseconds: Int32 = 200) { for _ in 0..<max(1, milliseconds / 20) { take(milliseconds: 20) } }

  func wait(for path: FilePath, root: Int = 0) throws {
    try wait("an event for \(path)") {
      if case .event(root, _, path) = $0 { return true }
      return false
    }
  }

  func closeOutput() {
    close(output)
    output = -1
  }

  /// How often its threads gave up the processor.
  func switches() throws -> [String] {
    try Directory(FilePath("/proc/\(process)/task")).names().flatMap { thread in
      let bytes = try BoundedReader.read(FilePath("/proc/\(process)/task/\(thread)/status"), limit: 1 << 16)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.contains("voluntary") }.map(
        String.init)
    }
  }
}

@Suite(.serialized, .enabled(if: isBuildable, "libinotifytools0-dev is not installed"))
struct PopcornWatchTests {
  @Test func tellsOfCopiesMovesAndRenames() throws {
    let folder = try TemporaryFolder()
    try folder.make("unlabeled/a")
    try folder.make("out")
    let watcher = try Watcher([folder.path.appending("unlabeled")])
    try folder.write("out/m.nii")
    #expect(
      spawn("cp", [folder.path.appending("out/m.nii").string, folder.path.appending("unlabeled/a/c.nii").string]) == 0)
    try watcher.wait("the copy was closed") { $0 == .event(root: 0, mask: UInt32(IN_CLOSE_WRITE), path: "a/c.nii") }
    try folder.move("out/m.nii", to: "unlabeled/m.nii")
    try watcher.wait("the move") { $0 == .event(root: 0, mask: UInt32(IN_MOVED_TO), path: "m.nii") }
    // As rsync does.
    try folder.write("unlabeled/.r.nii.Ab12Cd")
    try folder.move("unlabeled/.r.nii.Ab12Cd", to: "unlabeled/r.nii")
    try watcher.wait("the rename") { $0 == .event(root: 0, mask: UInt32(IN_MOVED_TO), path: "r.nii") }
    #expect(watcher.damaged == 0)
  }

  @Test func followsDirectoriesThatComeAndMove() throws {
    let folder = try TemporaryFolder()
    try folder.make("in")
    try folder.make("out/tree/deep")
    try folder.write("out/tree/deep/1.nii")
    let watcher = try Watcher([folder.path.appending("in")])
    try folder.move("out/tree", to: "in/tree")
    try watcher.wait(for: "tree/deep/1.nii")
    try folder.write("in/tree/deep/2.nii")
    try watcher.wait(for: "tree/deep/2.nii")
    try folder.move("in/tree", to: "in/other")
    try watcher.wait(for: "other/deep/2.nii")
    try folder.write("in/other/deep/3.nii")
    try watcher.wait(for: "other/deep/3.nii")
    // Made again under the old name: the library must not answer for the one that is gone.
    for round in 0..<3 {
      #expect(spawn("rm", ["-r", folder.path.appending("in/other").string]) == 0)
      try folder.make("in/other/deep")
      try folder.write("in/other/deep/r\(round).nii")
      try watcher.wait(for: FilePath("other/deep/r\(round).nii"))
    }
    try folder.make("in/.git/x")
    try folder.make("in/last")
    try watcher.wait(for: "last")
    #expect(!watcher.records.contains { "\($0)".contains(".git") })
  }

  @Test func noFileIsMissedWhoeverIsFaster() throws {
    let folder = try TemporaryFolder()
    try folder.make("in")
    let watcher = try Watcher([folder.path.appending("in")])
    var expected: Set<FilePath> = []
    for round in 0..<100 {
      try folder.make("in/\(round)/b/c")
      try folder.write("in/\(round)/b/c/x.nii")
      expected.insert(FilePath("\(round)/b/c/x.nii"))
    }
    for path in expected { try watcher.wait(for: path) }
  }

  @Test func namesOfAnyBytes() throws {
    let folder = try TemporaryFolder()
    try folder.make("in")
    try folder.make("-x")
    let watcher = try Watcher([folder.path.appending("in"), folder.path.appending("-x")])
    let names: [[UInt8]] = [
      Array("new\nline".utf8), [0xE9, 0xFF], Array("-rf".utf8), Array("%s%n $(x)".utf8),
      Array(repeating: 0x78, count: 255),
    ]
    for name in names {
      try folder.write(Array("in/".utf8) + name)
      try watcher.wait(for: FilePath(rawBytes: name))
      try folder.write(Array("-x/".utf8) + name)
      try watcher.wait(for: FilePath(rawBytes: name), root: 1)
    }
    #expect(watcher.damaged == 0)
  }

  @Test func linksAreNotFollowed() throws {
    let folder = try TemporaryFolder()
    try folder.make("in")
    try folder.make("out")
    try folder.link("in/link", to: "../out")
    try folder.link("in/loop", to: ".")
    let watcher = try Watcher([folder.path.appending("in")])
    try folder.link("in/late", to: "../out")
    try folder.write("out/x.nii")
    try folder.write("in/y.nii")
    try watcher.wait(for: "y.nii")
    watcher.drain()
    #expect(!watcher.records.contains { "\($0)".contains("x.nii") })
  }

  @Test func tenThousandFilesAtOnceOverflowIsSaidAndWatchingGoesOn() throws {
    let folder = try TemporaryFolder()
    try folder.make("in/a")
    let watcher = try Watcher([folder.path.appending("in")])
    kill(watcher.process, SIGSTOP)
    let touch = "cd \"$0\" && seq 10000 | xargs touch"
    #expect(spawn("sh", ["-c", touch, folder.path.appending("in/a").string]) == 0)
    kill(watcher.process, SIGCONT)
    try watcher.wait("overflow") { $0 == .overflow }
    try folder.write("in/a/after.nii")
    try watcher.wait(for: "a/after.nii")
    try folder.make("in/b")
    try folder.write("in/b/new.nii")
    try watcher.wait(for: "b/new.nii")
  }

  @Test func aRootThatGoesIsSaidAndTheOthersGoOn() throws {
    let folder = try TemporaryFolder()
    for name in ["a/x", "b", "c"] { try folder.make(name) }
    let watcher = try Watcher(["a", "b", "c", "never"].map { folder.path.appending($0) })
    #expect(watcher.records.contains(.rootGone(root: 3)))
    try folder.move("a", to: "elsewhere")
    try watcher.wait("root 0") { $0 == .rootGone(root: 0) }
    try folder.write("elsewhere/x/quiet.nii")
    #expect(spawn("rm", ["-r", folder.path.appending("b").string]) == 0)
    try watcher.wait("root 1") { $0 == .rootGone(root: 1) }
    try folder.write("c/x.nii")
    try watcher.wait(for: "x.nii", root: 2)
    #expect(!watcher.records.contains { "\($0)".contains("quiet") })
  }

  /// Folders that a listing left out would be watched by nobody.
  @Test func aListingThatBreaksOffIsSaid() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let places = ["in/a", "in"].map { folder.path.pushing(FilePath($0)).string } + [folder.path.string]
      defer {
        // Whoever removes the folder otherwise lists it.
        for place in places { rmdir(place) }
        withExtendedLifetime(folder) {}
      }
      try folder.make("in/a")
      _ = try #require(program)
      try #require(refuse("getdents64"))
      let watcher = try Watcher([folder.path.appending("in")])
      #expect(watcher.records.contains(.unwatched(root: 0, path: "", errno: .ioError)))
    }
  }

  @Test func nothingWakesItAtIdle() throws {
    let folder = try TemporaryFolder()
    let watcher = try Watcher([folder.path])
    watcher.drain()
    let before = try watcher.switches()
    #expect(before.count >= 4, "two threads with two counters each")
    sleep(2)
    #expect(try watcher.switches() == before)
  }

  @Test func itEndsWhenNobodyListens() throws {
    let folder = try TemporaryFolder()
    let watcher = try Watcher([folder.path])
    watcher.closeOutput()
    for _ in 0..<100 where kill(watcher.process, 0) == 0 {
      if waitpid(watcher.process, nil, WNOHANG) == watcher.process { return }
      usleep(20_000)
    }
    Issue.record("it still runs")
  }

  @Test func itEndsWithItsParent() throws {
    let folder = try TemporaryFolder()
    let program = try #require(program)
    // Its output stays open: it is a file.
    let script = "\"$0\" \"$1\" > \"$1/out\" & echo $! > \"$1/pid\"; sleep 0.3"
    #expect(spawn("sh", ["-c", script, program.string, folder.path.string]) == 0)
    let text = String(decoding: try BoundedReader.read(folder.path.appending("pid")), as: UTF8.self)
    let process = try #require(pid_t(text.split(separator: "\n").first ?? ""))
    for _ in 0..<100 {
      let status = try? BoundedReader.read(FilePath("/proc/\(process)/status"), limit: 1 << 16)
      guard let status, !String(decoding: status, as: UTF8.self).contains("State:\tZ") else { return }
      usleep(20_000)
    }
    Issue.record("it still runs")
  }

  @Test func licencesStayApart() throws {
    let folder = try TemporaryFolder()
    let program = try #require(program)
    #expect(spawn("sh", ["-c", "ldd \"$0\" > \"$1/ldd\"", program.string, folder.path.string]) == 0)
    let libraries = String(decoding: try BoundedReader.read(folder.path.appending("ldd")), as: UTF8.self)
    #expect(libraries.contains("libinotifytools"))
    for foreign in ["swift", "dnnl", "Foundation", "ITK", "stdc++"] { #expect(!libraries.contains(foreign)) }
  }
}
