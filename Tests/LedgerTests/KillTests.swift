import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Ledger

/// A service that is killed with SIGKILL while it writes, again and again.
@Suite struct KillTests {
  @Test func whatWasAnsweredSurvivesTheKill() async throws {
    let scratch = try Scratch()
    let path = scratch.path.string
    var known = 0
    for round in 1...6 {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, round = round as Int] in
        let state = try StateDirectory(claiming: FilePath(path).appending("state"))
        let ledger = try Ledger(state)
        let answers = try Directory(FilePath(path))
        let killer = Thread(afterMilliseconds: UInt32(20 * round + 10))
        for index in 0... {
          let name = try ledger.create(scan("\(round)-\(index)"), as: .accepted, by: 0).label
          try ledger.change(name, to: .drafted, by: 0)
          try DurableFile.write(Array("\(index)".utf8), as: FilePath("answered-\(round)"), in: answers)
        }
        killer.join()
      }
      let state = try StateDirectory(claiming: scratch.path.appending("state"))
      let ledger = try Ledger(state)
      #expect(try ledger.verifyAudit().isWhole)
      let answered = text(FilePath("answered-\(round)"), in: try Directory(scratch.path)).flatMap { Int($0) } ?? -1
      let counts = try ledger.counts()
      let total = counts[.accepted, default: 0] + counts[.drafted, default: 0]
      // At most the one case that was in hand is there without an answer, and at most that one is half done.
      #expect((answered + 1...answered + 2).contains(total - known))
      #expect(counts[.accepted, default: 0] <= round)
      known = total
    }
    #expect(known > 6)
  }
}

/// A thread that kills its process.
private struct Thread {
  private var thread = pthread_t()

  init(afterMilliseconds delay: UInt32) {
    let argument = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    argument.initialize(to: delay)
    pthread_create(
      &thread, nil,
      { argument in
        usleep((argument?.load(as: UInt32.self) ?? 0) * 1000)
        kill(getpid(), SIGKILL)
        return nil
      }, argument)
  }

  func join() { pthread_join(thread, nil) }
}
