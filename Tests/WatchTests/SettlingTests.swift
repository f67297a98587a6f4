import SystemPackage
import Testing
import Watch

private let second: UInt64 = 1_000_000_000

/// A folder in memory with a hand clock, and the loop that its caller would be.
private struct Scene {
  var settling: Settling
  var now: UInt64 = 1000 * second
  var files: [FilePath: SeenFile] = [:]
  var known: Set<SeenFile> = []
  var admitted: [SeenFile] = []
  var givenUp: [SeenFile] = []
  var wakes = 0
  /// What popcorn-admit answers; nil leaves the admission open.
  var judge: @Sendable (SeenFile) -> Settling.Judgement? = { _ in .settled }

  init(patience: Settling.Patience = Settling.Patience()) { settling = Settling(patience: patience) }

  mutating func write(
    _ path: FilePath, size: Int64, modified: Int64 = 0, inode: UInt64 = 1, isRemote: Bool = false, hint: Bool = true
  ) {
    files[path] = SeenFile(
      tree: .unlabeled, path: path, device: 1, inode: inode, size: size, modified: modified, owner: 0, kind: .volume,
      isRemote: isRemote)
    if hint { settling.hint(path, at: now) }
  }

  mutating func rescan() {
    let known = known
    for (_, file) in files.map({ ($0.key.string, $0.value) }).sorted(by: { $0.0 < $1.0 }) {
      settling.saw(file, at: now) { known.contains($0) }
    }
  }

  /// Lets time go on, doing what is due exactly when it is.
  mutating func run(for seconds: Double) {
    let end = now + UInt64(seconds * 1e9)
    while let wake = settling.nextWake, wake <= end {
      now = max(now, wake)
      wakes += 1
      for action in settling.act(at: now) {
        switch action {
        case .look(let path):
          if let file = files[path] {
            let known = known
            settling.saw(file, at: now) { known.contains($0) }
          } else {
            settling.lost(path)
          }
        case .admit(let file):
          admitted.append(file)
          guard let judgement = judge(file) else { continue }
          switch judgement {
          case .settled, .refused: known.insert(file)
          case .incomplete, .transient, .unsure: break
          }
          settling.judged(file.path, judgement, at: now)
        case .giveUp(let file):
          givenUp.append(file)
          known.insert(file)
        case .rescan: rescan()
        }
      }
    }
    now = end
  }
}

