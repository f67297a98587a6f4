import Configuration
import Contract
import Files
import Glibc
import Ledger
import Processes
import SystemPackage
import Watch

/// Takes what is dropped into one inbox. It has a lane of its own, so that a share that hangs holds up nobody but
/// itself; one file at a time, in the order of names, so that memory is bounded and runs are alike.
actor Intake {
  private let lane: Lane
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

  /// The inbox, as configured.
  nonisolated let path: FilePath
  let supervisor: Supervisor
  private let store: Store
  private let known: Ledger
  var settings: Settings
  private var settling = Settling()
  private var scan: InboxScan
  private var inbox: Inbox?
  private var expectedDevice: UInt64?
  private var names = InboxNames()
  private var again: Set<FilePath> = []
  private var skipped: Set<SeenFile> = []
  private var isGone = false
  private var timer: (due: UInt64, task: Task<Void, Never>)?
  private var nextRescan: UInt64 = 0
  private var isActing = false
  private var isStopping = false
  private var pollsOnly = true

  /// An intake for the inbox at `path`. `known` is a reader's ledger of its own.
  init(_ path: FilePath, settings: Settings, store: Store, known: sending Ledger, supervisor: Supervisor) {
    lane = Lane("intake \(path)")
    self.path = path
    self.settings = settings
    self.store = store
    self.known = known
    self.supervisor = supervisor
    scan = InboxScan(ignore: IgnoreList(globs: settings.inbox.ignore))
    settling.patience = Intake.patience(settings)
  }

  /// Finishes what a crash interrupted and looks at everything once.
  func begin(_ unfinished: [UnfinishedMove]) async {
    for outcome in FileOutcome.allCases where outcome != .rejected {
      for record in (try? known.decisions(outcome)) ?? [] where record.decision.inbox == path {
        names.add(record.decision.path)
      }
    }
    for move in unfinished { await finish(move) }
    await rescan()
  }

  /// Whether events come; without them the folder is listed often.
  func listens(_ listens: Bool) { pollsOnly = !listens }

  /// Takes changed settings.
  func reload(_ settings: Settings) {
    self.settings = settings
    scan = InboxScan(ignore: IgnoreList(globs: settings.inbox.ignore))
    settling.patience = Intake.patience(settings)
  }

  /// Takes nothing any more; the file in hand is finished.
  func stop() {
    isStopping = true
    timer?.task.cancel()
  }

  /// An event: something happened at `place`, a directory or a file.
  func hint(_ place: FilePath, isDirectory: Bool) async {
    if isDirectory {
      list(beneath: place)
    } else {
      settling.hint(place, at: Clock.nanoseconds)
    }
    await act()
  }

  /// A mask that waits is to be looked at again where it belongs to the scan that has come.
  func reconsider(_ place: FilePath, scan: FilePath) async {
    let isBrain = FileName(of: place).kind(inFolder: FileName(of: place.removingLastComponent()).bytes) == .brainMask
    let name = names.name(of: place, isBrain: isBrain, subjectPattern: settings.inbox.subjectPattern)
    guard name.partners.contains(scan) else { return }
    again.insert(place)
    settling.hint(place, at: Clock.nanoseconds)
    await act()
  }

  /// Looks at everything: the directory is the truth.
  func rescan() async {
    nextRescan = Clock.nanoseconds + (pollsOnly ? settings.inbox.poll : settings.inbox.rescan).inNanoseconds
    list(beneath: "")
    await act()
  }

  private func list(beneath place: FilePath) {
    guard let inbox = open() else { return }
    let now = Clock.nanoseconds
    var seen: [SeenFile] = []
    _ = scan.run(inbox, beneath: place) { seen.append($0) }
    for file in seen {
      if file.kind == .sidecar { readTable(file, in: inbox) } else { names.add(file.path) }
    }
    for file in seen where Intake.isForUs(file) {
      settling.saw(file, at: now) { self.isKnown($0) }
    }
  }

  private func readTable(_ file: SeenFile, in inbox: Inbox) {
    guard file.tree == .labeled, FileName(of: file.path).lowercased.elementsEqual(PairsTable.name.utf8),
      let source = try? inbox.directory.open(file.path)
    else { return }
    defer { try? source.close() }
    guard let bytes = try? BoundedReader.read(source, limit: PairsTable.longestFile) else { return }
    names.add(table: bytes, in: file.path.removingLastComponent())
  }

  private static func isForUs(_ file: SeenFile) -> Bool {
    switch file.kind {
    case .sidecar, .other: false
    case .volume, .brainMask, .pairHalf, .labelMap, .archive, .dicom, .unsupported: true
    }
  }

  private func isKnown(_ file: SeenFile) -> Bool {
    if again.contains(file.path) { return false }
    if skipped.contains(file) { return true }
    guard let record = try? known.decision(inbox: path, path: file.path, stamp: FileStamp(file)) else { return false }
    switch record.decision.move {
    case .none, .planned: return true
    case .done, .lost: return false
    }
  }

  /// The inbox, as long as it is there and is the one it was.
  func open() -> Inbox? {
    do throws(InboxGone) {
      let found = try Inbox(path, expectedDevice: expectedDevice, requiresMarker: settings.inbox.requireMarker)
      inbox = found
      expectedDevice = found.device
      if isGone { tell(trouble: nil) }
      isGone = false
      return found
    } catch {
      if !isGone {
        settling.inboxIsGone()
        tell(trouble: error.description)
      }
      isGone = true
      inbox = nil
      return nil
    }
  }

  private func tell(trouble: String?) {
    let (supervisor, path) = (supervisor, path)
    Task { await supervisor.inbox(path, trouble: trouble) }
  }

  /// Does what is due until nothing is, then sets the timer.
  private func act() async {
    // Whoever is at it already takes this one too; the supervisor hears of it now, so that it begins no cycle before.
    guard !isActing, !isStopping else { return await supervisor.intake(path, pending: settling.count) }
    isActing = true
    defer { isActing = false }
    var actions = settling.act(at: Clock.nanoseconds)
    while !actions.isEmpty, !isStopping {
      await supervisor.intake(path, pending: settling.count)
      for action in actions where !isStopping { await perform(action) }
      actions = settling.act(at: Clock.nanoseconds)
    }
    await supervisor.intake(path, pending: settling.count)
    setTimer()
  }

  private func setTimer() {
    guard !isStopping else { return }
    let due = min(settling.nextWake ?? .max, nextRescan)
    // A sleep that is called off still wakes the process when it would have ended: one that ends early is kept.
    if let timer, timer.due <= due { return }
    timer?.task.cancel()
    let now = Clock.nanoseconds
    let wait = due > now ? due - now : 0
    let task = Task { [weak self] in
      try? await Task.sleep(for: .nanoseconds(Int64(clamping: wait)), tolerance: .milliseconds(100))
      if !Task.isCancelled { await self?.wake() }
    }
    timer = (due, task)
  }

  private func wake() async {
    timer = nil
    if Clock.nanoseconds >= nextRescan { await rescan() } else { await act() }
  }

  private func perform(_ action: Settling.Action) async {
    switch action {
    case .look(let place): look(at: place)
    case .admit(let file): await admit(file)
    case .giveUp(let file): await giveUp(file)
    case .rescan: list(beneath: "")
    }
  }

  private func look(at place: FilePath) {
    guard let inbox = inbox ?? open() else { return }
    switch scan.look(at: place, in: inbox) {
    case .file(let file):
      if Intake.isForUs(file) {
        names.add(file.path)
        settling.saw(file, at: Clock.nanoseconds) { self.isKnown($0) }
      } else {
        settling.lost(place)
      }
    case .directory:
      settling.lost(place)
      list(beneath: place)
    case .ignored, .skipped, .outside, .absent: settling.lost(place)
    case .unknown: break
    }
  }

  private func admit(_ file: SeenFile) async {
    let judgement = await take(file)
    again.remove(file.path)
    settling.judged(file.path, judgement, at: Clock.nanoseconds)
  }

  private func giveUp(_ file: SeenFile) async {
    guard let inbox = open() else { return }
    let verdict = Verdict(.reject, reason: file.size == 0 ? .emptyFile : .truncated)
    let arrival = Arrival(
      inbox: path, file: file, name: name(of: file, in: inbox), verdict: verdict, canonical: nil,
      mayMove: mayMove(file, in: inbox))
    await carryOut(await supervisor.decide(arrival), arrival, in: inbox)
  }

  private func name(of file: SeenFile, in inbox: Inbox) -> DroppedName {
    var path = file.path
    if file.tree == .release { path = formerPath(of: file) ?? path }
    return names.name(
      of: path, isBrain: file.kind == .brainMask, subjectPattern: settings.inbox.subjectPattern,
      sidecar: sidecar(of: file, in: inbox))
  }

  /// Where a file lay that was moved into release/: it is still the file that was held there.
  private func formerPath(of file: SeenFile) -> FilePath? {
    let held = (try? known.decisions(.held)) ?? []
    return held.last {
      $0.decision.stamp.inode == file.inode && $0.decision.stamp.size == file.size && $0.decision.inbox == path
    }?.decision.path
  }

  private func sidecar(of file: SeenFile, in inbox: Inbox) -> [UInt8]? {
    let stem = FilePath(rawBytes: FileName(of: file.path).stem + Array(".json".utf8))
    let place = file.path.removingLastComponent().appending(stem.components)
    guard let source = try? inbox.directory.open(place) else { return nil }
    defer { try? source.close() }
    return try? BoundedReader.read(source, limit: Contrast.longestSidecar)
  }

  /// Private verified copy first, ledger second, rename of the user's file third.
  private func take(_ file: SeenFile) async -> Settling.Judgement {
    guard let inbox = open() else { return .transient }
    guard await supervisor.hasRoom() else { return .transient }
    let name = name(of: file, in: inbox)
    if name.isModelOutput || isOtherContrast(name, file, in: inbox) {
      skipped.insert(file)
      return .settled
    }
    do {
      let source = try inbox.directory.open(file.path)
      defer { try? source.close() }
      guard isUnchanged(source, file) else { return .incomplete }
      let copy = try store.temporary()
      let runner = AdmitRunner(settings)
      let outcome = await runner.judge(source, as: name.role, into: copy.descriptor)
      FaultPoint.copy.pass()
      let now = scan.look(at: file.path, in: inbox)
      guard case .file(let after) = now, after.isUnchanged(since: file), isUnchanged(source, file) else {
        return .incomplete
      }
      let verdict: Verdict
      switch outcome {
      case .judged(let judged): verdict = judged
      case .died(let ending, let isHeldAgainstFile):
        guard let ruled = await supervisor.admitDied(ending, isHeldAgainstFile, file, inbox: path) else {
          return .transient
        }
        verdict = ruled
      }
      if verdict.outcome == .wait {
        return verdict.reason == .incomplete || verdict.reason == nil ? .incomplete : .transient
      }
      var canonical: Digest?
      if let text = verdict.canonicalDigest, let expected = Digest(hexadecimal: text) {
        canonical = try store.adopt(copy, digest: expected, as: .image)
      }
      let arrival = Arrival(
        inbox: path, file: file, name: name, verdict: verdict, canonical: canonical,
        mayMove: mayMove(file, in: inbox))
      FaultPoint.commit.pass()
      let ruling = await supervisor.decide(arrival)
      await carryOut(ruling, arrival, in: inbox)
      return ruling.judgement
    } catch let fault as FileFault where fault.errno == .noSuchFileOrDirectory {
      return .settled
    } catch {
      await supervisor.intakeFailed(path, error)
      return .transient
    }
  }

  /// The other contrasts of a dataset are passed over; a loose one is held, so that its owner hears of it.
  private func isOtherContrast(_ name: DroppedName, _ file: SeenFile, in inbox: Inbox) -> Bool {
    guard name.role == .scan, case .other = name.contrast else { return false }
    return isInDataset(file, in: inbox)
  }

  private func isUnchanged(_ source: FileDescriptor, _ file: SeenFile) -> Bool {
    var status = stat()
    guard fstat(source.rawValue, &status) == 0 else { return false }
    let modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    return UInt64(status.st_ino) == file.inode && Int64(status.st_size) == file.size && modified == file.modified
  }

  /// Loose files on a local disk are moved; a dataset's tree stays as its owner made it.
  private func mayMove(_ file: SeenFile, in inbox: Inbox) -> Bool {
    settings.inbox.afterAccept == .move && !file.isRemote && !isInDataset(file, in: inbox)
  }

  /// Whether the file lies in a BIDS or DataLad dataset.
  private func isInDataset(_ file: SeenFile, in inbox: Inbox) -> Bool {
    var folder = file.path.removingLastComponent()
    while !folder.isEmpty {
      for marker in ["dataset_description.json", ".datalad"] {
        var status = stat()
        let answer = folder.appending(marker).withPlatformString {
          fstatat(inbox.directory.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        if answer == 0 { return true }
      }
      folder = folder.removingLastComponent()
    }
    return false
  }

  private static func patience(_ settings: Settings) -> Settling.Patience {
    var patience = Settling.Patience()
    patience.settleLocal = settings.inbox.settle.inNanoseconds
    patience.settleRemote = settings.inbox.settleNetwork.inNanoseconds
    patience.incompleteTimeout = settings.inbox.incompleteTimeout.inNanoseconds
    return patience
  }
}

extension FileName {
  /// The name as a path of one component.
  var asPath: FilePath { FilePath(rawBytes: bytes) }
}
