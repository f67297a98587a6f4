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
    guard let record = ruling.record, let shelf = ruling.shelf else {
      if let receipt = ruling.receipt { leave(receipt, beside: arrival.file.path, on: inbox.directory) }
      return
    }
    let outcome = (try? putAway(arrival.file, on: shelf, ruling.month, in: inbox, isResumed: false)) ?? .left
    FaultPoint.rename.pass()
    await settle(record, outcome, shelf)
    guard let receipt = ruling.receipt else { return }
    switch outcome {
    case .moved(let moved): leave(receipt, beside: moved, on: shelf)
    case .left: leave(receipt, beside: arrival.file.path, on: inbox.directory)
    case .lost: break
    }
  }

  /// Finishes a rename that a crash interrupted.
  func finish(_ move: UnfinishedMove) async {
    guard let inbox = open() else { return }
    do {
      let outcome = try putAway(move.file, on: move.shelf, move.month, in: inbox, isResumed: true)
      await settle(move.record, outcome, move.shelf)
      if case .moved(let moved) = outcome { leave(move.receipt, beside: moved, on: move.shelf) }
    } catch {
      await supervisor.intakeFailed(path, error)
    }
  }

  private func settle(_ record: Int, _ outcome: UserFile.Outcome, _ shelf: Shelf) async {
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
    let parent = file.path.removingLastComponent()
    let folder = parent.isEmpty ? inbox.directory : try inbox.directory.directory(parent)
    let user = UserFile(FileName(of: file.path).asPath, in: folder, inode: file.inode)
    let subfolder = subfolder(for: file, month)
    if isResumed, let moved = try user.findMoved(in: destination, subfolder) { return moved }
    return try user.putAway(in: destination, subfolder)
  }

  /// The month, then the folders that the file lay in beneath its tree.
  private func subfolder(for file: SeenFile, _ month: String) -> FilePath {
    var subfolder = FilePath(month)
    for component in file.path.removingLastComponent().components.dropFirst() { subfolder.append(component) }
    return subfolder
  }

  private func leave(_ receipt: Receipt, beside place: FilePath, on shelf: Shelf) {
    guard let directory = try? Directory(folder(of: shelf)) else { return }
    leave(receipt, beside: place, on: directory)
  }

  /// Under the name that the file has now: another of its old name may lie there already.
  private func leave(_ receipt: Receipt, beside place: FilePath, on shelf: Directory) {
    let parent = place.removingLastComponent()
    guard let folder = parent.isEmpty ? shelf : try? shelf.directory(parent) else { return }
    _ = try? receipt.write(for: FileName(of: place).asPath, in: folder)
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
  let receipt: Receipt
}
