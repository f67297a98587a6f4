import Contract
import Files
import Ledger
import SystemPackage
import Watch

// What may not be read. Its owner alone can mend that and hears of it beside the file. After that it is followed no more, so
// that any number of such files are in nobody's way; each listing tries to open them, because a mode may change at any time and
// nothing else changes with it.
extension Intake {
  /// A file may not be opened.
  func refused(_ file: SeenFile, in inbox: Inbox) -> Settling.Judgement {
    if unreadable.refused(file.path, most: Unreadable.mostTries) {
      let reason = ReasonCode.noPermission
      let receipt = Receipt(
        .held, reason: reason, explanation: reason.explanation(with: []), remedy: reason.remedy,
        lines: ["It is taken by itself once it may be read."])
      leave(receipt, beside: file.path, on: inbox.directory)
      tellUnreadable(isNew: true)
    }
    return unreadable.told.contains(file.path) ? .refused : .transient
  }

  /// Whether a file may be read now of which its owner was told that it may not, of a pair either half; nil where nobody was.
  func mayBeReadNow(_ file: SeenFile, in inbox: Inbox) -> Bool? {
    guard !unreadable.told.isEmpty else { return nil }
    let folder = file.path.removingLastComponent()
    let halves = FileName(of: file.path).otherHalf.map { folder.appending($0.asPath.components) }
    let told = ([file.path] + halves).filter { unreadable.told.contains($0) }
    return told.isEmpty ? nil : told.allSatisfy { mayOpen($0, in: inbox) }
  }

  /// Whether opening is not refused. What else may be wrong with a file is seen when it is taken.
  private func mayOpen(_ place: FilePath, in inbox: Inbox) -> Bool {
    do throws(FileFault) {
      let file = try inbox.directory.open(place)
      try? file.close()
      return true
    } catch {
      return !error.isRefusal
    }
  }

  /// Files could be opened: whatever was said of that is taken back, what an earlier run said too.
  func opened(_ files: [SeenFile], in inbox: Inbox) {
    for file in files { takeBack(because: .noPermission, beside: file.path, on: inbox.directory) }
    let wasTold = files.count { unreadable.forget($0.path) } > 0
    if wasTold { tellUnreadable(isNew: false) }
  }

  /// Files are gone: nobody waits any more that they may be read.
  func noteGone(_ places: some Sequence<FilePath>, in inbox: Inbox) {
    let told = places.filter { unreadable.forget($0) }
    for place in told { takeBack(because: .noPermission, beside: place, on: inbox.directory) }
    if !told.isEmpty { tellUnreadable(isNew: false) }
  }

  /// Everything was listed but for what is beneath these.
  func noteClosedFolders(_ faults: [FileFault], in inbox: Inbox) {
    var closed: Set<FilePath> = []
    for fault in faults where fault.isRefusal {
      let place = place(of: fault, in: inbox)
      // Of a folder that may be listed and not entered each name is refused.
      let folder = fault.act == "stat" ? place.removingLastComponent() : place
      if !folder.isEmpty { closed.insert(folder) }
    }
    let open = closedFolders.places.subtracting(closed).filter { closedFolders.forget($0) }
    for folder in open { takeBack(because: .noPermission, beside: folder, on: inbox.directory) }
    let told = closed.filter { closedFolders.refused($0, most: Unreadable.mostListings) }
    for folder in told {
      let receipt = Receipt(
        .held, reason: .noPermission, explanation: "The service may not look into this folder.",
        remedy: "Let the group look into it: chmod g+rx FOLDER.",
        lines: ["What is in it is taken by itself once that may be read."])
      leave(receipt, beside: folder, on: inbox.directory)
    }
    if !open.isEmpty || !told.isEmpty { tellUnreadable(isNew: !told.isEmpty) }
  }

  /// Where in the inbox a fault was met; empty, which is everywhere, where that is not known.
  func place(of fault: FileFault, in inbox: Inbox) -> FilePath {
    var place = fault.path
    return place.removePrefix(inbox.directory.path) ? place : ""
  }

  private func tellUnreadable(isNew: Bool) {
    let (supervisor, path, count) = (supervisor, path, unreadable.told.count + closedFolders.told.count)
    Task { await supervisor.unreadable(path, count: count, isNew: isNew) }
  }
}
