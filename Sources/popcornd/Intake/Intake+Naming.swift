import Contract
import Files
import Glibc
import Ledger
import SystemPackage
import Watch

// What a file's place says of it: what it is read as, whose it is, whether it may be moved.
extension Intake {
  /// What is known of a file before it is read, by where it lies and the JSON beside it.
  func name(of file: SeenFile, in inbox: Inbox) -> DroppedName {
    let place = formerPath(of: file) ?? file.path
    names.add(place)
    return name(of: place, sidecar: sidecar(of: file, in: inbox))
  }

  /// After a start: what lies there is seen when it is listed; what counts besides, the ledger knows.
  func recallNames() {
    for outcome in [FileOutcome.accepted, .duplicate] {
      for record in (try? known.decisions(outcome)) ?? []
      where record.decision.inbox == path && record.decision.role == .scan {
        names.stand(for: record.decision.path)
      }
    }
    for record in (try? known.decisions(.rejected)) ?? []
    where record.decision.inbox == path && record.decision.move == .none {
      names.reject(record.decision.path, record.decision.stamp)
    }
  }

  /// Which name counts after a decision: that of a scan that is a case, wherever it goes; else that of what stays there,
  /// unless it is rejected.
  func settleName(of file: SeenFile, of arrival: Arrival, after ruling: Ruling, isMoved: Bool) {
    let kind = ruling.receipt?.kind
    if arrival.name.role == .scan, kind == .accepted || kind == .duplicate {
      names.stand(for: file.path)
      names.stand(for: arrival.home)
      return
    }
    if let former = arrival.formerPath { names.remove(former) }
    if isMoved {
      names.remove(file.path)
    } else if kind == .rejected {
      names.reject(file.path, FileStamp(file))
    }
  }

  /// The same of a place. The `.img` of a pair is what its header is.
  func name(of place: FilePath, sidecar: [UInt8]? = nil) -> DroppedName {
    let (folder, name) = (place.removingLastComponent(), FileName(of: place))
    let header = name.isVoxelHalf ? name.otherHalf.first ?? name : name
    return names.name(
      of: folder.appending(header.asPath.components), isBrain: header.isBrainMask(inFolder: FileName(of: folder).bytes),
      subjectPattern: settings.inbox.subjectPattern, sidecar: sidecar)
  }

  /// The other contrasts of a dataset are passed over; a loose one is held, so that its owner hears of it.
  func isOtherContrast(_ name: DroppedName, _ file: SeenFile, in inbox: Inbox) -> Bool {
    guard name.role == .scan, case .other = name.contrast else { return false }
    return isInDataset(file, in: inbox)
  }

  /// Loose files on a local disk are moved; a dataset's tree stays as its owner made it.
  func mayMove(_ file: SeenFile, in inbox: Inbox) -> Bool {
    settings.inbox.afterAccept == .move && !file.isRemote && !isInDataset(file, in: inbox)
  }

  /// Where a file lay that was moved into release/: it is still the file that was held there, or the mask that was taken.
  func formerPath(of file: SeenFile) -> FilePath? {
    guard file.tree == .release else { return nil }
    let held = (try? known.held(beforeRelease: file, in: path))?.decision.path
    return held ?? (try? known.mask(beforeRelease: file, in: path))?.decision.path
  }

  /// Whether something lies at a scan's place that was not decided on as it is: names are free again once their files were put
  /// away, and the next patient's scan may be called as the last one's was.
  func isUndecided(_ scan: FilePath, in inbox: Inbox) -> Bool {
    switch self.scan.look(at: scan, in: inbox) {
    case .file(let file):
      switch (try? known.decision(inbox: path, path: scan, stamp: FileStamp(file)))?.decision.move {
      case .some(.none), .planned: return false
      case nil, .done, .lost: return true
      }
    case .unknown: return true
    case .directory, .ignored, .skipped, .outside, .absent: return false
    }
  }

  private func sidecar(of file: SeenFile, in inbox: Inbox) -> [UInt8]? {
    let place = file.path.removingLastComponent().appending(FileName(of: file.path).sidecar.asPath.components)
    guard let source = try? inbox.directory.open(place) else { return nil }
    defer { try? source.close() }
    return try? BoundedReader.read(source, limit: Contrast.longestSidecar)
  }

  /// Whether the file lies in a BIDS or DataLad dataset.
  private func isInDataset(_ file: SeenFile, in inbox: Inbox) -> Bool {
    dataset(around: file.path.removingLastComponent(), in: inbox) != nil
  }

  /// The BIDS or DataLad dataset that a folder is or lies in; of one within another the inner.
  func dataset(around folder: FilePath, in inbox: Inbox) -> FilePath? {
    var folder = folder
    while !folder.isEmpty {
      for marker in ["dataset_description.json", ".datalad"] {
        var status = stat()
        let answer = folder.appending(marker).withPlatformString {
          fstatat(inbox.directory.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        if answer == 0 { return folder }
      }
      folder = folder.removingLastComponent()
    }
    return nil
  }
}

extension Ledger {
  /// What was decided about a held file before a person moved it into release/: a listing may have found it gone from where it
  /// was held. A rename keeps inode, size and time. The inode alone may be another file's since; the device is another one
  /// whenever a share is mounted anew.
  func held(beforeRelease file: SeenFile, in inbox: FilePath) throws(LedgerFault) -> FileRecord? {
    try decisions(.held, orGone: true).last { record in
      let (decision, stamp) = (record.decision, record.decision.stamp)
      return stamp.inode == file.inode && stamp.size == file.size && stamp.modified == file.modified
        && decision.inbox == inbox && InboxTree(holding: decision.path) != .release
    }
  }

  /// What was decided about an expert's mask that was taken, or was known, before a person moved it into release/ so that
  /// it counts again.
  func mask(beforeRelease file: SeenFile, in inbox: FilePath) throws(LedgerFault) -> FileRecord? {
    guard file.tree == .release, let record = try decision(inbox: inbox, stamp: FileStamp(file)),
      record.decision.role == .label, [.accepted, .duplicate].contains(record.decision.outcome),
      InboxTree(holding: record.decision.path) != .release
    else { return nil }
    return record
  }
}

extension FileName {
  /// The name as a path of one component.
  var asPath: FilePath { FilePath(rawBytes: bytes) }
}
