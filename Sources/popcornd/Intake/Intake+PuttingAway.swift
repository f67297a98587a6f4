import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What is done to a user's file once the ledger knows: renamed onto a shelf, with a receipt beside it.
extension Intake {
  /// Carries out what the supervisor decided.
  func carryOut(_ ruling: Ruling, _ arrival: Arrival, in inbox: Inbox) async {
    FaultPoint.rename.pass()
    if let receipt = ruling.receipt {
      takeBackHeld(before: receipt, about: arrival, in: inbox)
    } else if !ruling.records.isEmpty {
      // It waits, and may have been held for another reason before.
      takeBack(beside: arrival.file.path, on: inbox.directory)
    }
    guard let shelf = ruling.shelf else {
      for part in arrival.parts { settleName(of: part.file, of: arrival, after: ruling, isMoved: false) }
      if let receipt = ruling.receipt, !leave(receipt, beside: arrival.file.path, on: inbox.directory) {
        untold.append((arrival.file, receipt))
      }
      return
    }
    for (record, part) in zip(ruling.records, arrival.parts) {
      let outcome = (try? putAway(part.file, on: shelf, ruling.month, in: inbox, isResumed: false)) ?? .left
      FaultPoint.rename.pass()
      // One receipt for both of a pair, beside the header. It is left before the ledger calls the move done: a crash between
      // the two then finds a move to finish, and whether its receipt is there. So does a share that takes no receipt now.
      var isTold = true
      if part.file == arrival.file, let receipt = ruling.receipt {
        switch outcome {
        case .moved(let moved): isTold = leave(receipt, beside: moved, on: shelf)
        case .left:
          if !leave(receipt, beside: part.file.path, on: inbox.directory) { untold.append((part.file, receipt)) }
        case .lost: break
        }
      }
      FaultPoint.receipt.pass()
      if isTold {
        await settle(record, outcome)
      } else {
        unfinished.append(
          UnfinishedMove(record: record, file: part.file, shelf: shelf, month: ruling.month, receipt: ruling.receipt))
      }
      let isMoved = if case .moved = outcome { true } else { false }
      settleName(of: part.file, of: arrival, after: ruling, isMoved: isMoved)
      // Whoever saved into it meanwhile is heard too.
      if outcome == .lost { settling.hint(part.file.path, at: Clock.nanoseconds) }
    }
  }

  /// Finishes a rename that a crash interrupted. Answers whether it could be.
  func finish(_ move: UnfinishedMove) async -> Bool {
    guard let inbox = open() else { return false }
    do {
      let outcome = try putAway(move.file, on: move.shelf, move.month, in: inbox, isResumed: true)
      if let receipt = move.receipt {
        switch outcome {
        case .moved(let moved):
          guard leaveAgain(receipt, beside: moved, on: try Directory(folder(of: move.shelf))) else { return false }
        case .left: untold.append((move.file, receipt))
        case .lost: break
        }
      }
      await settle(move.record, outcome)
      return true
    } catch {
      await supervisor.intakeFailed(path, error)
      return false
    }
  }

  /// Leaves word about a file that was dealt with earlier, where it lies now; of what is gone nobody needs word.
  func leave(_ receipt: Receipt, about decision: FileDecision) {
    guard let (place, directory) = presence(of: decision) else { return }
    if !leave(receipt, beside: place, on: directory) { areReceiptsOwed = true }
  }

  /// The same where a crash may have kept it from being left.
  @discardableResult
  func leaveAgain(_ receipt: Receipt, about decision: FileDecision) -> Bool {
    guard let (place, directory) = presence(of: decision) else { return true }
    return leaveAgain(receipt, beside: place, on: directory)
  }

  /// The same of a file that stays in its inbox, as long as it is the same.
  func leaveAgain(_ receipt: Receipt, beside file: SeenFile, in inbox: Inbox) -> Bool {
    guard case .file(let now) = scan.look(at: file.path, in: inbox), FileStamp(now) == FileStamp(file) else {
      return true
    }
    return leaveAgain(receipt, beside: file.path, on: inbox.directory)
  }

  /// Where a file lies that was dealt with earlier; nil where it is gone.
  private func presence(of decision: FileDecision) -> (place: FilePath, directory: Directory)? {
    guard let (place, directory) = whereabouts(of: decision) else { return nil }
    if case .done = decision.move {
      guard let file = try? directory.open(place) else { return nil }
      try? file.close()
    }
    return (place, directory)
  }

  /// Takes back what was said about a held file that was dealt with earlier: it waits for nobody any more.
  func takeBack(about decision: FileDecision) {
    guard let (place, directory) = whereabouts(of: decision) else { return }
    takeBack(beside: place, on: directory)
  }

  /// The same about a file in hand, which gets `receipt` now: where it lies, unless it is held again, and where it lay
  /// before a person moved it into release/.
  private func takeBackHeld(before receipt: Receipt, about arrival: Arrival, in inbox: Inbox) {
    if receipt.kind != .held { takeBack(beside: arrival.file.path, on: inbox.directory) }
    if let former = arrival.formerPath { takeBack(beside: former, on: inbox.directory) }
  }

  /// Takes back that a file is held, or held for one reason.
  func takeBack(because reason: ReasonCode? = nil, beside place: FilePath, on shelf: Directory) {
    let parent = place.removingLastComponent()
    guard let folder = parent.isEmpty ? shelf : try? shelf.directory(parent) else { return }
    Receipt.withdraw(.held, because: reason, for: FileName(of: place).asPath, from: folder)
  }

