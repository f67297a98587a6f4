import Contract
import Dispatch
import Files
import FoundationEssentials
import Glibc
import Imaging
import Phantom
import Popcorn
import Study
import SystemPackage
import Testing
import Watch

@testable import popcorn

/// Whole runs of a study on little phantoms, and what a study refuses.
@Suite(.serialized) struct StudyRunTests {
  private static func cohort(labeled: Int = 2, unlabeled: Int = 3, test: Int = 2) throws -> TemporaryFolder {
    let folder = try TemporaryFolder("popcorn-study-test")
    let easy = try #require(Difficulty.named("easy"))
    let cohort = PhantomCohort(
      labeled: labeled, unlabeled: unlabeled, test: test, seed: 5, difficulty: easy, spacing: 6, size: nil)
    _ = try PhantomFolder.write(cohort, to: folder.path.appending("data")) { _ in }
    return folder
  }

  private static var files: ScanFiles { ScanFiles(settings: PreparationSettings(spacing: 6, size: [30, 36, 30])) }

  private func plan(_ scans: StudyScans, steps: Int = 32) -> StudyPlan {
    var settings = TrainingSettings()
    settings.width = 8
    settings.patchSize = 16
    settings.preparation = PreparationSettings(spacing: 6, size: [30, 36, 30])
    settings.checkpointInterval = 5
    // Hardly trained networks mark nothing at a half.
    settings.threshold = 0.1
    return StudyPlan(
      cohort: scans.cohort, settings: settings,
      budget: StudyRecord.Budget(name: "\(steps)", optimizerSteps: steps))
  }

  private func run(
    _ name: StudyRunName, _ scans: StudyScans, in folder: FilePath, _ out: String, pauseEvery: Int? = nil,
    between: (FilePath) throws -> Void = { _ in }
  ) throws -> StudyRun {
    let training = StudyTraining(
      name: name, scans: scans, plan: plan(scans), out: folder.appending(out), volumeBytes: 1 << 28)
    var sessions = 0
    while true {
      var calls = 0
      sessions += 1
      let isDone = try training.run(
        stop: {
          calls += 1
          return pauseEvery.map { calls > $0 * sessions * sessions } ?? false
        }, say: { _ in }, show: { _ in })
      if isDone { break }
      try between(folder.appending(out).pushing(name.folder))
    }
    #expect(pauseEvery == nil || sessions > 2)
    let place = try Directory(folder.appending(out).pushing(name.folder))
    var run = try #require(try StudyFiles.read(StudyRun.self, StudyTraining.resultName, in: place))
    run.seconds = 0
    return run
  }

