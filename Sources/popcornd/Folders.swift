import Configuration
import Contract
import Files
import Glibc
import SystemPackage
import Watch

/// The study's folders, made where they are missing; those that are there are left as they are.
enum Folders {
  /// A folder cannot be made or used.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
    let exit: ExitCode
    /// Whether it may pass without another configuration: a share is not mounted yet, or is full, or the service may not
    /// write there.
    var mayPass = false
  }

  /// Makes what is missing. Throws `Trouble` where an inbox holds or is an output folder: its own results would come
  /// back as scans. Answers the inboxes that are late: those that have not answered within `patience`, on shares that hang,
  /// and those in which nothing can be made now, for which a run with `--once` does not wait. The others do not wait for them,
  /// nor for an outbox that hangs.
  static func prepare(
    _ settings: Settings, isOnce: Bool, patience: Duration = .seconds(10)
  ) async throws(Trouble) -> Set<FilePath> {
    let missing = try await visit(settings.inbox.path, patience, passesOver: !isOnce) { inbox throws(Trouble) in
      try make(inbox, settings)
    }
    _ = try await visit([settings.output.path, settings.statusDirectory], patience) { folder throws(Trouble) in
      try make(folder, 0o750)
    }
    // Everybody may come to the control socket, which looks at who asks.
    try make(settings.run.path, 0o755)
    let real = await resolved(folders(of: settings), patience)
    for inbox in settings.inbox.path where !missing.contains(inbox) {
      try refuseLoops(inbox, settings) { real[$0] ?? $0 }
    }
    return Set(missing.map { FilePath($0) })
  }

  /// The same for an inbox alone that was late then. Blocks as long as its share hangs.
  static func prepare(inbox: String, _ settings: Settings) throws(Trouble) {
    try make(inbox, settings)
    try refuseLoops(inbox, settings, resolved)
  }

  /// Does something that may hang for each folder; answers those for which that was not done within `patience`, or, where it
  /// `passesOver` them, could not be done now.
  private static func visit(
    _ folders: [String], _ patience: Duration, passesOver: Bool = false,
    _ act: @escaping @Sendable (String) throws(Trouble) -> Void
  ) async throws(Trouble) -> Set<String> {
    let limit = ContinuousClock.now + patience
    let visits = folders.map { folder in
      Undertaking<Result<Void, Trouble>>(blocking: { Result { () throws(Trouble) in try act(folder) } })
    }
    var late: Set<String> = []
    for (folder, visit) in zip(folders, visits) {
      guard let outcome = await visit.outcome(before: limit) else {
        late.insert(folder)
        continue
      }
      do throws(Trouble) {
        try outcome.get()
      } catch {
        guard error.mayPass, passesOver else { throw error }
        late.insert(folder)
      }
    }
    return late
  }

  /// All folders of a study, which must not lie in each other.
  private static func folders(of settings: Settings) -> [String] {
    [settings.output.path, settings.statusDirectory, settings.state.path] + settings.inbox.path
      + settings.inbox.path.flatMap { shelves(of: $0, settings) }
  }

  private static func shelves(of inbox: String, _ settings: Settings) -> [String] {
    [settings.doneDirectory(of: inbox), settings.rejectedDirectory(of: inbox), settings.duplicatesDirectory(of: inbox)]
  }

  /// The paths with their links resolved, those that answer within `patience`.
  private static func resolved(_ paths: [String], _ patience: Duration) async -> [String: String] {
    let limit = ContinuousClock.now + patience
    let works = paths.map { path in Undertaking<String>(blocking: { resolved(path) }) }
    var real: [String: String] = [:]
    for (path, work) in zip(paths, works) { real[path] = await work.outcome(before: limit) }
    return real
  }

  private static func make(_ inbox: String, _ settings: Settings) throws(Trouble) {
    for tree in ["unlabeled", "labeled", "release"] { try make("\(inbox)/\(tree)", 0o770) }
    writeReadme(in: inbox)
    for shelf in shelves(of: inbox, settings) { try make(shelf, 0o770) }
  }

  private static func make(_ path: String, _ mode: mode_t) throws(Trouble) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, mode) != 0, Glibc.errno != EEXIST {
        let reason = Errno(rawValue: Glibc.errno)
        // What no share that comes changes: the path itself is wrong.
        let isForGood = [.notDirectory, .fileNameTooLong].contains(reason)
        let remedy = isForGood ? "" : ": mount its share, or let the service write there (ReadWritePaths= of its unit)"
        throw Trouble(
          description: "cannot make \(made): \(reason)\(remedy)", exit: .cannotCreate, mayPass: !isForGood)
      }
    }
  }

  private static func refuseLoops(
    _ inbox: String, _ settings: Settings, _ real: (String) -> String
  ) throws(Trouble) {
    let others =
      [settings.output.path, settings.statusDirectory, settings.state.path] + shelves(of: inbox, settings)
      + settings.inbox.path.filter { $0 != inbox }
    for other in others where Settings.overlap(real(inbox), real(other)) {
      throw Trouble(
        description: "\(ReasonCode.loop.rawValue): \(other) lies in the inbox \(inbox) or around it; keep them apart",
        exit: .configuration)
    }
  }

  private static func resolved(_ path: String) -> String {
    FaultPoint.follow.pass()
    return Settings.realPath(path)
  }

  private static func writeReadme(in inbox: String) {
    guard let directory = try? Directory(FilePath(inbox)) else { return }
    // An administrator's own words stay.
    try? DurableFile.write(Array(readme.utf8), as: "README.txt", in: directory, existing: .refuse)
  }

  private static let readme = """
    Drop FLAIR scans (NIfTI: .nii, .nii.gz, or .hdr with .img) here and get lesion masks back in the outbox.

    unlabeled/   scans without masks. Folders are fine, up to \(InboxScan.deepest) deep.
    labeled/     scans with an expert's lesion mask, or a corrected mask alone.
                 A mask is found by its name: NAME_FLAIR.nii.gz and NAME_mask.nii.gz,
                 several experts: NAME_mask1.nii.gz, NAME_mask2.nii.gz.
                 A brain mask beside a scan: NAME_brainmask.nii.gz.
                 Other names: a table pairs.tsv beside them, a line for each pair: scan, tab, mask.
    release/     move a held file here to have it taken as it is.

    Nothing is deleted. Accepted files are moved to done/, with a receipt that names the case and its
    mask; what cannot be used goes to rejected/ with a receipt that says why and what to do.
    status/STATUS.txt says how things are.

    Research software. Not for diagnosis.

    """
}