  /// Where a file was put that was dealt with earlier, or lies since; nil where it is gone from the inbox.
  private func whereabouts(of decision: FileDecision) -> (place: FilePath, directory: Directory)? {
    switch decision.move {
    case .done(let moved):
      guard let shelf = Shelf(of: decision.outcome) else { return nil }
      return (try? Directory(folder(of: shelf))).map { (moved, $0) }
    case .none, .planned, .lost:
      guard let inbox = open(), case .file(let file) = scan.look(at: decision.path, in: inbox),
        FileStamp(file) == decision.stamp
      else { return nil }
      return (decision.path, inbox.directory)
    }
  }

  private func settle(_ record: Int, _ outcome: UserFile.Outcome) async {
    switch outcome {
    case .moved(let moved): await supervisor.settle(record, as: .done(moved))
    case .left: await supervisor.settle(record, as: .none)
    case .lost: await supervisor.settle(record, as: .lost)
    }
  }

  /// Renames the file onto the shelf. A move that is `isResumed` may have been made already.
  private func putAway(
    _ file: SeenFile, on shelf: Shelf, _ month: String, in inbox: Inbox, isResumed: Bool
  ) throws(FileFault) -> UserFile.Outcome {
    let destination = try Directory(folder(of: shelf))
    let folder = try nearestFolder(of: file, in: inbox)
    let user = UserFile(FileName(of: file.path).asPath, in: folder, stamp: FileStamp(file))
    let subfolder = subfolder(for: file, month)
    if isResumed, let moved = try user.findMoved(in: destination, subfolder) { return moved }
    return try user.putAway(in: destination, subfolder, as: nameBesideHeader(of: file))
  }

  /// The folder that a file lay in. Where its owner has removed that, as one may that a move has emptied, the nearest around it:
  /// the file is not in it, and is looked for on its shelf.
  private func nearestFolder(of file: SeenFile, in inbox: Inbox) throws(FileFault) -> Directory {
    let absences: Set<Errno> = [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels]
    var place = file.path.removingLastComponent()
    while !place.isEmpty {
      do throws(FileFault) {
        return try inbox.directory.directory(place)
      } catch {
        guard absences.contains(error.errno) else { throw error }
        place = place.removingLastComponent()
      }
    }
    return inbox.directory
  }

  /// The name that the `.img` of a pair needs where its header had to be given another; nil for its own.
  private func nameBesideHeader(of file: SeenFile) -> FilePath? {
    let name = FileName(of: file.path)
    guard name.isVoxelHalf else { return nil }
    let folder = file.path.removingLastComponent()
    for header in name.otherHalf {
      let decisions = try? known.decisions(inbox: path, path: folder.appending(header.asPath.components))
      guard case .done(let moved) = decisions?.first?.decision.move else { continue }
      return FileName(FileName(of: moved).stem + name.bytes.suffix(4)).asPath
    }
    return nil
  }

  /// The month, then the folders that the file lay in beneath its tree.
  private func subfolder(for file: SeenFile, _ month: String) -> FilePath {
    var subfolder = FilePath(month)
    for component in file.path.removingLastComponent().components.dropFirst() { subfolder.append(component) }
    return subfolder
  }

  private func leave(_ receipt: Receipt, beside place: FilePath, on shelf: Shelf) -> Bool {
    do throws(FileFault) {
      return leave(receipt, beside: place, on: try Directory(folder(of: shelf)))
    } catch {
      tellOfReceipts(error)
      return false
    }
  }

  /// The receipt that a crash may have kept from being left, and may have left half. Answers whether it is there.
  private func leaveAgain(_ receipt: Receipt, beside place: FilePath, on shelf: Directory) -> Bool {
    let parent = place.removingLastComponent()
    if let folder = parent.isEmpty ? shelf : try? shelf.directory(parent) {
      try? DurableFile.removeTemporaries(from: folder)
      if receipt.isThere(for: FileName(of: place).asPath, in: folder) { return true }
    }
    return leave(receipt, beside: place, on: shelf)
  }

  /// Under the name that the file has now: another of its old name may lie there already. Answers false where it cannot be left
  /// as things are.
  @discardableResult
  func leave(_ receipt: Receipt, beside place: FilePath, on shelf: Directory) -> Bool {
    let parent = place.removingLastComponent()
    do throws(FileFault) {
      let folder = parent.isEmpty ? shelf : try shelf.directory(parent)
      try receipt.write(for: FileName(of: place).asPath, in: folder)
      if areReceiptsMissing { tellOfReceipts(nil) }
      return true
    } catch {
      // Of what is gone with its folder nobody needs word.
      if error.errno == .noSuchFileOrDirectory { return true }
      tellOfReceipts(error)
      return false
    }
  }

  /// The supervisor hears once that receipts cannot be left, and once that they can again.
  private func tellOfReceipts(_ fault: FileFault?) {
    let isNews = areReceiptsMissing != (fault != nil)
    areReceiptsMissing = fault != nil
    let (supervisor, path) = (supervisor, path)
    if isNews { Task { await supervisor.receipts(in: path, fault: fault) } }
  }

  private func folder(of shelf: Shelf) -> FilePath {
    switch shelf {
    case .done: FilePath(settings.doneDirectory(of: path.string))
    case .duplicates: FilePath(settings.duplicatesDirectory(of: path.string))
    case .rejected: FilePath(settings.rejectedDirectory(of: path.string))
    }
  }
}

/// A rename that was decided on before a crash, as far as the ledger knows.
struct UnfinishedMove: Sendable {
  let record: Int
  let file: SeenFile
  let shelf: Shelf
  let month: String
  /// nil where another file of the same arrival has it.
  let receipt: Receipt?
}