@Suite struct SettlingTests {
  @Test func aQuietFileIsAdmittedAfterTheSettleTimeAndNotBefore() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 1.9)
    #expect(scene.admitted.isEmpty)
    scene.run(for: 0.2)
    #expect(scene.admitted.map(\.path) == ["unlabeled/a"])
    #expect(scene.settling.count == 0)
    #expect(scene.settling.nextWake == nil)
  }

  @Test func aTableGoesBeforeTheFilesThatItSpeaksOf() {
    var scene = Scene()
    let names: [FilePath] = ["labeled/a.nii", "labeled/t/Pairs.TSV", "labeled/t/b.nii", "labeled/z/pairs.tsv"]
    for name in names { scene.write(name, size: 5) }
    // Two of them change meanwhile.
    scene.run(for: 1)
    scene.write("labeled/z/pairs.tsv", size: 6)
    scene.write("labeled/a.nii", size: 6)
    scene.run(for: 5)
    #expect(scene.admitted.map(\.path) == [names[1], names[2], names[3], names[0]])
    for name in names { scene.write(name, size: 7) }
    scene.run(for: 5)
    #expect(scene.admitted.suffix(4).map(\.path) == [names[1], names[3], names[0], names[2]])
  }

  @Test func masksGoAfterTheScans() {
    var scene = Scene()
    let names: [FilePath] = [
      "labeled/FLAIR-label.nii", "labeled/FLAIR.nii", "labeled/derivatives/a_mask.nii", "labeled/z.nii",
    ]
    for name in names { scene.write(name, size: 5) }
    scene.run(for: 5)
    #expect(scene.admitted.map(\.path) == [names[1], names[3], names[0], names[2]])
  }

  /// What may only be reserved is looked at again at its time, or once it has changed, and is never given up.
  @Test func whatMayOnlyBeReservedIsLookedAtAgainAtItsTime() {
    var scene = Scene()
    scene.settling.patience.incompleteTimeout = 5 * second
    let due = scene.now + 62 * second
    scene.judge = { _ in .unsure(until: due) }
    scene.write("unlabeled/a", size: 5)
    scene.write("unlabeled/b", size: 5)
    scene.run(for: 61)
    #expect(scene.admitted.count == 2 && scene.givenUp.isEmpty && scene.settling.pending == 0)
    scene.write("unlabeled/b", size: 5, modified: 1)
    scene.judge = { _ in .settled }
    scene.run(for: 1.1)
    #expect(scene.admitted.map(\.path) == ["unlabeled/a", "unlabeled/b", "unlabeled/a"])
    scene.run(for: 1)
    #expect(scene.admitted.count == 4 && scene.settling.count == 0)
  }

  @Test func aNetworkFileSettlesLonger() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5, isRemote: true)
    scene.run(for: 9.9)
    #expect(scene.admitted.isEmpty)
    scene.run(for: 0.2)
    #expect(scene.admitted.count == 1)
  }

  @Test func aCopyInPiecesIsAdmittedOnceWhole() {
    var scene = Scene()
    for piece in 1...100 {
      scene.write("unlabeled/a", size: Int64(piece), modified: Int64(piece), hint: piece == 1)
      scene.run(for: 1.5)
    }
    #expect(scene.admitted.isEmpty)
    scene.settling.hint("unlabeled/a", at: scene.now)
    scene.run(for: 2.2)
    #expect(scene.admitted.map(\.size) == [100])
  }

  @Test func anEndlessWriterIsNeverAdmittedAndIsLookedAtLessAndLess() {
    var scene = Scene()
    for step in 1...10_000 {
      scene.write("unlabeled/a", size: Int64(step), hint: step == 1)
      scene.run(for: 1)
    }
    #expect(scene.admitted.isEmpty)
    #expect(scene.wakes < 300)
  }

  @Test func aRenameIsAnotherFileAndTheOldNameIsForgotten() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5, inode: 7)
    scene.run(for: 1)
    scene.files["unlabeled/a"] = nil
    scene.settling.hint("unlabeled/a", at: scene.now)
    scene.write("unlabeled/b", size: 5, inode: 7)
    scene.run(for: 10)
    #expect(scene.admitted.map(\.path) == ["unlabeled/b"])
    #expect(scene.settling.count == 0)
  }

  @Test func aDeletedFileIsForgotten() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 1)
    scene.files = [:]
    scene.run(for: 10)
    #expect(scene.admitted.isEmpty)
    #expect(scene.settling.count == 0)
    #expect(scene.settling.nextWake == nil)
  }

  @Test(arguments: [1, -1_000_000_000_000, 4_000_000_000_000_000_000])
  func anyOtherModificationTimeIsNewBytes(modified: Int64) {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5, modified: 0)
    scene.run(for: 1.5)
    scene.write("unlabeled/a", size: 5, modified: modified, hint: false)
    scene.run(for: 1.5)
    #expect(scene.admitted.isEmpty)
    scene.run(for: 3)
    #expect(scene.admitted.map(\.modified) == [modified])
  }

  @Test func anOverwriteDuringAdmissionIsAnAttemptOfItsOwn() {
    var scene = Scene()
    scene.judge = { _ in nil }
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 3)
    #expect(scene.admitted.map(\.size) == [5])
    scene.write("unlabeled/a", size: 6)
    scene.run(for: 3)
    #expect(scene.admitted.map(\.size) == [5])
    scene.known.insert(scene.admitted[0])
    scene.judge = { _ in .settled }
    scene.settling.judged("unlabeled/a", .settled, at: scene.now)
    scene.run(for: 3)
    #expect(scene.admitted.map(\.size) == [5, 6])
  }

  @Test func knownFilesCostNothing() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 5)
    for _ in 0..<10 {
      scene.rescan()
      scene.run(for: 300)
    }
    #expect(scene.admitted.count == 1)
    #expect(scene.wakes <= 4)
  }

  @Test func anIncompleteFileIsTriedWithGrowingPausesAndGivenUpAfterTheTimeOut() {
    var scene = Scene()
    scene.judge = { _ in .incomplete }
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 3599)
    #expect(scene.givenUp.isEmpty)
    // 2, 4, 8 ... 512 s of pauses, then 600 s each: 9 doublings in 1,022 s, four more in the rest of the hour.
    #expect((11...15).contains(scene.admitted.count))
    #expect(scene.settling.incompleteCount == 1)
    scene.run(for: 10)
    #expect(scene.givenUp.map(\.size) == [5])
    #expect(scene.settling.count == 0)
    scene.judge = { _ in .settled }
    scene.write("unlabeled/a", size: 9)
    scene.run(for: 3)
    #expect(scene.admitted.last?.size == 9)
  }

  @Test func newBytesBeginANewAttemptAndANewTimeOut() {
    var scene = Scene()
    scene.judge = { $0.size < 9 ? .incomplete : .settled }
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 3000)
    scene.write("unlabeled/a", size: 6)
    scene.run(for: 3000)
    #expect(scene.givenUp.isEmpty)
    scene.write("unlabeled/a", size: 9)
    scene.run(for: 3)
    #expect(scene.admitted.last?.size == 9)
    #expect(scene.settling.count == 0)
  }

  @Test func aBusyFileIsTriedWithoutEnd() {
    var scene = Scene()
    scene.judge = { _ in .transient }
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 100_000)
    #expect(scene.givenUp.isEmpty)
    #expect(scene.admitted.count > 150)
  }

  @Test func tenThousandFilesComeInOrderOfNameWithBoundedMemory() {
    var scene = Scene()
    let names = (0..<10_000).map { "unlabeled/\($0)" }
    for name in names.shuffled() { scene.write(FilePath(name), size: 5, inode: 3, hint: false) }
    scene.rescan()
    var most = 0
    while scene.settling.nextWake != nil {
      most = max(most, scene.settling.count)
      scene.run(for: 1)
    }
    #expect(scene.admitted.map { "\($0.path)" } == names.sorted())
    #expect(most <= scene.settling.patience.activeFiles)
    #expect(Set(scene.admitted).count == 10_000)
  }

  /// More files that may not be read, or that cannot be looked at, than are followed: others have their places.
  @Test func whatCannotBeTakenIsInNobodysWay() {
    var patience = Settling.Patience()
    patience.activeFiles = 4
    var scene = Scene(patience: patience)
    scene.judge = { $0.inode == 9 ? .refused : .settled }
    let refused = (0..<10).map { FilePath("unlabeled/m\($0)") }
    for path in refused { scene.write(path, size: 5, inode: 9, hint: false) }
    scene.rescan()
    scene.run(for: 60)
    for path: FilePath in ["unlabeled/a", "unlabeled/z"] { scene.write(path, size: 5) }
    scene.run(for: 10)
    #expect(scene.admitted.map(\.path) == refused + ["unlabeled/a", "unlabeled/z"])

    for number in 0..<10 {
      let path = FilePath("unlabeled/closed/\(number)")
      scene.settling.hint(path, at: scene.now)
      for _ in 0..<5 { scene.settling.unclear(path, at: scene.now) }
    }
    scene.write("unlabeled/b", size: 5)
    scene.run(for: 10)
    #expect(scene.admitted.last?.path == "unlabeled/b")
    #expect(scene.settling.count == 0)
    // Their modes were changed.
    scene.judge = { _ in .settled }
    scene.known = []
    scene.rescan()
    scene.run(for: 60)
    #expect(scene.admitted.suffix(13).count { $0.inode == 9 } == 10)
  }

  @Test func onlySoManyAdmissionsAtATime() {
    var patience = Settling.Patience()
    patience.admissions = 3
    var scene = Scene(patience: patience)
    scene.judge = { _ in nil }
    for name in ["d", "b", "e", "a", "c"] { scene.write(FilePath("unlabeled/\(name)"), size: 1) }
    scene.run(for: 60)
    #expect(scene.admitted.map { "\($0.path)" } == ["unlabeled/a", "unlabeled/b", "unlabeled/c"])
    scene.settling.judged("unlabeled/b", .settled, at: scene.now)
    scene.run(for: 60)
    #expect(scene.admitted.count == 4)
  }

  @Test func aGoneInboxForgetsAndTheNextScanFindsAgain() {
    var scene = Scene()
    scene.write("unlabeled/a", size: 5)
    scene.run(for: 1)
    scene.settling.inboxIsGone()
    scene.run(for: 100)
    #expect(scene.admitted.isEmpty)
    scene.rescan()
    scene.run(for: 3)
    #expect(scene.admitted.count == 1)
  }

  /// Whatever happens in whatever order: each state of a file that stays is admitted exactly once, none that is not
  /// there.
  @Test func randomHistoriesLoseNothingAndDoNothingTwice() {
    var generator = SplitMix(state: 5)
    for _ in 0..<200 {
      var patience = Settling.Patience()
      patience.activeFiles = 4
      var scene = Scene(patience: patience)
      for step in 0..<60 {
        let path = FilePath("unlabeled/\(Int.random(in: 0..<8, using: &generator))")
        switch Int.random(in: 0..<6, using: &generator) {
        case 0...2: scene.write(path, size: Int64(step + 1), hint: Bool.random(using: &generator))
        case 3:
          scene.files[path] = nil
          scene.settling.hint(path, at: scene.now)
        case 4: scene.rescan()
        default: scene.run(for: Double.random(in: 0...4, using: &generator))
        }
      }
      for _ in 0..<3 {
        scene.rescan()
        scene.run(for: 120)
      }
      #expect(Set(scene.files.values).isSubset(of: Set(scene.admitted)))
      #expect(Set(scene.admitted).count == scene.admitted.count)
      #expect(scene.settling.count == 0)
    }
  }
}
