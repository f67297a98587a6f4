import Contract
import Glibc
import Testing

@testable import Processes
@testable import popcornd

@Suite struct EndingTests {
  /// Only what a process does to itself, or a kill for memory, is held against the case in work.
  @Test(arguments: [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGSYS, SIGXFSZ])
  func faultsOfItsOwnAreHeldAgainstTheCase(signal: Int32) {
    #expect(Ending.signaled(signal).isHeldAgainstCase(newMemoryKill: false))
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGHUP, SIGINT, SIGXCPU, SIGPIPE]) func killsFromOutsideAreNot(signal: Int32) {
    #expect(!Ending.signaled(signal).isHeldAgainstCase(newMemoryKill: false))
  }

  @Test func killsForMemoryAre() {
    #expect(Ending.signaled(SIGKILL).isHeldAgainstCase(newMemoryKill: true))
    #expect(!Ending.signaled(SIGTERM).isHeldAgainstCase(newMemoryKill: true))
  }

  @Test(arguments: [Ending.exited(1), .overdue, .dismissed, .lost, .unstartable("x")])
  func endsWithoutASignalAreNot(ending: Ending) {
    #expect(!ending.isHeldAgainstCase(newMemoryKill: true))
  }

  @Test func memoryKillsAreReadInBothVersions() {
    #expect(MemoryGroup.kills(in: "low 0\nhigh 12\nmax 3\noom 2\noom_kill 7\noom_group_kill 0\n") == 7)
    #expect(MemoryGroup.kills(in: "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n") == 4)
    #expect(MemoryGroup.kills(in: "oom_kill_disable 0\n") == nil)
  }

  @Test func memoryLimitsAreReadInBothVersions() {
    #expect(MemoryGroup.limit(in: "17179869184\n") == 16 << 30)
    for none in ["max\n", "9223372036854771712\n", "", nil] { #expect(MemoryGroup.limit(in: none) == nil) }
    #expect(MemoryBudget.bytes(77).bytesHere == 77)
    #expect(MemoryBudget.share(0.5).bytesHere >= 1 << 28)
    #expect(MemoryBudget.share(0.5).bytesHere <= MemoryBudget.share(1).bytesHere)
  }

  @Test func aThrottleDoublesUpToItsLimitAndForgets() {
    var throttle = Throttle(first: .seconds(1), longest: .seconds(8))
    #expect((0..<6).map { _ in throttle.failed() } == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
    throttle.worked()
    #expect(throttle.failed() == .seconds(1))
  }
}
