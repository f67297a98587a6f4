import Files
import Glibc
import Processes
import SystemPackage
import Testing

@testable import popcornd

@Suite struct ChildTests {
  /// What a shell that runs `script` writes, and how it ended; `input` is what it reads.
  private func run(
    _ script: String, environment: [String: String?] = [:], input: String? = nil
  ) async throws -> (text: String, ending: Ending) {
    let output = try FileDescriptor.pipe()
    let source = try input.map { _ in try FileDescriptor.pipe() }
    let child = try Child(
      "/bin/sh", ["-c", script], environment: environment, input: source?.readEnd, output: output.writeEnd)
    try output.writeEnd.close()
    if let input, let source {
      try source.readEnd.close()
      _ = try source.writeEnd.closeAfter { try source.writeEnd.writeAll(Array(input.utf8)) }
    }
    var text = ""
    for await line in RecordStream.records(of: output.readEnd, separator: UInt8(ascii: "\n"), limit: 1 << 16) {
      text += String(decoding: line, as: UTF8.self) + "\n"
    }
    return (text, await child.end(patience: .seconds(10)))
  }

  @Test func readsAndWritesWhatItIsGiven() async throws {
    #expect(try await run("exec tr a-z A-Z", input: "one\ntwo\n").text == "ONE\nTWO\n")
    #expect(try await run("cat; echo end").text == "end\n")
  }

  @Test func seesTheEnvironmentButForTheChanges() async throws {
    setenv("CHILD_TEST_KEPT", "kept", 1)
    setenv("CHILD_TEST_CHANGED", "old", 1)
    setenv("CHILD_TEST_HIDDEN", "secret", 1)
    let seen = try await run(
      "env | grep ^CHILD_TEST | sort",
      environment: ["CHILD_TEST_CHANGED": "new=1", "CHILD_TEST_HIDDEN": nil, "CHILD_TEST_ADDED": ""])
    #expect(seen.text == "CHILD_TEST_ADDED=\nCHILD_TEST_CHANGED=new=1\nCHILD_TEST_KEPT=kept\n")
  }

  /// Of our descriptors it has the three standard ones; signals are its own to take.
  @Test func inheritsNoDescriptorAndNoIgnoredSignal() async throws {
    let open = try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? open.close() }
    signal(SIGPIPE, SIG_IGN)
    // By the shell's own process: it blocks signals while it starts another, and that one may look before it is done.
    let seen = try await run("ls /proc/$$/fd; exec sed -n 's/^Sig[BI][lg][kn]:.//p' /proc/self/status")
    let lines = seen.text.split(separator: "\n").map { String($0) }
    #expect(lines.prefix(3) == ["0", "1", "2"])
    // The two signals from 32 on are the C library's own.
    #expect(lines.dropFirst(3).map { (UInt64($0, radix: 16) ?? .max) & 0x7fff_ffff } == [0, 0])
  }

  @Test func saysHowItEnded() async throws {
    #expect(try await run("exec 1>&-; trap '' TERM; exit 7").ending == .exited(7))
    #expect(try await run("kill -SEGV $$").ending == .signaled(SIGSEGV))
  }

  @Test func isKilledWhenItDoesNotLeave() async throws {
    let output = try FileDescriptor.pipe()
    defer { try? output.readEnd.close() }
    let child = try Child("/bin/sh", ["-c", "trap '' TERM; echo; while :; do sleep 1; done"], output: output.writeEnd)
    try output.writeEnd.close()
    var byte: UInt8 = 0
    #expect(read(output.readEnd.rawValue, &byte, 1) == 1)
    #expect(await child.end(patience: .milliseconds(100)) == .signaled(SIGKILL))
    #expect(await child.end(patience: .zero) == .signaled(SIGKILL))
  }

  /// Whether nobody holds the other end of a pipe any more, within some seconds.
  private func isClosed(_ pipe: FileDescriptor) -> Bool {
    var wait = pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0)
    var byte: UInt8 = 0
    return poll(&wait, 1, 10_000) == 1 && read(pipe.rawValue, &byte, 1) == 0
  }

  /// A launcher that waits for its program, and one that does not: neither leaves it behind.
  @Test(arguments: ["echo; sleep 60; exit 0", "sleep 60 & echo; trap '' TERM; sleep 60", "sleep 60 & echo; exit 0"])
  func whatItHasStartedEndsWithIt(script: String) async throws {
    let output = try FileDescriptor.pipe()
    defer { try? output.readEnd.close() }
    let child = try Child("/bin/sh", ["-c", script], output: output.writeEnd)
    try output.writeEnd.close()
    var byte: UInt8 = 0
    #expect(read(output.readEnd.rawValue, &byte, 1) == 1)
    child.signal(SIGKILL)
    #expect(isClosed(output.readEnd))
    _ = await child.end(patience: .seconds(10))
  }

  @Test func whatIsNotThereCannotBeStarted() {
    #expect(throws: Errno.noSuchFileOrDirectory) { try Child("/nowhere/popcorn", [], output: .standardOutput) }
  }
}
