import Contract
import Files
import Ledger
import SystemPackage
import Watch

// `pairs.tsv`, which says which files belong together: read once it has settled, like any other file, and before what it
// speaks of. What waits or is held is looked at again where the table gives another answer.
extension Intake {
  /// Whether a file is a table that counts: one among the labeled.
  static func isTable(_ file: SeenFile) -> Bool { file.tree == .labeled && FileName(of: file.path).isPairsTable }

  /// Reads a table that has settled.
  func takeTable(_ file: SeenFile) async -> Settling.Judgement {
    guard let inbox = open() else { return .transient }
    do throws(FileFault) {
      guard let content = try content(of: file, in: inbox) else { return .incomplete }
      let table = PairsTable(content, in: file.path.removingLastComponent().withoutTree)
      opened([file], in: inbox)
      use(table, of: file, in: inbox)
      await tell(table.refusalReceipt, about: file, in: inbox)
      return .settled
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory: return .settled
      case .fileTooLarge:
        use(nil, of: file, in: inbox)
        await tell(PairsTable.lengthReceipt, about: file, in: inbox)
        return .settled
      default:
        if error.isRefusal { return refused(file, in: inbox) }
        await supervisor.intakeFailed(path, error)
        return .transient
      }
    }
  }

  /// A table is gone: nothing of it counts any more.
  func forgetTable(at place: FilePath, in inbox: Inbox) {
    guard tables.removeValue(forKey: place) != nil else { return }
    takeBack(beside: place, on: inbox.directory)
    reconsider(beneath: place.removingLastComponent(), in: inbox) { names.take(nil, at: place) }
  }

  /// The bytes of a file; nil where it was not the same before and after.
  private func content(of file: SeenFile, in inbox: Inbox) throws(FileFault) -> [UInt8]? {
    let source = try inbox.directory.open(file.path)
    defer { try? source.close() }
    guard isUnchanged(source, file) else { return nil }
    let content = try BoundedReader.read(source, limit: PairsTable.longestFile, path: file.path)
    return isUnchanged(source, file) ? content : nil
  }

  private func use(_ table: PairsTable?, of file: SeenFile, in inbox: Inbox) {
    tables[file.path] = file
    let folder = file.path.removingLastComponent()
    // What an earlier run made of it is in the ledger: only what that left open is looked at again.
    if firstTables?.remove(file.path) != nil {
      names.take(table, at: file.path)
      resume(table, beneath: folder, in: inbox)
    } else {
      reconsider(beneath: folder, in: inbox) { names.take(table, at: file.path) }
    }
  }

  /// Leaves word beside a table; nil: nothing is wrong with it any more.
  private func tell(_ receipt: Receipt?, about file: SeenFile, in inbox: Inbox) async {
    guard let receipt else { return takeBack(beside: file.path, on: inbox.directory) }
    if replace(receipt, about: file.path, in: inbox) { await supervisor.tableRefused(receipt.reason, in: path) }
  }

  // MARK: looking again

  /// What names and tables say of a file, as far as its decision depends on it.
  private struct Answer: Equatable {
    let role: FileRole
    let partners: [FilePath]
    let isTabled: Bool
    let isDisputed: Bool
    let rater: String
  }

  private func answer(for place: FilePath) -> Answer {
    let name = name(of: place)
    return Answer(
      role: name.role, partners: name.partners, isTabled: name.isTabled, isDisputed: name.isDisputed, rater: name.rater)
  }

  /// Changes what tables say, and looks again at what is undecided beneath a folder and has another answer then.
  private func reconsider(beneath folder: FilePath, in inbox: Inbox, after change: () -> Void) {
    let undecided = undecided(beneath: folder)
    let before = undecided.map { answer(for: $0.path) }
    change()
    for (decision, answer) in zip(undecided, before) where answer != self.answer(for: decision.path) {
      lookAgain(at: decision, in: inbox)
    }
    for file in skipped where file.path.starts(with: folder) && answer(for: file.path).role == .label {
      skipped.remove(file)
      settling.hint(file.path, at: Clock.nanoseconds)
    }
  }

  /// After a start: looks again at what a table names and was decided on otherwise than it says.
  private func resume(_ table: PairsTable?, beneath folder: FilePath, in inbox: Inbox) {
    let labeled = FilePath(InboxTree.labeled.rawValue)
    let named = Set((table?.rows ?? []).flatMap { [$0.image, $0.label] }.map { labeled.appending($0.components) })
    for decision in undecided(beneath: folder) where named.contains(decision.path) {
      let answer = answer(for: decision.path)
      let isOpen =
        switch decision.reason {
        case .pairAmbiguous: answer.partners.count < 2 && !answer.isDisputed
        default: isPartnerThere(for: decision)
        }
      if answer.role != decision.role || isOpen { lookAgain(at: decision, in: inbox) }
    }
  }

  /// After a start: looks again at what waits for a scan that was taken just before the stop.
  func resumeWaiting(in inbox: Inbox) {
    for decision in undecided(beneath: "") where isPartnerThere(for: decision) { lookAgain(at: decision, in: inbox) }
  }

  /// Whether what waited for its scan need not any more.
  private func isPartnerThere(for decision: FileDecision) -> Bool {
    [.waitingPair, .pairTimeout].contains(decision.reason)
      && answer(for: decision.path).partners.contains { isCase($0) }
  }

  /// What waits or is held beneath a folder. Of a pair the header stands for both.
  private func undecided(beneath folder: FilePath) -> [FileDecision] {
    let records = [FileOutcome.held, .waiting].flatMap { outcome in (try? known.decisions(outcome)) ?? [] }
    return records.map(\.decision).filter { decision in
      decision.inbox == path && decision.path.starts(with: folder) && !FileName(of: decision.path).isVoxelHalf
    }
  }

  private func isCase(_ scan: FilePath) -> Bool {
    let decisions = (try? known.decisions(inbox: path, path: scan)) ?? []
    return decisions.first { $0.decision.role == .scan }?.decision.caseLabel != nil
  }

  private func lookAgain(at decision: FileDecision, in inbox: Inbox) {
    guard case .file(let file) = scan.look(at: decision.path, in: inbox), FileStamp(file) == decision.stamp else {
      return
    }
    again.insert(decision.path)
    settling.hint(decision.path, at: Clock.nanoseconds)
  }
}

