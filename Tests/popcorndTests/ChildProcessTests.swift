import Files
import Glibc
import SystemPackage
import Testing

@testable import Processes

@Suite struct ChildProcessTests {
  private func file(_ content: String) throws -> FileDescriptor {
    var name = Array("/tmp/popcorn-child-XXXXXX".utf8CString)
    let file = FileDescriptor(rawValue: mkstemp(&name))
    unlink(name)
    try file.writeAll(content.utf8)
    try file.seek(offset: 0, from: .start)
    return file
  }

  private func content(of file: FileDescriptor) throws -> [String] {
    try file.seek(offset: 0, from: .start)
    return String(decoding: try BoundedReader.read(file, limit: 1 << 16), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  /// It has what it is given, in that order, and nothing else: not a descriptor, not a signal's fate, not our session.
  @Test func itHasJustWhatItIsGiven() throws {
    let open = try (0..<3).map { _ in try file("not for it") }
    let (input, output, fourth) = (try file("first\n"), try file(""), try file("fourth\n"))
    defer { for file in open + [input, output, fourth] { try? file.close() } }
    signal(SIGUSR2, SIG_IGN)
    defer { signal(SIGUSR2, SIG_DFL) }
    // Signals 1 to 28 of 64: 32 and 33 are the C library's own.
    let script = """
      cat; cat <&3; grep -E '^(SigIgn|SigBlk)' /proc/$$/status | sed -E 's/:.*(.{7})$/ \\1/'
      cut -d ' ' -f 6 /proc/$$/stat; ls /proc/$$/fd
      """
    let child = try ChildProcess("/bin/sh", ["-c", script], descriptors: [input, output, output, fourth])
    var wasCalled = false
    #expect(child.wait { wasCalled = true } == .exited(0))
    #expect(wasCalled)
    let words = try content(of: output)
    #expect(words == ["first", "fourth", "SigBlk 0000000", "SigIgn 0000000", "\(child.process)", "0", "1", "2", "3"])
  }

  @Test func itsEndIsToldAsItWas() throws {
    let nothing = try file("")
    defer { try? nothing.close() }
    let end = { (script: String) throws in
      try ChildProcess("/bin/sh", ["-c", script], descriptors: [nothing, nothing, nothing])
    }
    #expect(try end("exit 7").wait {} == .exited(7))
    #expect(try end("kill -SEGV $$").wait {} == .signaled(SIGSEGV))
    let sleeper = try end("sleep 60 & wait")
    sleeper.kill()
    #expect(sleeper.wait {} == .signaled(SIGKILL))
    #expect(throws: Errno.noSuchFileOrDirectory) { _ = try ChildProcess("/nowhere", [], descriptors: [nothing]) }
  }
}
