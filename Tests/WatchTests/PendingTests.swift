import SystemPackage
import Testing
import Watch

/// What is waited for, and what only waits.
@Suite struct PendingTests {
  private static let second: UInt64 = 1_000_000_000
  private static let begin = 1000 * second

  private func file(_ name: String, size: Int64 = 5) -> SeenFile {
    SeenFile(
      tree: .unlabeled, path: FilePath("unlabeled/\(name)"), device: 1, inode: 1, size: size, modified: 0, owner: 0,
      kind: .volume, isRemote: false)
  }

  private func counts(_ settling: Settling) -> [Int] { [settling.count, settling.pending] }

  /// Follows a file until popcorn-admit has it; answers when that is.
  private func admit(_ name: String, _ settling: inout Settling, from now: UInt64) -> UInt64 {
    settling.saw(file(name), at: now) { _ in false }
    let later = now + 2 * Self.second
    #expect(settling.act(at: later) == [.look(file(name).path)])
    settling.saw(file(name), at: later) { _ in false }
    #expect(settling.act(at: later) == [.admit(file(name))])
    #expect(counts(settling) == [1, 1])
    return later
  }

  @Test(arguments: [Settling.Judgement.incomplete, .transient, .refused])
  func betweenTwoAttemptsNothingIsTaken(judgement: Settling.Judgement) {
    var settling = Settling()
    let now = admit("a", &settling, from: Self.begin)
    settling.judged(file("a").path, judgement, at: now)
    // Of one that may not be read nobody knows when its owner will mend that.
    #expect(counts(settling) == [judgement == .refused ? 0 : 1, 0])
    // New bytes: it grows.
    settling.saw(file("a", size: 6), at: now + Self.second) { _ in false }
    #expect(counts(settling) == [1, 1])
  }

  @Test func whatIsBusyIsTriedWithoutEndLaterEachTime() {
    var settling = Settling()
    var now = admit("a", &settling, from: Self.begin)
    var pauses: [UInt64] = []
    for _ in 0..<12 {
      settling.judged(file("a").path, .transient, at: now)
      let wake = settling.nextWake ?? 0
      pauses.append((wake - now) / Self.second)
      now = wake
      #expect(settling.act(at: now) == [.look(file("a").path)])
      settling.saw(file("a"), at: now) { _ in false }
      #expect(settling.act(at: now) == [.admit(file("a"))])
    }
    #expect(pauses == [4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600])
  }

  /// The modification that matters may be of the mode alone, which no stamp shows.
  @Test func whatMayNotBeReadIsTriedOnceItIsShownAsNew() {
    var settling = Settling()
    let now = admit("a", &settling, from: Self.begin)
    settling.judged(file("a").path, .refused, at: now)
    #expect(settling.nextWake == nil)
    settling.saw(file("a"), at: now + Self.second) { _ in true }
    #expect(settling.count == 0)
    _ = admit("a", &settling, from: now + 2 * Self.second)
  }

  /// Its mode was changed while it was tried.
  @Test func whatIsTouchedWhileItIsRefusedIsLookedAtAgain() {
    var settling = Settling()
    let now = admit("a", &settling, from: Self.begin)
    settling.hint(file("a").path, at: now)
    settling.judged(file("a").path, .refused, at: now)
    #expect(settling.act(at: now) == [.look(file("a").path)])
  }

  @Test func aFileThatCannotBeLookedAtIsLookedAtAgainAndNobodyWaitsForEver() {
    var settling = Settling()
    settling.hint("unlabeled/a", at: Self.begin)
    var now = Self.begin
    var followed: [Int] = []
    for _ in 0..<5 {
      #expect(settling.act(at: now) == [.look("unlabeled/a")])
      settling.unclear("unlabeled/a", at: now)
      #expect(settling.pending == 0)
      followed.append(settling.count)
      now = settling.nextWake ?? now
    }
    #expect(followed == [1, 1, 1, 1, 0])
    // A scan shows it when it can.
    #expect(settling.nextWake == nil)
    settling.saw(file("a"), at: now) { _ in false }
    #expect(counts(settling) == [1, 1])
  }

  /// A copy is waited for, a file that is written to for hours is not; it is taken once it is quiet.
  @Test func nobodyWaitsForAFileThatGoesOnChanging() {
    let minute = 60 * Self.second
    var settling = Settling()
    var now = Self.begin
    var size: Int64 = 0
    var pending: [Int] = []
    for _ in 0..<8 {
      size += 1
      settling.hint("unlabeled/a", at: now)
      settling.saw(file("a", size: size), at: now) { _ in false }
      pending.append(settling.pending)
      now += minute
    }
    #expect(pending == [1, 1, 1, 1, 1, 1, 0, 0] && settling.count == 1)
    #expect(settling.act(at: now) == [.look("unlabeled/a")])
    settling.saw(file("a", size: size), at: now) { _ in false }
    #expect(settling.act(at: now) == [.admit(file("a", size: size))])
    #expect(counts(settling) == [1, 1])
    // After a rest it is a copy like any other.
    settling.judged("unlabeled/a", .incomplete, at: now)
    settling.saw(file("a", size: size + 1), at: now + minute) { _ in false }
    #expect(counts(settling) == [1, 0])
    settling.saw(file("a", size: size + 2), at: now + 10 * minute) { _ in false }
    #expect(counts(settling) == [1, 1])
  }

  @Test func whatAListingDoesNotShowIsForgotten() {
    var settling = Settling()
    let now = admit("a", &settling, from: Self.begin)
    settling.hint("unlabeled/gone", at: now)
    settling.saw(file("there"), at: now) { _ in false }
    settling.keep { $0 == "unlabeled/there" }
    #expect(settling.count == 2)
    // The one that popcorn-admit has is looked at once more when it is back.
    settling.judged(file("a").path, .settled, at: now)
    #expect(settling.act(at: now) == [.look(file("a").path)])
    settling.lost(file("a").path)
    #expect(settling.count == 1)
  }
}
