import Glibc
import Testing

/// How programs end where they were called wrongly: by the table of exit codes, whatever a parser's own custom is.
@Suite struct UsageTests {
  static let programs = ["popcorn", "popcorn-admit", "popcornd", "popcornctl"]

  @Test(arguments: programs)
  func wrongUsageIsTwoAndNamesWhatIsWrong(program: String) throws {
    let (said, code) = try run(program, "--no-such-option 2>&1 >/dev/null")
    #expect(code == 2)
    #expect(said.contains("--no-such-option") && said.contains("Usage: \(program)"), "\(said)")
  }

  /// What subcommands check themselves is usage too.
  @Test func whatACommandRefusesIsTwo() throws {
    let (said, code) = try run("popcornctl", "case 2>&1 >/dev/null")
    #expect(code == 0, "a group alone shows its help: \(said)")
    #expect(try run("popcornctl", "check --role nose x 2>&1").code == 2)
    #expect(try run("popcorn-admit", "--max-bytes 0 2>&1").code == 2)
    #expect(try run("popcorn", "evaluate --truth /tmp 2>&1").code == 2)
  }

  @Test(arguments: programs)
  func askingForHelpIsSuccessOnStandardOutput(program: String) throws {
    let (said, code) = try run(program, "--help 2>/dev/null")
    #expect(code == 0 && said.contains("USAGE: \(program)"), "\(said)")
  }

  /// An answer that could not be written is none.
  @Test func aFullDiskIsNoSuccess() throws {
    let here = #filePath.split(separator: "/").dropLast(3)
    let configuration = "/" + here.joined(separator: "/") + "/etc/popcornd.toml"
    for what in ["show", "show --json"] {
      let (said, code) = try run("popcornctl", "config \(what) --config '\(configuration)' 2>&1 >/dev/full")
      #expect(code == 74 && said.contains("cannot write standard output"), "\(said)")
      #expect(try run("popcornctl", "config \(what) --config '\(configuration)' 2>&1").code == 0)
    }
  }

  /// The program beside this test, run by a shell: what came out of it and its exit status.
  private func run(_ program: String, _ arguments: String) throws -> (said: String, code: Int32) {
    let products = CommandLine.arguments[0].split(separator: "/").dropLast().joined(separator: "/")
    let pipe = try #require(popen("'/\(products)/\(program)' \(arguments)", "r"))
    var said = ""
    while let letter = UInt8(exactly: fgetc(pipe)) { said.unicodeScalars.append(Unicode.Scalar(letter)) }
    return (said, pclose(pipe) >> 8)
  }
}