extension PairsTable {
  /// Lines that are named in a receipt; the others are counted.
  private static let mostLines = 20

  /// What is said beside a table of the lines that do not count; nil where all do.
  var refusalReceipt: Receipt? {
    guard let first = refusals.first else { return nil }
    let escapes = refusals.filter { $0.fault == .escape }
    let reason = escapes.isEmpty ? nil : ReasonCode.pathEscape
    let numbers = escapes.first.map { [Verdict.Number("line", String($0.line))] } ?? []
    var lines = refusals.prefix(Self.mostLines).map { "Line \($0.line): \($0.fault.words)." }
    if refusals.count > lines.count { lines.append("And \(refusals.count - lines.count) more lines.") }
    lines.append(rows.isEmpty ? "No line of the table counts." : "The other lines count.")
    return Receipt(
      .held, reason: reason, explanation: reason?.explanation(with: numbers) ?? "Line \(first.line) cannot be read.",
      remedy: reason?.remedy
        ?? "Write a line for each pair: image, label, and where they are known rater, subject, session, with tabs between.",
      lines: lines)
  }

  /// What is said beside a table that is not read.
  static let lengthReceipt = Receipt(
    .held, reason: .tooLarge, explanation: "The table is longer than \(longestFile >> 20) MiB and was not read.",
    remedy: "Put a table of its own into each folder.")
}

extension PairsTable.Refusal.Fault {
  fileprivate var words: String {
    switch self {
    case .escape: "a path leads out of the folder"
    case .noTabs: "there is no tab between its columns"
    case .unnamed: "it names no image or no label"
    case .same: "image and label are the same file"
    case .notText: "it is no text, or too long"
    }
  }
}
