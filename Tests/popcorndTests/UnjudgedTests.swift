import Contract
import Glibc
import Testing
import Watch

@testable import popcornd

@Suite struct UnjudgedTests {
  private func file(_ size: Int64, inode: UInt64 = 1) -> SeenFile {
    SeenFile(
      tree: .unlabeled, path: "unlabeled/a.nii", device: 1, inode: inode, size: size, modified: 5, owner: 0,
      kind: .volume, isRemote: false)
  }

  private func wait(_ reason: ReasonCode) -> Verdict {
    var verdict = Verdict(.wait, reason: reason)
    verdict.numbers = [Verdict.Number("have", "9 B")]
    verdict.inputDigest = "digest"
    return verdict
  }

  /// Whether the same file is held after so many readings that end so.
  private func isHeld(after count: Int, _ end: (inout Unjudged, [SeenFile]) -> Verdict?) -> ReasonCode? {
    var unjudged = Unjudged()
    let answers = (0..<count).map { _ in end(&unjudged, [file(9)]) }
    #expect(answers.dropLast().allSatisfy { $0 == nil })
    return answers.last.flatMap { $0 }?.reason
  }

  @Test func itsOwnDeathsWeighMoreThanKills() {
    let died = { (signal: Int32, own: Bool) in
      { (unjudged: inout Unjudged, parts: [SeenFile]) in
        unjudged.died(of: parts, .signaled(signal), isHeldAgainstFile: own, limit: .seconds(7))
      }
    }
    #expect(isHeld(after: 2, died(SIGSEGV, true)) == .workerCrashed)
    #expect(isHeld(after: 2, died(SIGKILL, true)) == .memory)
    #expect(isHeld(after: 5, died(SIGKILL, false)) == .workerCrashed)
    #expect(isHeld(after: 4, died(SIGKILL, false)) == nil)
    #expect(
      isHeld(after: 2) { $0.died(of: $1, .overdue, isHeldAgainstFile: true, limit: .seconds(7)) } == .workerDeadline)
    #expect(isHeld(after: 5) { $0.failed(on: $1, wait(.ioError)) } == .ioError)
    #expect(
      isHeld(after: 9) { $0.died(of: $1, .unstartable("x"), isHeldAgainstFile: false, limit: .seconds(7)) } == nil)
  }

  @Test func aChangedFileBeginsAnew() {
    var unjudged = Unjudged()
    let died = { (file: SeenFile) in
      unjudged.died(of: [file], .signaled(SIGSEGV), isHeldAgainstFile: true, limit: .seconds(7))
    }
    #expect(died(file(9)) == nil)
    #expect(died(file(10)) == nil)
    #expect(died(file(10, inode: 2)) == nil)
    #expect(died(file(10, inode: 2))?.reason == .workerCrashed)
    unjudged.forget("unlabeled/a.nii")
    #expect(unjudged.isEmpty)
  }

  @Test(arguments: [
    (ReasonCode.incomplete, Int64(9), Verdict.Outcome.reject, ReasonCode.truncated),
    (.gzipTruncated, 9, .reject, .gzipTruncated),
    (.emptyFile, 0, .reject, .emptyFile), (.pairHalf, 9, .hold, .pairHalf),
  ]) func theLastWordIsThatOfTheLastReading(
    waited: ReasonCode, size: Int64, outcome: Verdict.Outcome, reason: ReasonCode
  ) {
    var unjudged = Unjudged()
    #expect(unjudged.waits(for: [file(size)], wait(waited), at: 40) == 40)
    #expect(unjudged.waits(for: [file(size)], wait(waited), at: 90) == 40)
    let word = unjudged.lastWord(on: [file(size)])
    #expect((word.outcome, word.reason) == (outcome, reason))
    #expect((word.numbers.count, word.inputDigest) == (1, "digest"))
    let other = unjudged.lastWord(on: [file(size + 1)])
    #expect((other.outcome, other.reason, other.inputDigest) == (.reject, .truncated, nil))
    #expect(unjudged.waits(for: [file(size + 1)], wait(waited), at: 90) == 90)
  }
}