  /// As after an upgrade: what it had come to is put aside, and the run ends as one that began then.
  @Test func whereNothingCanGoOnFromACheckpointARunBeginsAnew() async throws {
    let folder = try Self.cohort()
    let path = folder.path
    let scans = try StudyScans(path.appending("data"), needsPool: ["popcorn"])
    let runs = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        let name = StudyRunName(strategy: "popcorn", recipe: "paper", seed: 1)
        continuation.resume(
          with: Result {
            let tests = StudyRunTests()
            var pauses = 0
            return [
              try tests.run(name, scans, in: path, "whole"),
              try tests.run(name, scans, in: path, "upgraded", pauseEvery: 30) { place in
                pauses += 1
                let position = try Directory(place.appending("cycle/checkpoint"))
                if pauses == 2 { try DurableFile.write(Array("{}".utf8), as: "position.json", in: position) }
              },
            ]
          })
      }
    }
    #expect(runs[0] == runs[1])
    let name = StudyRunName(strategy: "popcorn", recipe: "paper", seed: 1)
    let aside = try Directory(
      path.appending("upgraded").pushing(name.folder).appending("cycle").pushing(CycleDirectory.asideName))
    #expect(try aside.names().contains { $0.string.hasPrefix("snapshot-") })
    withExtendedLifetime(folder) {}
  }

  /// Computes apart from the threads on which tests wait for others: there are two of those, and it takes a while.
  @Test func stoppedAgainAndAgainARunEndsTheSame() async throws {
    let folder = try Self.cohort()
    let path = folder.path
    let scans = try StudyScans(path.appending("data"), needsPool: ["popcorn"])
    let runs = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        let name = StudyRunName(strategy: "popcorn", recipe: "paper+compound+average", seed: 2)
        continuation.resume(
          with: Result {
            let tests = StudyRunTests()
            return [
              try tests.run(name, scans, in: path, "whole"),
              try tests.run(name, scans, in: path, "parts", pauseEvery: 15),
            ]
          })
      }
    }
    // The folder goes with its last use.
    withExtendedLifetime(folder) {}
    let whole = runs[0]
    #expect(whole == runs[1])
    #expect(whole.optimizerSteps == 32 && whole.patches == 64)
    #expect(whole.scores.map(\.name) == scans.cohort.test.map(\.name))
    // True positives, in ml, by either ratio; and what Dice makes of both.
    let judged = whole.scores.filter { ($0.precision ?? 0) > 0 && $0.precision != $0.sensitivity }
    try #require(!judged.isEmpty)
    for score in judged {
      let (precision, sensitivity) = (try #require(score.precision), try #require(score.sensitivity))
      #expect(abs(precision * score.maskMl - sensitivity * score.truthMl) < 1e-9 * score.truthMl)
      #expect(abs(score.dice - 2 * precision * sensitivity / (precision + sensitivity)) < 1e-9)
    }
    #expect(whole.pseudoLabels > 0)
    #expect(whole.selections.allSatisfy { $0.dice != nil })
    // The first step takes the nearest of those that were seen, and no truth is missing.
    let pool = try #require(whole.poolAtStart)
    #expect(
      Set(pool.map(\.name)) == Set(scans.cohort.unlabeled.map(\.name)) && pool.map(\.rank) == Array(1...pool.count))
    #expect(pool.allSatisfy { $0.dice != nil && $0.proximity != nil } && pool == pool.sorted { $0.rank < $1.rank })
    let first = whole.selections.filter { $0.step == 1 }.sorted { $0.rank < $1.rank }
    #expect(!first.isEmpty && first.map(\.name) == pool.prefix(first.count).map(\.name))
    #expect(whole.program?.count == 64 && whole.processor?.isEmpty == false)
    #expect(whole.progress.first?.step == 0 && !whole.progress.isEmpty)
  }

  @Test func whatCouldNotBeComparedIsRefusedByName() throws {
    func refused(_ change: (FilePath) throws -> Void, _ word: String, needsPool: [String] = ["popcorn"]) throws {
      let folder = try Self.cohort()
      let data = folder.path.appending("data")
      try change(data)
      do {
        _ = try StudyScans(data, needsPool: needsPool).notes(with: Self.files)
        Issue.record("\(word): was not refused")
      } catch {
        #expect("\(error)".contains(word), "\(error)")
      }
    }
    let files = FileManager.default
    func name(_ part: String, _ data: FilePath) throws -> String {
      let names = try Directory(data.appending(part)).names().map(\.string).sorted()
      return try #require(names.first { $0.hasSuffix("_FLAIR.nii.gz") })
    }
    func move(_ from: String, _ to: String, _ data: FilePath) throws {
      try files.moveItem(atPath: data.appending(from).string, toPath: data.appending(to).string)
    }
    func copy(_ from: String, _ to: String, _ data: FilePath) throws {
      try files.copyItem(atPath: data.appending(from).string, toPath: data.appending(to).string)
    }
    try refused({ try files.removeItem(atPath: $0.appending("test").string) }, "test holds no")
    try refused({ try files.removeItem(atPath: $0.appending("unlabeled").string) }, "popcorn would learn from them")
    try refused(
      { data in
        let scan = try name("labeled", data)
        try files.removeItem(
          atPath: data.appending("labeled/\(scan.replacing("_FLAIR", with: "_mask"))").string)
      }, "has no")
    try refused(
      { data in
        let scan = try name("unlabeled", data)
        try move("unlabeled/\(scan)", "unlabeled/P7-t2_FLAIR.nii.gz", data)
        let test = try name("test", data)
        try move("test/\(test)", "test/P7-t1_FLAIR.nii.gz", data)
        try move("test/\(test.replacing("_FLAIR", with: "_mask"))", "test/P7-t1_mask.nii.gz", data)
      }, "of the same person 'P7'")
    try refused(
      { data in
        let test = try name("test", data)
        try copy("test/\(test)", "unlabeled/another_FLAIR.nii.gz", data)
      }, "are the same scan")
    // The pool has everybody: the labelled again, under their names and under others.
    try refused(
      { data in
        let scan = try name("labeled", data)
        try copy("labeled/\(scan)", "unlabeled/\(scan)", data)
      }, "take one of them out")
    try refused(
      { data in
        let scan = try name("labeled", data)
        try copy("labeled/\(scan)", "unlabeled/another_FLAIR.nii.gz", data)
      }, "are the same scan")
    // Packed in another way it is the same scan, too.
    try refused(
      { data in
        let test = try name("test", data)
        let bytes = try NiftiFile.decode(try BoundedReader.read(data.appending("test/\(test)")))
        let again = NiftiFile.encode(probability: bytes.volume, as: .float32, like: bytes.header)
        try writeDurably(
          try #require(again), to: data.appending("unlabeled").appending("another_FLAIR.nii.gz").string)
      }, "are the same scan")
    try refused(
      { data in
        let test = try name("test", data)
        try files.removeItem(atPath: data.appending("test/\(test)").string)
      }, "has no")
    try refused(
      { data in
        let scan = try name("labeled", data)
        try copy("labeled/\(scan)", "labeled/\(scan.replacing(".gz", with: ""))", data)
      }, "are both for")
    // Before anything is trained.
    try refused(
      { data in
        let test = try name("test", data)
        let whole = try BoundedReader.read(data.appending("test/\(test)"))
        try writeDurably(Array(whole.prefix(whole.count / 2)), to: data.appending("test/\(test)").string)
      }, "test/")
    try refused(
      { data in
        let mask = try name("test", data).replacing("_FLAIR", with: "_mask")
        let size = GridSize(5, 5, 5)
        let small = Image(
          volume: Volume(size: size, values: [Float](repeating: 1, count: 125)),
          geometry: GridGeometry(size: size.list, affine: [6, 0, 0, 0, 0, 6, 0, 0, 0, 0, 6, 0]))
        try writeDurably(
          NiftiFile.encode(mask: small.volume.map { $0 > 0 ? 1 : 0 }, like: small.header),
          to: data.appending("test/\(mask)").string)
      }, "test/")
    // The hidden truth of the pool is looked at as other masks are.
    try refused(
      { data in
        let scan = try name("unlabeled", data)
        let truth = "truth/unlabeled/\(scan.replacing("_FLAIR", with: "_mask"))"
        try files.removeItem(atPath: data.appending(truth).string)
        try copy("unlabeled/\(scan)", truth, data)
      }, "is an image and no mask")
    try refused(
      { try writeDurably(Array("ph-0001\n".utf8), to: $0.appending("sites.tsv").string) }, "sites.tsv, line 1")
  }

  @Test func whatIsUnusualIsSaid() throws {
    let folder = try Self.cohort(labeled: 1, unlabeled: 0)
    let scans = try StudyScans(folder.path.appending("data"), needsPool: [])
    #expect(scans.holdout.isEmpty && scans.trainingSet.count == 1)
    #expect(try scans.notes(with: Self.files).contains { $0.contains("nobody is held out") })
    #expect(scans.cohort.test.allSatisfy { $0.site != nil })
  }

  @Test func anotherStudyIsNotGoneOnWith() throws {
    let folder = try Self.cohort()
    let scans = try StudyScans(folder.path.appending("data"), needsPool: [])
    let out = try Directory(making: folder.path.appending("out"))
    try plan(scans).settle(in: out)
    try plan(scans).settle(in: out)
    #expect(throws: Fault.self) { try plan(scans, steps: 33).settle(in: out) }
    var renamed = plan(scans)
    (renamed.cohort.name, renamed.budget.name) = ("moved", "thirty-two")
    #expect(try renamed.isSettled(in: out))
    var others = scans.cohort
    others.digest = "other"
    let other = StudyPlan(cohort: others, settings: plan(scans).settings, budget: plan(scans).budget)
    #expect(throws: Fault.self) { try other.settle(in: out) }
  }

  /// Sites are names for tables: no training sees them. The truth of the pool judges its pseudo-labels.
  @Test func sitesMayBeToldLaterButTheTruthMayNotChange() throws {
    let folder = try Self.cohort()
    let data = folder.path.appending("data")
    let out = try Directory(making: folder.path.appending("out"))
    var old = plan(try StudyScans(data, needsPool: []))
    #expect(old.cohort.truthDigest != nil && old.cohort.test.allSatisfy { $0.site != "north" })
    old.cohort.truthDigest = nil
    try old.settle(in: out)

    let lines = ["", "name\tsite"] + old.cohort.test.map { "\($0.name)\tnorth" }
    try writeDurably(Array(lines.joined(separator: "\n").utf8), to: data.appending("sites.tsv").string)
    let scans = try StudyScans(data, needsPool: [])
    #expect(try scans.notes(with: Self.files).contains { $0.hasPrefix("of no site: ph-") })
    try old.expect(scans.cohort, in: out)
    try plan(scans).settle(in: out)
    let told = try StudyPlan(in: out)
    #expect(told.cohort == scans.cohort && told.cohort.test.allSatisfy { $0.site == "north" })

    let truth = try #require(scans.poolWithTruth.first).truth.path
    try FileManager.default.removeItem(atPath: truth)
    let changed = try StudyScans(data, needsPool: [])
    let fault = #expect(throws: Fault.self) { try plan(changed).settle(in: out) }
    #expect(fault?.description.contains("another hidden truth") == true, "\(fault as Any)")
    try writeDurably(
      Array("\(lines[2])\n\n\(lines[2].replacing("north", with: "south"))".utf8),
      to: data.appending("sites.tsv").string)
    let twice = #expect(throws: Fault.self) { try StudyScans(data, needsPool: []) }
    #expect(twice?.description.contains("line 3") == true, "\(twice as Any)")
  }

  /// A link to a folder of scans is one, and so is another cohort's.
  @Test func aPathIsKnownWithoutItsLinks() throws {
    let folder = try TemporaryFolder("popcorn-links")
    let root = linkless(folder.path)
    let (real, link) = (root.appending("real"), root.appending("link"))
    try FileManager.default.createDirectory(atPath: real.string, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: real.string)
    #expect(linkless(link) == real && linkless(link.appending("a/b")) == real.appending("a/b"))
    #expect(linkless("/") == "/" && linkless("/nowhere/at/all") == "/nowhere/at/all")
  }

  @Test(arguments: [
    ["paper", "paper+tau=350"], ["improved", "paper+compound+average+window+trust=0.3"],
    ["paper+average+window", "paper+window+average"], ["paper+tau=3000", "paper+tau=3000.0"],
  ])
  func aRecipeHasOneName(_ names: [String]) throws {
    let fault = #expect(throws: Fault.self) { try RecipeTwins.refuse(among: names) }
    #expect(fault?.description.contains("--recipe \(names[1]) is \(names[0])") == true, "\(fault as Any)")
    #expect(throws: Fault.self) { try RecipeTwins.refuse(among: [names[1]], beside: [names[0]]) }
    try RecipeTwins.refuse(among: [names[0], "paper+average", names[0]], beside: [names[0], "paper+unknown"])
    // What lies there already may be drawn and gone on with.
    try RecipeTwins.refuse(among: [names[1]], beside: names)
  }

  /// A run that marked everything right.
  private static func done(_ name: StudyRunName, _ scans: StudyScans) -> StudyRun {
    StudyRun(
      strategy: name.strategy, recipe: name.recipe, seed: name.seed, outcome: .publish, words: "", threshold: 0.5,
      optimizerSteps: 32, patches: 64, labelledPatches: 64,
      schedule: .init(initialEpochs: 1, selectPerStep: 1, epochsPerStep: 1), experts: 1, pseudoLabels: 0, seconds: 1,
      incidents: 0, worker: .here, modelDigest: "",
      scores: scans.cohort.test.map {
        .init(name: $0.name, dice: 1, precision: 1, sensitivity: 1, truthMl: 1, maskMl: 1)
      }, progress: [], selections: [], latents: [])
  }

  /// Results that were put there, or lost their plan, are told of no study.
  @Test func resultsOfAnotherStudyAreRefused() throws {
    let folder = try Self.cohort()
    let scans = try StudyScans(folder.path.appending("data"), needsPool: [])
    let out = try Directory(making: folder.path.appending("out"))
    let name = StudyRunName(strategy: "baseline", recipe: "paper", seed: 1)
    let results = StudyResults(plan: plan(scans), in: out)
    try plan(scans).settle(in: out)
    func put(_ change: (inout StudyRun) -> Void) throws {
      var run = Self.done(name, scans)
      change(&run)
      try StudyFiles.write(run, StudyTraining.resultName, in: try Directory(making: out.path.pushing(name.folder)))
    }
    try put { _ in }
    #expect(try results.run(name)?.optimizerSteps == 32)
    for change: (inout StudyRun) -> Void in [
      { $0.strategy = "popcorn" }, { $0.seed = 2 }, { $0.optimizerSteps = 33 }, { $0.scores.removeLast() },
      { $0.scores[0].dice = 7 }, { $0.scores[1].precision = -3 },
    ] {
      try put(change)
      #expect(throws: Fault.self) { try results.run(name) }
    }
    try FileManager.default.removeItem(atPath: out.path.appending("plan.json").string)
    #expect(throws: Fault.self) { try plan(scans).settle(in: out) }
  }

  @Test func aScanOfThePoolThatCannotBeUsedIsNamed() throws {
    let folder = try Self.cohort()
    let data = folder.path.appending("data")
    try writeDurably(Array("no scan".utf8), to: data.appending("unlabeled").appending("broken_FLAIR.nii.gz").string)
    try writeDurably([1], to: data.appending("labeled").appending("ph-0001_T1.nii.gz").string)
    try writeDurably([1], to: data.appending("labeled").appending("._ph-0001_FLAIR.nii.gz").string)
    let notes = try StudyScans(data, needsPool: []).notes(with: Self.files)
    #expect(notes.contains { $0.contains("broken_FLAIR.nii.gz") })
    #expect(notes.contains { $0.contains("ph-0001_T1.nii.gz") && !$0.contains("._") })
  }

  /// A training is of the files that it began with, also where others have their names.
  @Test func aWorkFolderBelongsToItsFiles() throws {
    let folder = try Self.cohort()
    let data = try DataFolder(folder.path.appending("data"))
    let work = try CycleDirectory(folder.path.appending("work"))
    let content = DataFolder.contentDigest(of: try data.fileDigests())
    try work.settle(content)
    try work.settle(content)
    try writeDurably([1], to: data.labeled[0].masks[0].path)
    #expect(throws: Fault.self) { try work.settle(DataFolder.contentDigest(of: try data.fileDigests())) }
  }

  /// The same files, told apart otherwise, are another split: its result would be of who was learned from.
  @Test func aFinishedRunIsOfItsSplit() throws {
    let folder = try Self.cohort(labeled: 3)
    let work = try CycleDirectory(folder.path.appending("work"))
    func order(_ pattern: String?, _ change: (inout TrainingSettings) -> Void = { _ in }) throws -> CycleOrder {
      let data = try DataFolder(folder.path.appending("data"), subjects: pattern.flatMap(SubjectPattern.init))
      let split = data.split()
      var settings = TrainingSettings()
      change(&settings)
      return CycleOrder(
        cycle: 1, model: nil, optimizer: nil, trainingSet: split.trainingSet, pool: data.unlabeled,
        holdout: split.holdout, settings: settings)
    }
    try work.write(order(nil))
    try work.expectFinished(order(nil))
    let split = #expect(throws: Fault.self) { try work.expectFinished(order("{subject}-*")) }
    #expect(split?.description.contains("another split") == true)
    let settings = #expect(throws: Fault.self) { try work.expectFinished(order(nil) { $0.seed = 1 }) }
    #expect(settings?.description.contains("other settings") == true)
  }

  /// A study's folder may be moved, or be a copy: what goes on reads its own pseudo-labels.
  @Test func whereItsFolderIsMovedARunGoesOn() async throws {
    let folder = try Self.cohort()
    let path = folder.path
    let scans = try StudyScans(path.appending("data"), needsPool: ["popcorn"])
    let runs = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            let tests = StudyRunTests()
            let name = StudyRunName(strategy: "popcorn", recipe: "paper", seed: 1)
            let whole = try tests.run(name, scans, in: path, "whole")
            var calls = 20
            let labels = path.appending("there").pushing(name.folder).appending("cycle").appending("reference")
            repeat {
              var seen = 0
              calls += 20
              let isDone = try StudyTraining(
                name: name, scans: scans, plan: tests.plan(scans), out: path.appending("there"), volumeBytes: 1 << 28
              ).run(
                stop: {
                  seen += 1
                  return seen > calls
                }, say: { _ in }, show: { _ in })
              try #require(!isDone)
            } while try Directory(labels).names().isEmpty
            try FileManager.default.moveItem(
              atPath: path.appending("there").string, toPath: path.appending("here").string)
            return [whole, try tests.run(name, scans, in: path, "here")]
          })
      }
    }
    withExtendedLifetime(folder) {}
    #expect(runs[0] == runs[1] && runs[0].pseudoLabels > 0)
  }

  /// Whoever looks at the scans and whoever trains know them by one path, and share what is prepared.
  @Test func aFolderIsKnownByItsWholePath() throws {
    let folder = try Self.cohort(labeled: 1, unlabeled: 1, test: 1)
    let data = folder.path.appending("data")
    let here = absolute(".")
    let up = Array(repeating: "..", count: here.components.count).joined(separator: "/")
    let scans = try StudyScans(FilePath(up + data.string), needsPool: [])
    #expect(scans.folder.files.sorted() == (try DataFolder(data)).files.sorted())
    #expect(scans.poolWithTruth.allSatisfy { $0.truth.path.hasPrefix(data.string) } && !scans.poolWithTruth.isEmpty)
    #expect(try StudyScans(FilePath(up + data.string + "/test/.."), needsPool: []).cohort.name == "data")
  }

  /// A report of a study that was stopped says what is missing.
  @Test func whatWasAskedForIsRemembered() throws {
    let folder = try Self.cohort()
    let scans = try StudyScans(folder.path.appending("data"), needsPool: [])
    let out = try Directory(making: folder.path.appending("out"))
    let results = StudyResults(plan: plan(scans), in: out)
    #expect(try results.planned(with: []).isEmpty)
    let first = StudyRunName.all(strategies: ["popcorn", "baseline"], recipes: ["paper"], seeds: [1])
    let second = StudyRunName.all(strategies: ["baseline"], recipes: ["paper"], seeds: [1, 2])
    try results.remember(first)
    try results.remember(second)
    let planned = try results.planned(with: []).map(\.text)
    #expect(Set(planned) == Set((first + second).map(\.text)) && planned.count == 3)
    #expect(try results.record().plannedRuns == 3)
  }

  /// Another study stands beside one where it judged the same images on the same grid; a pipe is no truth.
  @Test func whatStandsBesideIsOfTheSameImages() throws {
    let folder = try Self.cohort()
    let scans = try StudyScans(folder.path.appending("data"), needsPool: [])
    let results = StudyResults(plan: plan(scans), in: try Directory(making: folder.path.appending("out")))
    let other = folder.path.appending("other")
    func refusal(_ change: (inout StudyRecord) -> Void) throws -> String {
      var record = try results.record()
      change(&record)
      try StudyFiles.write(record, "study.json", in: try Directory(making: other))
      do { return try results.other(in: other) == record ? "none" : "another" } catch { return "\(error)" }
    }
    #expect(try refusal { $0.budget.optimizerSteps = 7 } == "none")
    #expect(try refusal { $0.settings.preparation.spacing = 3 }.contains("another grid"))
    #expect(try refusal { $0.cohort.test[0].name = "x" }.contains("other test images"))
    // Phantoms of another seed have the same names.
    let name = StudyRunName(strategy: "baseline", recipe: "paper", seed: 1)
    let place = try Directory(making: results.folder.path.pushing(name.folder))
    try StudyFiles.write(Self.done(name, scans), StudyTraining.resultName, in: place)
    #expect(try refusal { $0.runs[0].scores[0].dice = 0 } == "none")
    #expect(
      try refusal { $0.runs[0].scores[1].truthMl = 2 }.contains("judged another \(scans.cohort.test[1].name)"))
    let nowhere = #expect(throws: Fault.self) { try results.other(in: folder.path.appending("data")) }
    #expect(nowhere?.description.contains("--report") == true, "\(nowhere as Any)")

    let scan = try #require(scans.folder.unlabeled.first)
    let truth = try #require(scans.hiddenTruth(of: scan)).path
    try FileManager.default.removeItem(atPath: truth)
    #expect(mkfifo(truth, 0o600) == 0 && scans.hiddenTruth(of: scan) == nil)
    #expect(mkfifo(folder.path.appending("data/sites.tsv").string, 0o600) == 0)
    #expect(throws: Fault.self) { try StudyScans(folder.path.appending("data"), needsPool: []) }
  }

  @Test func someHeldOutWhoIsInThePoolTooIsRefused() throws {
    let folder = try Self.cohort()
    let data = folder.path.appending("data")
    let held = try #require(try StudyScans(data, needsPool: []).holdout.first)
    try FileManager.default.copyItem(
      atPath: held.scan, toPath: data.appending("unlabeled").appending("\(held.subject)-s2_FLAIR.nii.gz").string)
    let fault = #expect(throws: Fault.self) { try StudyScans(data, needsPool: []) }
    #expect(fault?.description.contains("held out") == true, "\(fault as Any)")
  }

  /// A budget that the first training alone would spend says nothing of the pool; one that labels all of it does not.
  @Test func aBudgetThatLabelsNothingIsKnown() {
    for labeled in [1, 4, 30] {
      func labelsNothing(_ budget: Int) -> Bool {
        StudyRun.Schedule.labelsNothing(in: budget, labeled: labeled, pool: 40, recipe: .paper)
      }
      #expect(labelsNothing(1) && labelsNothing(14 * labeled) && !labelsNothing(1000 * labeled))
      let enough = StudyRun.Schedule.enough(insteadOf: 1, labeled: labeled, pool: 40, recipe: .paper)
      #expect(enough.map(labelsNothing) == false)
    }
  }

  /// Some twenty files and folders do not belong among scans.
  @Test func whatIsWrittenLiesElsewhereThanScans() throws {
    let folder = try TemporaryFolder("popcorn-places")
    for part in ["data/labeled", "data/test", "other/labeled"] {
      _ = try Directory(folder.path).directory(making: FilePath(part))
    }
    let options = try DataOptions.parse(["--data", folder.file("data")])
    for place in ["data", "data/labeled", "data/test/deeper", "data/../data", "other"] {
      #expect(throws: Fault.self, "\(place)") { try options.refuse(folder.file(place), for: "--work", example: "work") }
    }
    for place in ["data/work", "elsewhere"] { try options.refuse(folder.file(place), for: "--work", example: "work") }
  }

  @Test func aRecipeWithConstantsOfItsOwnIsPlannedWithThem() throws {
    let plain = StudyRun.Schedule(budget: 5000, labeled: 4, pool: 40, recipe: .paper)
    let few = StudyRun.Schedule(budget: 5000, labeled: 4, pool: 40, recipe: try Recipe(named: "paper+select=5"))
    let short = StudyRun.Schedule(budget: 5000, labeled: 4, pool: 40, recipe: try Recipe(named: "paper+epochs=2"))
    // Eight selections instead of four leave fewer epochs to each.
    #expect(plain.selectPerStep == 10 && few.selectPerStep == 5 && few.epochsPerStep < plain.epochsPerStep)
    #expect(short.epochsPerStep == 2 && short.selectPerStep == 10 && short.initialEpochs == plain.initialEpochs)
  }

  @Test func aScheduleSpendsItsBudget() throws {
    for recipe in ["paper", "paper+compound"].map({ try? Recipe(named: $0) }).compactMap(\.self) {
      for (budget, labeled, pool) in [(5000, 4, 40), (1000, 4, 7), (81_800, 21, 2901), (5000, 1, 0)] {
        let schedule = StudyRun.Schedule(budget: budget, labeled: labeled, pool: pool, recipe: recipe)
        let more = 1 / (1 - recipe.anywhereShare)
        let experts = more * Double(15 * labeled)
        var spent = Double(schedule.initialEpochs) * experts
        var taken = 0
        repeat {
          taken = min(pool, taken + schedule.selectPerStep)
          spent += Double(schedule.epochsPerStep) * (experts + more * Double(2 * taken))
        } while taken < pool
        #expect(abs(spent / Double(budget) - 1) < 0.2, "\(budget) \(labeled) \(pool): \(spent)")
      }
    }
    let longest = StudyRun.Schedule(budget: 1_000_000_000, labeled: 1, pool: 0, recipe: .paper)
    #expect([longest.initialEpochs, longest.epochsPerStep].allSatisfy { TrainingSettings.counts ~= $0 })
    #expect(StudyBudget("quick")?.steps == 1000 && StudyBudget("77")?.steps == 77)
    #expect(StudyBudget("0") == nil && StudyBudget("-5") == nil && StudyBudget("fast") == nil)
  }

  /// However small the budget or large the pool: what is said to be enough is, and half of the pool is not all of it.
  @Test func aBudgetTakesInThePoolOrItIsSaid() throws {
    /// As the cycle goes through a schedule where every mask gives all its patches.
    func taken(_ schedule: StudyRun.Schedule, budget: Int, labeled: Int, pool: Int, recipe: Recipe) -> Int {
      let experts = 15 * labeled
      var (steps, taken) = (schedule.initialEpochs * experts, 0)
      while steps < budget, taken < pool {
        taken = min(pool, taken + schedule.selectPerStep)
        steps += schedule.epochsPerStep * (experts + 2 * taken)
      }
      return taken
    }
    for (budget, labeled, pool) in [(5000, 42, 2901), (1000, 10, 200), (5000, 4, 40), (200, 4, 40), (1000, 1, 3000)] {
      func takes(_ budget: Int) -> Int {
        taken(
          StudyRun.Schedule(budget: budget, labeled: labeled, pool: pool, recipe: .paper), budget: budget,
          labeled: labeled, pool: pool, recipe: .paper)
      }
      let enough = StudyRun.Schedule.enough(insteadOf: budget, labeled: labeled, pool: pool, recipe: .paper)
      #expect((enough == nil) == (takes(budget) == pool), "\(budget) \(labeled) \(pool): \(takes(budget))")
      if let enough { #expect(enough > budget && takes(enough) == pool, "\(budget) \(labeled) \(pool): \(enough)") }
    }
    #expect(StudyRun.Schedule.enough(insteadOf: 1, labeled: 3, pool: 0, recipe: .paper) == nil)
  }

  /// Points of a plane, turned into more dimensions, keep their distances on the two axes; and the first holds more.
  @Test func axesOfAPlaneKeepDistances() {
    var points: [(x: Double, y: Double)] = []
    var vectors: [[Float]] = []
    for number in 0..<12 {
      let point = (x: Double(3 * (number % 5) - 4), y: Double(number * number % 7) / 3)
      points.append(point)
      vectors.append([Float(0.6 * point.x), Float(0.8 * point.x), Float(point.y) + 10, 0])
    }
    func squared(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
      let (alongX, alongY) = (a.x - b.x, a.y - b.y)
      return alongX * alongX + alongY * alongY
    }
    let scores = PrincipalAxes(of: vectors).scores
    var (first, second, mixed) = (0.0, 0.0, 0.0)
    for a in points.indices {
      first += scores[a].x * scores[a].x
      second += scores[a].y * scores[a].y
      mixed += scores[a].x * scores[a].y
      for b in points.indices { #expect(abs(squared(points[a], points[b]) - squared(scores[a], scores[b])) < 1e-3) }
    }
    #expect(first > second && abs(mixed) < 1e-3)
    #expect(PrincipalAxes(of: []).scores.isEmpty && PrincipalAxes(of: [[1, 2]]).scores.count == 1)
  }
}
